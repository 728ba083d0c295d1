/* The simulated sound card: an alsa-lib ioplug ("type pidesk"). drivers/simulated/card.py builds and configures it and
 * documents every key; this is how it behaves.
 *
 * One clock: playback and capture of one card, opened in one process, share the static struct card of that name. It
 *   outlives closing, so that faults fire once and the position goes on after a reopen.
 * pace virtual: the clock is held where a late application would cause an under- or overrun, and the time it was held is
 *   reported as lateness. It starts when both opened directions have been started. The hardware position moves in whole
 *   periods. What is captured depends only on how much was read before, never on the load of the machine.
 * pace realtime: the clock never waits; the xrun rule is the kernel's (avail >= buffer size), each direction for itself.
 * Capture position: frames of the infile, counted from the first frame ever read. In virtual pace every stop of a running
 *   capture (drop, xrun) loses exactly one buffer of frames, `gone` loses seconds * rate, and nothing else is ever lost;
 *   in realtime pace capture starts at whatever the card clock has reached.
 * Faults are placed by capture position, or with "play." before them by frames written; each fires once.
 */
#include "card_faults.h"

static int cb_start(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    struct card *c = s->card;
    pthread_mutex_lock(&lock);
    c->began = 1;
    s->start = c->realtime ? (retick(c), floor(clock_frames(c))) : clock_frames(c);
    if (c->realtime && s->way == CAPTURE) c->moved[CAPTURE] = (long long)s->start;
    s->running = 1;
    retick(c);
    pthread_mutex_unlock(&lock);
    return 0;
}

static int cb_stop(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    pthread_mutex_lock(&lock);
    clock_frames(s->card);
    halt(s);
    retick(s->card);
    pthread_mutex_unlock(&lock);
    return 0;
}

static int cb_prepare(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    pthread_mutex_lock(&lock);
    halt(s);
    s->xrun = 0;
    s->appl = 0;
    retick(s->card);
    pthread_mutex_unlock(&lock);
    return s->dead ? -ENODEV : 0;
}

static snd_pcm_sframes_t cb_pointer(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    snd_pcm_sframes_t answer;
    pthread_mutex_lock(&lock);
    retick(s->card);
    if (s->dead) io->state = SND_PCM_STATE_DISCONNECTED;
    if (s->card->realtime && s->running && !s->xrun && avail(s) >= (long long)io->buffer_size) {
        s->card->xruns++;
        xrun(s);
    }
    answer = s->xrun && !s->dead ? -EPIPE : hw_frames(s);
    pthread_mutex_unlock(&lock);
    return answer;
}

static void take(struct stream *s, char *to, long long frames) {
    struct card *c = s->card;
    off_t size = s->file_fd < 0 ? 0 : lseek(s->file_fd, 0, SEEK_END) / s->frame_bytes * s->frame_bytes;
    long long at = c->moved[CAPTURE] * (long long)s->frame_bytes, bytes = frames * s->frame_bytes;
    while (bytes > 0) {
        if (c->loop && size > 0) at %= size;
        long long want = at < size ? (bytes < size - at ? bytes : size - at) : 0;
        ssize_t got = want ? pread(s->file_fd, to, want, at) : 0;
        if (got <= 0) {
            memset(to, 0, bytes);
            return;
        }
        to += got, at += got, bytes -= got;
    }
}

static void keep(struct stream *s, const char *from, long long bytes) {
    while (s->file_fd >= 0 && bytes > 0) {
        ssize_t got = write(s->file_fd, from, bytes);
        if (got <= 0) return;
        from += got, bytes -= got;
    }
}

static snd_pcm_sframes_t cb_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset,
                                     snd_pcm_uframes_t size) {
    struct stream *s = io->private_data;
    struct card *c = s->card;
    char *data = (char *)areas->addr + areas->first / 8 + offset * areas->step / 8;
    pthread_mutex_lock(&lock);
    retick(c);
    long long frames = s->dead ? -ENODEV : c->stall_until ? -EIO : fire(s, size);
    if (frames > 0) {
        if (s->way == CAPTURE) take(s, data, frames);
        else keep(s, data, frames * s->frame_bytes);
        s->appl += frames;
        c->moved[s->way] += frames;
    }
    if (s->dead) io->state = SND_PCM_STATE_DISCONNECTED;
    retick(c);
    pthread_mutex_unlock(&lock);
    if (frames == -EIO) sleep_s(IO_TIMEOUT_S / fast(c));
    return frames;
}

