"""plots/loss.csv: a row an epoch, there as soon as the epoch is over; and its line."""

import re

from mnist_vae.files.tables import load_csv
from mnist_vae.training.loss_log import LossLog
from mnist_vae.training.state import Epoch


def epoch(number: int) -> Epoch:
    losses = {"neg_elbo_nats": 150.5 / number, "recon_nats": 144.0, "kl_nats": 6.5}
    return Epoch(number, 1.25, train=losses, validation=losses | {"kl_nats": 6.25})


def test_each_row_is_in_the_file_before_the_next_epoch_and_replaces_an_earlier_runs(
    tmp_path, capsys
) -> None:
    path = tmp_path / "plots" / "loss.csv"
    path.parent.mkdir()
    path.write_text("epoch\n1\n2\n3\n")
    with LossLog(path, epochs=2) as log:
        for number in (1, 2):
            log.append(epoch(number))
            columns = load_csv(path)
            assert columns["epoch"] == [1, 2][:number]
            assert columns["train_neg_elbo_nats"] == [150.5, 75.25][:number]
            assert columns["validation_kl_nats"] == [6.25, 6.25][:number]
    terms = "neg_elbo_nats", "recon_nats", "kl_nats"
    names = [f"{split}_{term}" for split in ("train", "validation") for term in terms]
    assert list(columns) == ["epoch", *names]
    first, _ = capsys.readouterr().out.splitlines()
    pattern = r"epoch   1/2   train  150\.50   validation  150\.50 nats    1\.25 s"
    assert re.fullmatch(pattern, first)
