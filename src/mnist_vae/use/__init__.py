"""The trained model for other programs and notebooks: numpy arrays in, numpy arrays out."""