/* Set the timer to the moment this stream can go on, or must be told that it cannot. */
static void arm(struct stream *s) {
    struct card *c = s->card;
    retick(c);
    long long at = 1, lack = (long long)s->io.period_size - avail(s);
    if (!s->dead && !s->xrun && lack > 0) {
        double target = hw_frames(s) + (double)lack + s->start;
        if (c->ticking && !unpaced(c) && (c->realtime || target <= limit(c)))
            at = c->since + (long long)((target - c->base) / (c->rate * fast(c)) * 1e9) + 1;
        else /* it is for another thread, or for a stall to end, to let the clock go: look again soon */
            at = now_ns() + 1000000;
        if (at > s->deadline) at = s->deadline;
    }
    struct itimerspec when = {{0, 0}, {at / 1000000000LL, at % 1000000000LL}};
    timerfd_settime(s->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static int cb_poll_count(snd_pcm_ioplug_t *io) { return (void)io, 1; }

static int cb_poll_descriptors(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned space) {
    struct stream *s = io->private_data;
    if (space < 1) return 0;
    pthread_mutex_lock(&lock);
    s->deadline = now_ns() + (long long)((s->card->stall_until ? IO_TIMEOUT_S / fast(s->card) : HELD_S / fmin(1, fast(s->card))) * 1e9);
    arm(s);
    pthread_mutex_unlock(&lock);
    fds->fd = s->timer_fd;
    fds->events = POLLIN;
    return 1;
}

static int cb_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *revents) {
    struct stream *s = io->private_data;
    unsigned long long fired;
    if (count && fds->revents & POLLIN && read(s->timer_fd, &fired, sizeof fired) < 0) { /* raced: nothing to clear */ }
    pthread_mutex_lock(&lock);
    retick(s->card);
    *revents = 0;
    if (s->dead) {
        io->state = SND_PCM_STATE_DISCONNECTED;
        *revents = POLLERR;
    } else if (s->xrun) {
        io->state = SND_PCM_STATE_XRUN;
        *revents = POLLERR;
    } else if (avail(s) >= (long long)io->period_size)
        *revents = s->way == PLAY ? POLLOUT : POLLIN;
    else if (now_ns() >= s->deadline)
        *revents = POLLERR; /* alsa-lib makes -EIO of it */
    else
        arm(s);
    pthread_mutex_unlock(&lock);
    return 0;
}

static int cb_drain(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    pthread_mutex_lock(&lock);
    retick(s->card);
    double left = s->way == PLAY && s->running && s->card->ticking && !s->xrun && !unpaced(s->card)
                      ? (s->appl - hw_frames(s)) / (s->card->rate * fast(s->card)) : 0;
    pthread_mutex_unlock(&lock);
    if (left > 0) sleep_s(fmin(left, HELD_S));
    return 0;
}

static void report(struct card *c) {
    char path[4096];
    if (!c->report || !*c->report || snprintf(path, sizeof path, "%s.part", c->report) >= (int)sizeof path) return;
    FILE *f = fopen(path, "w");
    if (!f) return;
    int fired = 0;
    for (int i = 0; i < c->faults; i++) fired += c->fault[i].fired;
    fprintf(f, "{\"card\": \"%s\", \"clock_frames\": %.0f, \"captured_frames\": %lld, \"played_frames\": %lld, "
            "\"late_count\": %lld, \"late_total_us\": %.0f, \"late_max_us\": %.0f, \"xruns\": %lld, \"opens\": %lld, "
            "\"refused_opens\": %lld, \"faults_fired\": %d}\n", c->name, clock_frames(c), c->moved[CAPTURE], c->moved[PLAY],
            c->late_count, c->late_s * 1e6, c->late_max_s * 1e6, c->xruns, c->opens, c->refused, fired);
    if (!fclose(f)) rename(path, c->report);
}

static int cb_close(snd_pcm_ioplug_t *io) {
    struct stream *s = io->private_data;
    pthread_mutex_lock(&lock);
    halt(s);
    s->card->way[s->way] = NULL;
    retick(s->card);
    report(s->card);
    pthread_mutex_unlock(&lock);
    if (s->file_fd >= 0) close(s->file_fd);
    close(s->timer_fd);
    free(s);
    return 0;
}

static const snd_pcm_ioplug_callback_t CALLBACKS = {
    .start = cb_start, .stop = cb_stop, .pointer = cb_pointer, .transfer = cb_transfer, .prepare = cb_prepare,
    .drain = cb_drain, .close = cb_close, .poll_descriptors_count = cb_poll_count,
    .poll_descriptors = cb_poll_descriptors, .poll_revents = cb_poll_revents,
};

static int constrain(struct stream *s, const char *format_name, long channels, long rate, long min_period) {
    snd_pcm_format_t format = snd_pcm_format_value(format_name);
    if (format == SND_PCM_FORMAT_UNKNOWN || channels < 1) return -EINVAL;
    unsigned formats[] = {format}, access[] = {SND_PCM_ACCESS_RW_INTERLEAVED};
    unsigned bytes = s->frame_bytes = snd_pcm_format_physical_width(format) / 8 * channels;
    snd_pcm_ioplug_t *io = &s->io;
    int err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
    if (err >= 0) err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, formats);
    if (err >= 0) err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, channels, channels);
    if (err >= 0) err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
    if (err >= 0) err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, min_period * bytes, 8192 * bytes);
    if (err >= 0) err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 32);
    if (err >= 0) err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 2 * min_period * bytes, 65536 * bytes);
    return err;
}

