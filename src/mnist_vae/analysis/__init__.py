"""What the trained model and its codes are worth."""
