/* The simulated card's one clock: who may hold it, how late the application was, what a stop loses. */
#pragma once
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sys/timerfd.h>
#include <time.h>

#define PLAY SND_PCM_STREAM_PLAYBACK
#define CAPTURE SND_PCM_STREAM_CAPTURE
enum { XRUN, SHORT, GONE, STALL, KINDS };
static const char *const KIND_NAME[KINDS] = {"xrun", "short", "gone", "stall"};
#define MAX_FAULTS 256
#define HELD_S 2.0      /* a direction that waits this long for the other one gets -EIO */
#define IO_TIMEOUT_S 0.1 /* what the kernel waits for a card whose clock stands still */

struct fault { int kind, way, opens, fired; long long at; double seconds; };

struct stream {
    snd_pcm_ioplug_t io;
    struct card *card;
    int way, timer_fd, file_fd, running, xrun, dead;
    unsigned frame_bytes;
    double start;              /* card clock at which it was started */
    long long appl, deadline;  /* frames moved since prepare; when to give up waiting, ns */
};

struct card {
    struct card *next;
    char *name, *faults_text, *report;
    struct stream *way[2];
    int realtime, loop, ticking, began;
    double speed, rate, base;  /* card clock in frames at `since` */
    long long since, gone_until, stall_until, moved[2];
    int opens_left;
    struct fault fault[MAX_FAULTS];
    int faults;
    long long opens, refused, xruns, late_count;
    double late_s, late_max_s;
};

static struct card *cards;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_s(double seconds) {
    struct timespec t = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    nanosleep(&t, NULL);
}

static double fast(const struct card *c) { return !c->realtime && c->speed > 0 ? c->speed : 1; }
static int unpaced(const struct card *c) { return !c->realtime && c->speed <= 0; }

/* How far the clock may go before a stream would run dry or over (virtual pace). */
static double limit(const struct card *c) {
    double most = HUGE_VAL;
    for (int w = 0; w < 2; w++) {
        const struct stream *s = c->way[w];
        if (s && s->running) most = fmin(most, s->start + s->appl + (w == CAPTURE ? s->io.buffer_size : 0));
    }
    return most;
}

static double clock_frames(struct card *c) {
    if (!c->ticking) return c->base;
    long long now = now_ns();
    double frames = c->base + (now - c->since) * 1e-9 * c->rate * fast(c), most = c->realtime ? HUGE_VAL : limit(c);
    if (unpaced(c) && most < HUGE_VAL) return c->base = most;
    if (frames > most) {
        double late = (frames - most) / (c->rate * fast(c));
        c->late_s += late;
        c->late_count++;
        c->late_max_s = fmax(c->late_max_s, late);
        c->base = frames = most;
        c->since = now;
    }
    return frames;
}

/* Start or stop the clock after anything that decides whether it runs. */
static void retick(struct card *c) {
    long long now = now_ns();
    const struct stream *p = c->way[PLAY], *r = c->way[CAPTURE];
    if (c->stall_until && now >= c->stall_until) c->stall_until = 0;
    int runs = (p && p->running) || (r && r->running);
    if (p && p->running && r && !r->running && r->io.state != SND_PCM_STATE_OPEN) runs = 0; /* wait for capture */
    if (c->realtime) runs = c->began;
    if (c->stall_until) runs = 0;
    if (runs == c->ticking) return;
    c->base = clock_frames(c);
    c->since = now;
    c->ticking = runs;
}

static long long hw_frames(struct stream *s) {
    if (!s->running) return 0;
    long long frames = (long long)floor(clock_frames(s->card) - s->start + 1e-6);
    return s->card->realtime ? frames : frames / (long long)s->io.period_size * (long long)s->io.period_size;
}

static long long avail(struct stream *s) {
    long long hw = hw_frames(s);
    return s->way == PLAY ? (long long)s->io.buffer_size - (s->appl - hw) : hw - s->appl;
}

static void halt(struct stream *s) {
    if (!s) return;
    if (s->running && s->way == CAPTURE && !s->card->realtime && !s->dead) s->card->moved[CAPTURE] += s->io.buffer_size;
    s->running = 0;
}

static void xrun(struct stream *s) {
    if (!s || s->xrun) return;
    halt(s);
    s->xrun = 1;
}

static void both_xrun(struct card *c) {
    c->xruns++;
    xrun(c->way[PLAY]);
    xrun(c->way[CAPTURE]);
}


static struct card *find(const char *name) {
    struct card *c = cards;
    while (c && strcmp(c->name, name)) c = c->next;
    if (!c && (c = calloc(1, sizeof *c))) {
        c->name = strdup(name);
        c->next = cards;
        cards = c;
    }
    return c;
}
