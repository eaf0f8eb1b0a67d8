"""plots/loss.csv: a row an epoch, there as soon as the epoch is over; and its line."""

import re

from mnist_vae.artifacts import load_csv
from mnist_vae.loss_log import LossLog
from mnist_vae.training import Epoch


def epoch(number: int) -> Epoch:
    losses = {"neg_elbo_nats": 150.5 / number, "recon_nats": 144.0, "kl_nats": 6.5}
    return Epoch(number, 1.25, train=losses, validation=losses | {"kl_nats": 6.25})


def test_each_row_is_in_the_file_before_the_next_epoch(tmp_path, capsys) -> None:
    path = tmp_path / "plots" / "loss.csv"
    with LossLog(path, epochs=2) as log:
        for number in (1, 2):
            log.append(epoch(number))
            rows = load_csv(path)
            assert len(rows) == number
            assert rows[-1]["epoch"] == number
            assert rows[-1]["train_neg_elbo_nats"] == 150.5 / number
            assert rows[-1]["validation_kl_nats"] == 6.25
    assert log.columns["epoch"] == [1, 2]
    lines = capsys.readouterr().out.splitlines()
    pattern = r"epoch   1/2   train  150\.50   validation  150\.50 nats    1\.25 s"
    assert re.fullmatch(pattern, lines[0])
    assert len(lines) == 2
