"""The variational autoencoder, its objective, and its networks."""
