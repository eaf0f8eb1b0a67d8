"""A file for each value of `model.likelihood`: what p(x|z) says of a pixel.

Each defines

- IS_LIKELIHOOD: whether exp(-recon_nats) is a probability, or a density, of the observed pixels, so
  that -log p(x) can be estimated;
- IS_LINEAR: whether recon_nats(x_logits, x) is recon_nats(x_logits, 0) less the sum of x_logits x,
  so that one product compares all images with all draws from the prior (model/nll.py);
- DRAWS_PIXELS: whether `observe` draws, so that training observes its images anew in every epoch;
- `observe(images, rng)`: the uint8 pixels that the VAE sees of uint8 `images` (N, H, W) or
  (N, H, W, 3); raises ParamsError for images that it cannot describe;
- `recon_nats(x_logits, x)`: -log p(x|z) in nats per image, (B,), of x (B, P) in [0, 1];
- `x_mean(x_logits)`: the mean of p(x|z), which pictures show.
"""
