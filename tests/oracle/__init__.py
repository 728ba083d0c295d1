"""The second desk: plain scalar float64, written from `docs/signal.md` alone, to hold the kernels to."""
