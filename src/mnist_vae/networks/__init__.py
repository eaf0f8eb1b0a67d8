"""A file for each value of `model.network`.

Each defines

- `Params`, a `Section` of params/fields.py: what params.yaml holds under `model.<the file's name>`;
- `count_weights(params, latent_dim, shape)`, by which sizes beyond the machine's memory are
  refused; shape is that of the images, (channels, height, width), and P the product of the three;
- `build(params, latent_dim, shape)`, which returns two modules, drawing their weights from torch's
  generator: an encoder from x (B, P) in [0, 1], flattened from (channels, height, width), to
  (B, 2 * latent_dim), z_mean beside z_log_var, or to the two as a tuple; and a decoder from
  z (B, latent_dim) to x_logits (B, P).

`count_weights` may raise ParamsError for a shape that does not suit the params.

A training step is recorded once and then repeated, which saves a fifth of the time. That works for
a network that computes in tensors alone, keeps what changes in buffers, and draws noise from
torch's generator; any other trains more slowly, on one thread, and the log says why.

They import torch inside `build`, for every stage validates params.yaml and most need no torch.
"""
