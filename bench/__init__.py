"""The benchmark: what Gatepost costs, measured from outside. See `bench/README.md`."""
