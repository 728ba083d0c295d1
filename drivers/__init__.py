"""Metal: sound cards, chips and their simulators. Knows no mixing, imports neither dsp nor firmware."""
