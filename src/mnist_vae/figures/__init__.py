"""Pictures drawn by matplotlib: loss curves, the latent space, images."""
