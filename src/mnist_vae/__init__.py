"""A variational autoencoder of MNIST as a DVC pipeline: the library behind `stages/`."""
