"""Samplers that learn from losses, in the outer loop: the table is data of the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.worlds import session
from workbench.engine import checkpoint as checkpoints
from workbench.engine.checkpoint import Checkpoint
from workbench.engine.session import Session, load_data
from workbench.engine.train import Stepped, Trainer
from workbench.functional.gradients import weighted_mean
from workbench.functional.priorities import Table
from workbench.services.experiment import resolve
from workbench.sources import SAMPLERS

LEARNING = [name for name in SAMPLERS if name != "uniform"]
TABLE = Table(np.arange(1.0, 13), np.arange(12.0, 0, -1), np.zeros(12, dtype=np.int64))


def waves(**settings: Any) -> Session:
    """A session of sinusoids."""
    changed = {key.replace("__", "."): value for key, value in settings.items()}
    config = resolve(
        {"dataset": "sinusoid", "backbone": "mlp", "algorithm": "maml", "device": "cpu"}
        | {"training.steps": 6, "training.meta_batch": 4, "validation.tasks": 9}
        | {"algorithm.inner_steps": 1, "validation.every": 1000}
        | changed
    )
    return Session(config, load_data(config, Path("unused"), lambda *_: None))


def solid_waves(**settings: Any) -> Session:
    """The same with a third parameter."""
    return waves(dataset__vary_frequency=True, sampler__bins=4, **settings)


def rows_of(trainer: Trainer) -> list[dict[str, float]]:
    return [event.row for event in trainer.events() if isinstance(event, Stepped)]


def after(place: Session, steps: int) -> Checkpoint:
    trainer = Trainer(place)
    for event in trainer.events():
        if isinstance(event, Stepped) and event.step == steps:
            break
    return trainer.checkpoint()


def through_a_file(checkpoint: Checkpoint, tmp_path: Path, **changes: Any) -> Checkpoint:
    path = tmp_path / "checkpoint"
    with path.open("wb") as file:
        checkpoint.write(file)
    if "without" in changes:
        saved = torch.load(path, weights_only=True)
        del saved[changes["without"]]
        torch.save(saved, path)
    return checkpoints.read(path, torch.device("cpu"))


def same(first: Table, second: Table) -> bool:
    """Bit for bit."""
    pairs = zip(vars(first).values(), vars(second).values(), strict=True)
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("world", [session, waves, solid_waves])
@pytest.mark.parametrize("name", LEARNING)
def test_a_resumed_run_goes_on_with_its_table_bit_for_bit(world, name, tmp_path) -> None:
    whole = Trainer(world(sampler=name))
    losses = [row["loss"] for row in rows_of(whole)]
    saved = through_a_file(after(world(sampler=name), 3), tmp_path)
    assert saved.table.counts.sum() > 0
    resumed = Trainer(world(sampler=name), saved)
    assert [row["loss"] for row in rows_of(resumed)] == losses[3:]
    assert same(resumed.table, whole.table)


def test_a_table_of_three_parameters_has_a_cell_for_each_combination_and_draws_inside_it() -> None:
    """Amplitude 0.1 to 5, phase 0 to pi, frequency 0.5 to 2, four parts each; all but one cell are
    worth next to nothing."""
    place = solid_waves(sampler="weighted", sampler__floor=1e-9)
    table = place.first_table()
    assert table.losses.shape == (4, 4, 4)
    losses = np.full((4, 4, 4), 1e-12)
    losses[3, 0, 2] = 1.0
    _, drawn = place.draw("train", 0, 5, replace(table, losses=losses))
    cell = np.ravel_multi_index((3, 0, 2), losses.shape)
    assert drawn.bins.ravel().tolist() == [cell] * 5
    low = np.array([0.1 + 3 / 4 * 4.9, 0, 0.5 + 2 / 4 * 1.5])
    high = np.array([5, np.pi / 4, 0.5 + 3 / 4 * 1.5])
    assert ((low <= drawn.tasks) & (drawn.tasks <= high)).all()


def test_a_run_that_lost_its_table_would_not_give_the_same_tasks() -> None:
    """So the test above can fail."""
    place = waves(sampler="weighted")
    saved = after(place, 3)
    kept, lost = (Trainer(place, one) for one in (saved, replace(saved, table=None)))
    assert rows_of(kept)[0]["loss"] != rows_of(lost)[0]["loss"]


def test_a_checkpoint_from_before_there_were_tables_still_loads(tmp_path) -> None:
    place = waves(sampler="weighted")
    old = through_a_file(after(place, 3), tmp_path, without="table")
    assert old.table is None
    assert same(Trainer(place, old).table, place.first_table())


def test_uniform_sampling_keeps_no_table_and_adds_no_figures() -> None:
    trainer = Trainer(session())
    assert not {name for row in rows_of(trainer) for name in row if name.startswith("table")}
    assert trainer.table is None
    assert trainer.checkpoint().table is None


@pytest.mark.parametrize("steps", [2, 5])
def test_epsilon_has_its_start_at_the_first_step_and_its_end_at_the_last(steps) -> None:
    settings = {"sampler__epsilon_start": 0.8, "sampler__epsilon_end": 0.2}
    rows = rows_of(Trainer(waves(sampler="epsilon_greedy", training__steps=steps, **settings)))
    found = [row["epsilon"] for row in rows]
    assert found == pytest.approx(np.linspace(0.8, 0.2, steps).tolist())
    assert (found[0], found[-1]) == (0.8, 0.2)


def test_the_loss_of_a_task_is_credited_to_each_of_its_classes() -> None:
    place = session(sampler="weighted", training__meta_batch=1, training__steps=1)
    _, drawn = place.draw("train", 0, 1, place.first_table())
    trainer = Trainer(place)
    [row] = rows_of(trainer)
    expected = np.ones(12)
    expected[drawn.bins[0]] = row["loss"]
    assert len(drawn.bins[0]) == 3
    assert np.array_equal(trainer.table.losses, expected)
    assert np.flatnonzero(trainer.table.counts).tolist() == sorted(drawn.bins[0])


def test_a_row_describes_the_table_that_its_tasks_were_drawn_from() -> None:
    place = waves(sampler="delta")
    trainer = Trainer(place)
    rows, tables = [], [trainer.table]
    for event in trainer.events():
        if isinstance(event, Stepped):
            rows.append(event.row)
            tables.append(trainer.table)
    for row, table in zip(rows, tables, strict=False):
        assert row["table_mean"] == table.losses.mean()
        assert row["table_spread"] == table.losses.std()
    assert np.isnan(rows[0]["table_correlation"])
    assert -1 <= rows[-1]["table_correlation"] <= 1


@pytest.mark.parametrize("name", ["weighted", "importance_weighted"])
def test_a_step_follows_the_weighted_mean_of_its_tasks_gradients(name) -> None:
    """With plain gradient descent at rate 1 the step is the joined gradient."""
    settings = {"training__optimizer": "sgd", "training__optimizer__lr": 1.0}
    settings |= {"algorithm": "protonet", "training__n_way": 3, "training__steps": 1}
    place = session(sampler=name, **settings)
    begin = replace(Trainer(place).checkpoint(), table=TABLE)
    trainer = Trainer(place, begin)
    list(trainer.events())
    batch, drawn = place.draw("train", 0, 3, TABLE)
    noise = place.noise("train", 0, batch, place.algorithm.training_steps())
    results = [
        place.algorithm.task_gradient(begin.state, *item) for item in zip(batch, noise, strict=True)
    ]
    expected = weighted_mean([result.gradient for result in results], drawn.weights.tolist())
    moved = trainer.published[1].parameters
    for key, value in begin.state.parameters.items():
        torch.testing.assert_close(value - moved[key], expected[key], rtol=1e-3, atol=1e-5)
    assert (drawn.weights.std() > 0.1) == (name == "importance_weighted")


@pytest.mark.parametrize("world", [session, waves])
@pytest.mark.parametrize("split", ["validation", "test"])
def test_validation_and_test_are_the_same_uniform_tasks_for_every_sampler(world, split) -> None:
    uniform = world().tasks(split, 1, 5)
    for name in LEARNING:
        tasks = world(sampler=name).tasks(split, 1, 5)
        assert torch.equal(tasks.support_x, uniform.support_x)
        assert torch.equal(tasks.query_y, uniform.query_y)


def test_a_test_on_the_grid_takes_every_function_once_at_fixed_points() -> None:
    """450 tasks of 8 at a time: 57 batches, the last of which begins again."""
    place = waves(dataset__test_on_grid=True)
    batches = [place.tasks("test", step, 8) for step in range(57)]
    query_y = torch.cat([batch.query_y for batch in batches])[:450, :, 0]
    assert len({tuple(row) for row in query_y.tolist()}) == 450
    x = torch.cat([batch.query_x for batch in batches])
    torch.testing.assert_close(x, torch.linspace(-5, 5, 100)[:, None].expand_as(x))
    first_amplitudes = query_y[:45].abs().amax(1)
    assert first_amplitudes.mean() == pytest.approx(2.5, abs=0.6)  # a few already stand for all
