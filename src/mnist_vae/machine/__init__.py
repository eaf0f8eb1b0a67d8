"""What makes the arithmetic the same on every machine, and fast."""
