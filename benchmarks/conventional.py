"""What tutorials write: the training loop and, run as a script, the whole pipeline in one file.

`python benchmarks/conventional.py ROOT` reads torchvision's raw files from ROOT/MNIST/raw.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader


class ConventionalVAE(nn.Module):
    """784-256-2-256-784 with ReLU, ending in a sigmoid."""

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


class OfNetworks(ConventionalVAE):
    """The same loop's model, of any encoder and decoder of the pipeline's."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        nn.Module.__init__(self)
        self.encoder, self.decoder = encoder, decoder

    def encode(self, x):
        return self.encoder(x).chunk(2, dim=1)

    def decode(self, z):
        return torch.sigmoid(self.decoder(z))


def loss_function(x_hat, x, mean, log_var):
    recon = F.binary_cross_entropy(x_hat, x, reduction="sum")
    return recon - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())


def mnist_dataset(root: Path, train: bool):
    from mnist_vae.readers.mirrors import torchvision_datasets

    torchvision_datasets()  # makes torchvision importable beside a CPU-only torch
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    return MNIST(root, train=train, download=False, transform=ToTensor())


def train_epochs(dataset, device: str = "cpu", epochs: int = 30, model=None):
    """Yields (model, seconds of the epoch) after each epoch."""
    torch.manual_seed(0)
    model = (model or ConventionalVAE()).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(dataset, batch_size=128, shuffle=True)
    for _ in range(epochs):
        start = time.perf_counter()
        total = 0.0
        for x, _ in loader:
            x = x.view(-1, 784).to(device)
            optimizer.zero_grad()
            x_hat, mean, log_var = model(x)
            loss = loss_function(x_hat, x, mean, log_var)
            loss.backward()
            total += loss.item()
            optimizer.step()
        yield model, time.perf_counter() - start


@torch.no_grad()
def mean_loss(model, dataset) -> float:
    total = 0.0
    for x, _ in DataLoader(dataset, batch_size=128):
        x = x.view(-1, 784)
        x_hat, mean, log_var = model(x)
        total += loss_function(x_hat, x, mean, log_var).item()
    return total / len(dataset)


@torch.no_grad()
def encode_all(model, dataset):
    parts = [(model.encode(x.view(-1, 784))[0], y) for x, y in DataLoader(dataset, batch_size=128)]
    return tuple(torch.cat(part).numpy() for part in zip(*parts, strict=True))


def main(root: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from scipy.stats import norm
    from sklearn.linear_model import LogisticRegression

    train, test = mnist_dataset(root, train=True), mnist_dataset(root, train=False)
    history = []
    for model, _seconds in train_epochs(train):
        history.append(mean_loss(model, test))
        print(f"epoch {len(history)}: test loss {history[-1]:.2f}", flush=True)
    plt.plot(history)
    plt.savefig(root / "loss.png")
    z_train, y_train = encode_all(model, train)
    z_test, y_test = encode_all(model, test)
    plt.figure(figsize=(12, 10))
    plt.scatter(z_test[:, 0], z_test[:, 1], c=y_test)
    plt.colorbar()
    plt.savefig(root / "latent.png")
    canvas = np.zeros((28 * 20, 28 * 20))
    for i, z_2 in enumerate(norm.ppf(np.linspace(0.05, 0.95, 20))):
        for j, z_1 in enumerate(norm.ppf(np.linspace(0.05, 0.95, 20))):
            with torch.no_grad():
                digit = model.decode(torch.tensor([[z_1, z_2]], dtype=torch.float32))
            canvas[i * 28 : (i + 1) * 28, j * 28 : (j + 1) * 28] = digit.view(28, 28)
    plt.figure(figsize=(10, 10))
    plt.imshow(canvas, cmap="Greys_r")
    plt.savefig(root / "manifold.png")
    x_train, x_test = (d.data.reshape(-1, 784).numpy() / 255.0 for d in (train, test))
    for name, a, b in (("latent", z_train, z_test), ("pixels", x_train, x_test)):
        probe = LogisticRegression(max_iter=1000).fit(a, y_train)
        print(f"{name}: accuracy {probe.score(b, y_test):.4f}", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(2)
    main(Path(sys.argv[1]))
