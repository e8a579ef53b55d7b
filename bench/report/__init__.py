"""What becomes of the figures: files, a table, plots."""
