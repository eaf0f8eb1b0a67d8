"""The training loop that tutorials write: what the others are measured against.

Run as a script, it does all that the pipeline does, in one file and in the usual way.
"""

import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader


class ConventionalVAE(nn.Module):
    """784-256-2-256-784 with ReLU, and a sigmoid at the end."""

    def __init__(self, latent_dim: int = 2) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, 256)
        self.mean = nn.Linear(256, latent_dim)
        self.log_var = nn.Linear(256, latent_dim)
        self.decoder_hidden = nn.Linear(latent_dim, 256)
        self.decoder_out = nn.Linear(256, 784)

    def encode(self, x):
        h = F.relu(self.hidden(x))
        return self.mean(h), self.log_var(h)

    def decode(self, z):
        return torch.sigmoid(self.decoder_out(F.relu(self.decoder_hidden(z))))

    def forward(self, x):
        mean, log_var = self.encode(x)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        return self.decode(z), mean, log_var


def loss_function(x_hat, x, mean, log_var):
    recon = F.binary_cross_entropy(x_hat, x, reduction="sum")
    return recon - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())


def mnist_dataset(root: Path, train: bool):
    """torchvision's own data set, its raw files at `root`/MNIST/raw."""
    from mnist_vae.datasets import torchvision_mirrors

    torchvision_mirrors()  # makes torchvision importable beside a CPU-only torch
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    return MNIST(root, train=train, download=False, transform=ToTensor())


def train_epochs(dataset, device: str = "cpu", epochs: int = 30, lr: float = 1e-3, seed: int = 0):
    """Yields (model, seconds) after each epoch."""
    torch.manual_seed(seed)
    model = ConventionalVAE().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loader = DataLoader(dataset, batch_size=128, shuffle=True)
    for _ in range(epochs):
        start = time.perf_counter()
        total = 0.0
        for x, _ in loader:
            x = x.view(-1, 784).to(device)
            optimizer.zero_grad()
            loss = loss_function(*(lambda out: (out[0], x, *out[1:]))(model(x)))
            loss.backward()
            total += loss.item()
            optimizer.step()
        yield model, time.perf_counter() - start
