"""What tests and benchmarks stand on: servers of our own, on loopback only."""
