// Faust architecture file: runs 32 strips block by block and prints the thread time of every block.
//   usage: harness INPUT.f32 FRAMES        INPUT: 32 strips of FRAMES float32 each, one after another, looped
//   stdin: "<block frames> <blocks>"       stdout: one line of <blocks> numbers, nanoseconds
// Denormals are flushed, as every audio host does for its plug-ins.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <algorithm>
#include <fstream>
#include <memory>
#include <vector>
#include <time.h>
#if defined(__SSE__)
#include <immintrin.h>
#endif
#include "faust/dsp/dsp.h"
#include "faust/gui/MapUI.h"
#include "faust/gui/meta.h"

<<includeIntrinsic>>
<<includeclass>>

static long long thread_ns() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char** argv) {
    const int strips = 32;
    if (argc != 3) return 2;
    const long frames = atol(argv[2]);
    std::vector<float> input(size_t(strips) * frames);
    std::ifstream file(argv[1], std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(input.data()), input.size() * sizeof(float))) return 1;
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" ::"r"(1L << 24));
#endif
    std::vector<std::unique_ptr<mydsp>> dsps;
    std::vector<std::unique_ptr<MapUI>> controls;
    for (int made = 0; made < strips; made += dsps.back()->getNumInputs()) {
        dsps.emplace_back(new mydsp());
        dsps.back()->init(48000);
        controls.emplace_back(new MapUI());
        dsps.back()->buildUserInterface(controls.back().get());
    }
    const int width = dsps[0]->getNumInputs(), buses = dsps[0]->getNumOutputs();
    for (size_t d = 0; d < dsps.size(); d++)  // every strip with settings of its own, as on a desk
        for (int i = 0; i < controls[d]->getParamsCount(); i++) {
            const std::string path = controls[d]->getParamAddress(i);
            const float value = controls[d]->getParamValue(path);
            if (path.find("freq") != std::string::npos) controls[d]->setParamValue(path, value * (1 + 0.01f * d));
        }
    int block = 0, blocks = 0;
    long at = 0;
    double heard = 0;  // printed to stderr, so that no compiler may drop the work
    while (scanf("%d %d", &block, &blocks) == 2 && block > 0 && block <= frames) {
        std::vector<float> own(size_t(buses) * block), mix(size_t(buses) * block);
        std::vector<float*> in(width), out(buses);
        for (int k = 0; k < buses; k++) out[k] = &own[size_t(k) * block];
        std::vector<long long> times(blocks);
        for (int b = 0; b < blocks; b++) {
            if (at + block > frames) at = 0;
            const long long start = thread_ns();
            std::fill(mix.begin(), mix.end(), 0.f);
            for (size_t d = 0; d < dsps.size(); d++) {
                for (int i = 0; i < width; i++) in[i] = &input[(d * width + i) * frames + at];
                dsps[d]->compute(block, in.data(), out.data());
                for (size_t i = 0; i < mix.size(); i++) mix[i] += own[i];
            }
            times[b] = thread_ns() - start;
            at += block;
            for (int k = 0; k < buses; k++) heard += mix[size_t(k) * block];
        }
        for (long long t : times) printf("%lld ", t);
        printf("\n");
        fflush(stdout);
    }
    fprintf(stderr, "%g\n", heard);
    return 0;
}
