"""Speed and memory, each beside its reference in the same run: ``python -m benchmarks``."""
