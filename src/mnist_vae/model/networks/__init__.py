"""A file for each value of `model.network`.

Each defines

- `Params`, a `sections.Section`: what params.yaml holds under `model.<the file's name>`;
- `count_weights(params, latent_dim)`, by which sizes beyond the machine's memory are refused;
- `build(params, latent_dim)`, which returns two modules, drawing their weights from torch's
  generator: an encoder from x (B, 784) in [0, 1] to (B, 2 * latent_dim), z_mean beside z_log_var,
  and a decoder from z (B, latent_dim) to x_logits (B, 784).

A training step is recorded once and then repeated (training/recording.py). So a network computes in
tensors alone: what changes from step to step lies in its buffers, and noise comes from torch's
generator.

They import torch inside `build`, for every stage validates params.yaml and most need no torch.
"""
