"""The optimiser loop, its speed, and its checkpoints."""
