"""Simulated hardware: part of the product, so that the whole desk runs without a Pi."""
