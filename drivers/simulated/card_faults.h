/* The faults a simulated card is told to have: where they stand and what each does. */
#pragma once
#include "card_clock.h"

static struct fault *due(struct card *c, int way, long long frames) {
    struct fault *first = NULL;
    for (struct fault *f = c->fault; f < c->fault + c->faults; f++)
        if (!f->fired && f->way == way && f->at < c->moved[way] + frames && (!first || f->at < first->at)) first = f;
    return first;
}

/* Fire what is due in the next `frames`; returns how many of them still pass, or -errno. */
static long long fire(struct stream *s, long long frames) {
    struct card *c = s->card;
    struct fault *f = due(c, s->way, frames);
    if (!f) return frames;
    long long before = f->at - c->moved[s->way];
    f->fired = 1;
    switch (f->kind) {
    case SHORT:
        before = before < 1 ? 1 : before;
        if (before < frames) {
            both_xrun(c);
            return before;
        }
        __attribute__((fallthrough)); /* a transfer of one frame cannot be cut */
    case XRUN:
        both_xrun(c);
        s->io.state = SND_PCM_STATE_XRUN;
        return -EPIPE;
    case GONE:
        c->gone_until = now_ns() + (long long)(f->seconds / fast(c) * 1e9);
        c->opens_left = f->opens;
        if (!c->realtime) c->moved[CAPTURE] += llround(f->seconds * c->rate);
        for (int w = 0; w < 2; w++)
            if (c->way[w]) c->way[w]->dead = 1, c->way[w]->running = 0;
        return -ENODEV;
    default: /* STALL */
        c->stall_until = now_ns() + (long long)(f->seconds / fast(c) * 1e9);
        return -EIO;
    }
}

/* "xrun@48000,gone@96000+0.5,play.short@640,gone@1000*3": [play.]KIND@FRAME[+SECONDS][*OPENS] */
static int parse_faults(struct card *c, const char *text) {
    free(c->faults_text);
    c->faults_text = strdup(text);
    c->faults = 0;
    while (*text) {
        struct fault f = {.way = CAPTURE};
        char *end;
        if (!strncmp(text, "play.", 5)) f.way = PLAY, text += 5;
        for (f.kind = 0; f.kind < KINDS; f.kind++)
            if (!strncmp(text, KIND_NAME[f.kind], strlen(KIND_NAME[f.kind]))) break;
        if (f.kind == KINDS || c->faults == MAX_FAULTS) return -EINVAL;
        text += strlen(KIND_NAME[f.kind]);
        if (*text++ != '@') return -EINVAL;
        f.at = strtoll(text, &end, 10);
        if (end == text) return -EINVAL;
        if (*(text = end) == '+') f.seconds = strtod(text + 1, &end), text = end;
        if (*text == '*') f.opens = strtol(text + 1, &end, 10), text = end;
        if (*text && *text++ != ',') return -EINVAL;
        c->fault[c->faults++] = f;
    }
    return 0;
}