SND_PCM_PLUGIN_DEFINE_FUNC(pidesk) {
    const char *infile = "", *outfile = "", *report_file = "", *faults = "", *pace = "virtual", *card_name = name;
    const char *format[2] = {"S32_LE", "S32_LE"};
    long rate = 48000, channels[2] = {2, 2}, min_period = 16;
    double ppm = 0, speed = 1;
    int loop = 0, err = 0;
    snd_config_iterator_t i, next;
    (void)root;
    snd_config_for_each(i, next, conf) {
        snd_config_t *n = snd_config_iterator_entry(i);
        const char *id;
        if (snd_config_get_id(n, &id) < 0 || !strcmp(id, "comment") || !strcmp(id, "type") || !strcmp(id, "hint")) continue;
#define KEY(word, call) else if (!strcmp(id, word)) err = call
        if (!strcmp(id, "card")) err = snd_config_get_string(n, &card_name);
        KEY("capture_format", snd_config_get_string(n, &format[CAPTURE]));
        KEY("playback_format", snd_config_get_string(n, &format[PLAY]));
        KEY("in_channels", snd_config_get_integer(n, &channels[CAPTURE]));
        KEY("out_channels", snd_config_get_integer(n, &channels[PLAY]));
        KEY("rate", snd_config_get_integer(n, &rate));
        KEY("min_period", snd_config_get_integer(n, &min_period));
        KEY("ppm", snd_config_get_ireal(n, &ppm));
        KEY("speed", snd_config_get_ireal(n, &speed));
        KEY("pace", snd_config_get_string(n, &pace));
        KEY("infile", snd_config_get_string(n, &infile));
        KEY("outfile", snd_config_get_string(n, &outfile));
        KEY("loop", (loop = snd_config_get_bool(n)) < 0 ? -EINVAL : 0);
        KEY("faults", snd_config_get_string(n, &faults));
        KEY("report", snd_config_get_string(n, &report_file));
        else err = -EINVAL;
        if (err < 0) {
            SNDERR("pidesk: bad key %s", id);
            return -EINVAL;
        }
    }
    if (stream > 1 || (strcmp(pace, "virtual") && strcmp(pace, "realtime"))) return -EINVAL;
    struct stream *s = calloc(1, sizeof *s);
    if (!s) return -ENOMEM;
    pthread_mutex_lock(&lock);
    struct card *c = find(card_name);
    if (!c) err = -ENOMEM;
    else if (c->way[stream]) err = -EBUSY;
    else if (c->opens_left > 0 || now_ns() < c->gone_until) {
        c->refused++;
        c->opens_left -= c->opens_left > 0;
        err = -ENODEV;
    } else if (!c->faults_text || strcmp(c->faults_text, faults)) err = parse_faults(c, faults);
    if (!err) {
        c->opens++;
        c->realtime = !strcmp(pace, "realtime");
        c->loop = loop;
        c->speed = speed;
        c->rate = rate * (1 + ppm * 1e-6);
        free(c->report);
        c->report = strdup(report_file);
        s->card = c;
        s->way = stream;
        s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        s->file_fd = -1;
        const char *file = stream == PLAY ? outfile : infile;
        if (*file) {
            s->file_fd = open(file, (stream == PLAY ? O_WRONLY | O_CREAT | O_APPEND : O_RDONLY) | O_CLOEXEC, 0666);
            if (s->file_fd < 0) {
                SNDERR("pidesk: cannot open %s", file);
                err = -EINVAL;
            }
        }
        s->io.version = SND_PCM_IOPLUG_VERSION;
        s->io.name = "Pidesk simulated card";
        s->io.flags = SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
        s->io.callback = &CALLBACKS;
        s->io.private_data = s;
        s->io.poll_fd = s->timer_fd;
        s->io.poll_events = POLLIN;
        if (!err) err = snd_pcm_ioplug_create(&s->io, name, stream, mode);
        if (!err) c->way[stream] = s;
    }
    pthread_mutex_unlock(&lock);
    if (!err) {
        if ((err = constrain(s, format[stream], channels[stream], rate, min_period)) < 0) {
            snd_pcm_ioplug_delete(&s->io); /* closes, through cb_close */
            return err;
        }
        *pcmp = s->io.pcm;
        return 0;
    }
    if (s->card) {
        if (s->file_fd >= 0) close(s->file_fd);
        close(s->timer_fd);
    }
    free(s);
    return err;
}
SND_PCM_PLUGIN_SYMBOL(pidesk);
