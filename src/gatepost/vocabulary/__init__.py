"""The words of the house: pure values, no I/O, nothing of ours imported."""
