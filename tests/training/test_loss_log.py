"""plots/loss.csv: a row an epoch, there as soon as the epoch is over; and its line."""

import re

from mnist_vae.files.tables import load_csv
from mnist_vae.training.fit import Epoch
from mnist_vae.training.loss_log import LossLog


def epoch(number: int) -> Epoch:
    losses = {"neg_elbo_nats": 150.5 / number, "recon_nats": 144.0, "kl_nats": 6.5}
    return Epoch(number, 1.25, train=losses, validation=losses | {"kl_nats": 6.25})


def test_each_row_is_in_the_file_before_the_next_epoch(tmp_path) -> None:
    path = tmp_path / "plots" / "loss.csv"
    with LossLog(path, epochs=2) as log:
        for number in (1, 2):
            log.append(epoch(number))
            columns = load_csv(path)
            assert columns["epoch"] == [1, 2][:number]
            assert columns["train_neg_elbo_nats"] == [150.5, 75.25][:number]
            assert columns["validation_kl_nats"] == [6.25, 6.25][:number]
    assert path.read_text().splitlines()[0] == (
        "epoch,train_neg_elbo_nats,train_recon_nats,train_kl_nats,"
        "validation_neg_elbo_nats,validation_recon_nats,validation_kl_nats"
    )


def test_each_epoch_is_a_line_on_the_terminal(tmp_path, capsys) -> None:
    with LossLog(tmp_path / "loss.csv", epochs=2) as log:
        log.append(epoch(1))
        log.append(epoch(2))
    first, _ = capsys.readouterr().out.splitlines()
    pattern = r"epoch   1/2   train  150\.50   validation  150\.50 nats    1\.25 s"
    assert re.fullmatch(pattern, first)


def test_an_earlier_runs_rows_are_replaced(tmp_path) -> None:
    for epochs in (3, 1):
        with LossLog(tmp_path / "loss.csv", epochs) as log:
            for number in range(1, epochs + 1):
                log.append(epoch(number))
    assert load_csv(tmp_path / "loss.csv")["epoch"] == [1]
