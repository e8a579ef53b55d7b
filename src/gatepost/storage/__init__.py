"""What is kept: all SQL of the house, one module per subject."""
