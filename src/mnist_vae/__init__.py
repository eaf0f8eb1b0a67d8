"""The library behind `stages/`: a variational autoencoder of MNIST as a DVC pipeline."""
