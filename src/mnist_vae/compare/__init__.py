"""What differs between runs: a pair, image by image, or all experiments on a commit."""
