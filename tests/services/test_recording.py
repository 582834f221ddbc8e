"""What a real run leaves beside its rows, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine import worlds
from tests.engine.worlds import SETTINGS, save_pictures
from workbench.engine.episodes import ImagePool
from workbench.interfaces import State
from workbench.protocol import Event
from workbench.services.experiment import resolve
from workbench.services.recording import table_axes
from workbench.services.training import start
from workbench.store import RunReader, Store
from workbench.store.hints import Hint, hints
from workbench.store.record import recorded
from workbench.store.tables import read_axes, read_table


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return SETTINGS | {"dataset": "arrays", "dataset.path": save_pictures(tmp_path / "pictures")}


def trained(settings: dict[str, Any], store_dir: Path, **changes: Any) -> RunReader:
    """A run trained for real; two underscores in a name stand for a dot."""
    changed = {key.replace("__", "."): value for key, value in changes.items()}
    training = start(resolve(settings | changed), Store(store_dir))
    training.execute(_ignore)
    return Store(store_dir).open(training.run)


def _ignore(event: Event) -> None:
    """Nobody watches."""


def only(found: tuple[Hint, ...]) -> Hint:
    assert len(found) == 1, found
    return found[0]


LONG = {"training__steps": 40, "validation__every": 10, "validation__save_every": 40}


def test_a_real_run_raises_no_hint(settings, store_dir) -> None:
    reader = trained(settings, store_dir, **LONG)
    assert hints(recorded(reader)) == ()


def test_an_absurd_inner_rate_is_found_in_a_real_run(settings, store_dir) -> None:
    reader = trained(settings, store_dir, algorithm__inner_lr=10.0, training__clip_norm=1.0, **LONG)
    hint = only(hints(recorded(reader)))
    assert hint.key == "algorithm.inner_lr"
    assert hint.value == 2.0


def test_a_run_that_failed_is_recognised_by_its_reason(settings, store_dir) -> None:
    training = start(resolve(settings), Store(store_dir))
    _, state = training.trainer.published
    broken = {name: tensor * torch.nan for name, tensor in state.parameters.items()}
    training.trainer.published = (0, State(broken))
    training.execute(_ignore)
    assert only(hints(recorded(Store(store_dir).open(training.run)))).kind == "diverged"


@pytest.mark.parametrize("kind", ["tensor", "python"])
def test_a_run_that_is_out_of_memory_is_told_what_to_lower(kind, settings, store_dir) -> None:
    """An eighth of an exabyte is more than any machine has."""
    training = start(resolve(settings), Store(store_dir))

    def greedy(*_: object) -> None:
        if kind == "tensor":
            torch.empty(2**57, dtype=torch.uint8)
        raise MemoryError

    training.session.algorithm.task_gradient = greedy
    with pytest.raises((RuntimeError, MemoryError)):  # the process's edge says the rest
        training.execute(_ignore)
    hint = only(hints(recorded(Store(store_dir).open(training.run))))
    assert (hint.kind, hint.key, hint.value) == ("memory", "training.threads", 1)


def test_each_validation_tells_how_the_losses_moved_over_the_inner_steps(
    settings, store_dir
) -> None:
    reader = trained(settings, store_dir)
    names = ("step", "loss_0", "loss_1", "loss_2", "support_0", "support_1", "support_2")
    assert reader.columns("inner") == names
    rows, validation = reader.metrics("inner"), reader.metrics("validation")
    assert rows["step"].tolist() == validation["step"].tolist()
    assert rows["loss_2"].tolist() == validation["loss"].tolist()
    assert (rows["support_2"] < rows["support_0"]).all()


def test_a_method_without_an_inner_loop_tells_nothing_of_one(settings, store_dir) -> None:
    plain = {key: value for key, value in settings.items() if not key.startswith("algorithm.")}
    assert (
        trained(plain | {"algorithm": "protonet", "training.n_way": 3}, store_dir).columns("inner")
        == ()
    )


def test_a_samplers_table_lies_in_the_folder_as_the_run_left_it(settings, store_dir) -> None:
    training = start(resolve(settings | {"sampler": "delta"}), Store(store_dir))
    training.execute(_ignore)
    folder = Store(store_dir).open(training.run).folder
    found, table = read_table(folder), training.trainer.table
    assert found is not None
    assert table is not None
    assert found.step == 6
    np.testing.assert_array_equal(found.losses, table.losses.astype(np.float32))
    np.testing.assert_array_equal(found.counts, table.counts)
    assert found.counts.sum() == 6 * 3 * 3  # steps, tasks, classes of a task


def test_a_sampler_without_a_table_leaves_none(settings, store_dir) -> None:
    folder = trained(settings, store_dir, training__steps=1).folder
    assert read_table(folder) is None
    assert read_axes(folder) is None


def test_the_cells_of_a_table_are_named_in_the_order_of_the_training_classes() -> None:
    turned = worlds.session(worlds.pictures(rotations=True), sampler="delta")
    pool = ImagePool(worlds.pictures(rotations=True), "train", turned.training_shape)
    names = table_axes(turned).classes
    assert len(names) == len(pool.classes) == 48
    for position in (0, 11, 12, 47):
        number, turn = pool.classes[position], pool.turns[position]
        words = f"alphabet {number // 4}, class {number}"
        assert names[position] == (f"{words}, turned {90 * turn}°" if turn else words)


def test_the_rates_that_a_method_learns_are_kept_by_weight(settings, store_dir) -> None:
    """Meta-SGD draws its first rates between 0.005 and 0.1, and two steps move none far."""
    plain = {key: value for key, value in settings.items() if not key.startswith("algorithm.")}
    changes = {"algorithm": "meta_sgd", "training.steps": 2}
    rows = trained(plain | changes, store_dir).metrics("rates")
    names = [name for name in rows.dtype.names if name != "step"]
    assert rows["step"].tolist() == [2]
    assert {name.rpartition(":")[2] for name in names} == {"low", "mean", "high"}
    for weight in {name.rpartition(":")[0] for name in names}:
        low, mean, high = (float(rows[f"{weight}:{part}"][0]) for part in ("low", "mean", "high"))
        assert 0 < low < mean < high < 0.15


def test_a_method_that_learns_no_rates_keeps_none(settings, store_dir) -> None:
    assert trained(settings, store_dir, training__steps=2).columns("rates") == ()
