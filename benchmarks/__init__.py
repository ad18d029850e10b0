"""Benchmarks: speed as ratios taken in one run, and judges of the advice."""
