"""params.yaml: what it may hold, and what it holds."""
