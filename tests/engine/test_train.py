"""The outer loop: what it yields, what it keeps, and that nothing disturbs its bits."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from tests.engine.worlds import pictures, session
from workbench.engine import checkpoint as checkpoints
from workbench.engine.checkpoint import Checkpoint
from workbench.engine.evaluate import evaluate
from workbench.engine.mapping import TaskMap
from workbench.engine.outer import rate
from workbench.engine.session import Session
from workbench.engine.train import Finished, Snapshot, Stepped, Trainer, TrainEvent, Validated
from workbench.errors import ConfigError, StoreError, TrainingError
from workbench.interfaces import State


def run(place: Session, start: Checkpoint | None = None) -> tuple[Trainer, list[TrainEvent]]:
    trainer = Trainer(place, start)
    return trainer, list(trainer.events())


def same(first: State, second: State) -> bool:
    """Bit for bit."""
    pairs = [
        (mine[name], yours[name])
        for mine, yours in (
            (first.parameters, second.parameters),
            (first.buffers, second.buffers),
        )
        for name in mine
    ]
    return all(torch.equal(*pair) for pair in pairs)


def through_a_file(checkpoint: Checkpoint, tmp_path) -> Checkpoint:
    path = tmp_path / "checkpoint"
    with path.open("wb") as file:
        checkpoint.write(file)
    return checkpoints.read(path, torch.device("cpu"))


def test_a_run_steps_validates_and_saves_as_often_as_asked() -> None:
    _, events = run(session())
    assert [event.step for event in events if isinstance(event, Stepped)] == [1, 2, 3, 4, 5, 6]
    assert [event.step for event in events if isinstance(event, Validated)] == [2, 4, 6]
    assert [e.checkpoint.step for e in events if isinstance(e, Snapshot)] == [2, 4, 6]
    assert events[-1] == Finished(6, "")


def test_a_row_holds_what_the_plots_show() -> None:
    _, events = run(session())
    row = next(event.row for event in events if isinstance(event, Stepped))
    assert row.keys() == {
        "step", "tasks", "seconds", "loss", "accuracy", "outer_lr", "grad_norm",
    }  # fmt: skip
    assert (row["step"], row["tasks"], row["outer_lr"]) == (1, 3, 0.002)
    validated = next(event.row for event in events if isinstance(event, Validated))
    assert {"value", "interval", "before", "trace_0", "trace_1", "trace_2"} <= validated.keys()
    assert validated["before"] == validated["trace_0"]
    assert validated["value"] == validated["trace_2"]


def test_a_method_without_an_inner_loop_has_no_before() -> None:
    _, events = run(session(algorithm="protonet", training__n_way=3))
    validated = next(event.row for event in events if isinstance(event, Validated))
    assert validated["value"] == validated["trace_0"]
    assert math.isnan(validated["before"])


@pytest.mark.parametrize("strategy", ["threads", "folded"])
def test_the_figures_that_a_method_adds_are_averaged_into_its_rows(strategy) -> None:
    shape = {"training__k_shot": 1, "training__queries": 2, "training__steps": 1}
    place = session(algorithm="mann", training__strategy=strategy, **shape)
    _, events = run(place)
    row = next(event.row for event in events if isinstance(event, Stepped))
    batch = place.tasks("train", 0, 3)
    each = [
        place.algorithm.task_gradient(place.initial_state(), task, noise).metrics
        for task, noise in zip(batch, place.noise("train", 0, batch, None), strict=True)
    ]
    for name in ("presentation_1", "presentation_2", "presentation_3"):
        assert row[name] == pytest.approx(sum(metrics[name] for metrics in each) / 3)
    validated = next(event.row for event in events if isinstance(event, Validated))
    assert 0 <= validated["presentation_4"] <= 1  # one shot and three queries


@pytest.mark.parametrize("algorithm", ["maml", "reptile", "protonet"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("stop_at", [1, 2, 5])
def test_a_resumed_run_gives_the_same_bits(algorithm, threads, stop_at, tmp_path) -> None:
    settings = {"algorithm": algorithm, "training__threads": threads, "training__n_way": 3}
    settings |= {"training__k_shot": 3, "training__queries": 2, "training__meta_batch": 3}
    whole, events = run(session(**settings))
    first = Trainer(session(**settings))
    for event in first.events():
        if isinstance(event, Stepped) and event.step == stop_at:
            break
    second, later = run(session(**settings), through_a_file(first.checkpoint(), tmp_path))
    assert same(whole.published[1], second.published[1])
    assert _losses(events)[stop_at:] == _losses(later)
    missed = _validations(events)[stop_at // 2 :]
    assert missed == _validations(later)[-len(missed) :]


def _losses(events: list[TrainEvent]) -> list[float]:
    return [event.row["loss"] for event in events if isinstance(event, Stepped)]


def _validations(events: list[TrainEvent]) -> list[float]:
    return [event.row["value"] for event in events if isinstance(event, Validated)]


def test_a_run_stopped_before_its_validation_makes_up_for_it() -> None:
    first = Trainer(session())
    for event in first.events():
        if isinstance(event, Stepped) and event.step == 2:
            break
    _, events = run(session(), first.checkpoint())
    assert [event.step for event in events if isinstance(event, Validated)] == [2, 4, 6]


def test_threads_do_not_change_the_bits() -> None:
    one, _ = run(session(training__threads=1))
    two, _ = run(session(training__threads=2))
    assert same(one.published[1], two.published[1])


def test_one_worker_joins_tasks_to_the_bits_of_all_their_gradients_and_keeps_none() -> None:
    """Unequal weights; the second step finds the place of the first one's gradients."""
    place = session(training__threads=1)
    weights, state = [0.5, 2.0, 0.1], place.initial_state()
    with TaskMap(place) as tasks:
        for step in range(2):
            batch = place.tasks("train", step, 3)
            noise = place.noise("train", step, batch, place.algorithm.training_steps())
            each = [
                place.algorithm.task_gradient(state, *item)
                for item in zip(batch, noise, strict=True)
            ]
            expected = place.algorithm.combine(state, each, weights)
            results, update = tasks.update(state, batch, noise, weights)
            assert same(State(update.gradient), State(expected.gradient))
            assert [result.gradient for result in results] == [{}, {}, {}]
            assert [result.loss for result in results] == [result.loss for result in each]


def test_a_method_that_joins_its_tasks_in_a_way_of_its_own_does_so_with_one_worker_too() -> None:
    """Prototypical networks move running averages."""
    one, _ = run(session(algorithm="protonet", training__threads=1, training__n_way=3))
    two, _ = run(session(algorithm="protonet", training__threads=2, training__n_way=3))
    assert one.published[1].buffers
    assert same(one.published[1], two.published[1])


def test_validating_and_adapting_meanwhile_leave_the_bits_of_training_alone() -> None:
    quiet, _ = run(session(validation__every=1000))
    place = session(validation__every=1)
    busy = Trainer(place)
    for event in busy.events():
        if isinstance(event, Stepped):
            task = place.tasks("test", 0, 1)[0]
            with torch.no_grad():
                place.algorithm.adapt(busy.published[1], task.support, {}).scores(task.query_x)
    assert same(quiet.published[1], busy.published[1])


def test_what_is_published_never_changes() -> None:
    trainer = Trainer(session())
    seen = []
    for event in trainer.events():
        if isinstance(event, Stepped):
            _, state = trainer.published
            seen.append((state, {k: v.clone() for k, v in state.parameters.items()}))
    assert all(same(state, State(copy, state.buffers)) for state, copy in seen)
    assert not same(seen[0][0], seen[-1][0])


def test_a_loss_that_is_no_number_ends_the_run_with_a_reason() -> None:
    trainer = Trainer(session(algorithm__inner_lr=10.0, training__optimizer__lr=10.0))
    _, state = trainer.published
    broken = {name: tensor * math.nan for name, tensor in state.parameters.items()}
    trainer.published = (0, State(broken, state.buffers))
    with pytest.raises(TrainingError, match=r"The loss was no longer a number at step 1\."):
        list(trainer.events())


def test_early_stopping_waits_as_long_as_asked_and_says_why() -> None:
    place = session(
        training__steps=100, training__optimizer__lr=1e-9, validation__every=1,
        validation__patience=2,
    )  # fmt: skip
    _, events = run(place)
    assert events[-1] == Finished(3, "No improvement in 2 validations; the best was at step 1.")
    assert isinstance(events[-2], Snapshot)


def test_a_long_gradient_is_shortened_to_the_limit() -> None:
    """With plain gradient descent at rate 1 the first step is as long as the clipped gradient."""
    settings = {"training__optimizer": "sgd", "training__optimizer__lr": 1.0}
    place = session(training__clip_norm=0.01, training__steps=1, **settings)
    start = place.initial_state().parameters
    trainer, events = run(place)
    moved = trainer.published[1].parameters
    length = torch.stack([(moved[k] - start[k]).double().pow(2).sum() for k in start]).sum().sqrt()
    assert float(length) == pytest.approx(0.01, rel=1e-4)
    row = next(event.row for event in events if isinstance(event, Stepped))
    assert row["grad_norm"] > 0.01


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (SimpleNamespace(name="constant"), [1, 1, 1]),
        (SimpleNamespace(name="linear", final=0.2), [1, 0.6, 0.2]),
        (SimpleNamespace(name="cosine", final=0.0), [1, 0.5, 0]),
        (SimpleNamespace(name="step", every=40, factor=0.5), [1, 0.5, 0.25]),
    ],
)
def test_a_schedule_is_a_function_of_the_step(schedule, expected) -> None:
    """At steps 0, 50 and 100 of 100; the step schedule has dropped 0, 1 and 2 times by then."""
    found = [rate(schedule, 1.0, step, 100) for step in (0, 50, 100)]
    assert found == pytest.approx(expected)


def test_reptile_goes_whole_ways_at_first_and_none_at_last_unless_told_otherwise() -> None:
    """Its epsilon: 1 falling to 0 in even parts, without momentum."""
    quick = {"algorithm__inner_steps": 1, "algorithm__inner_steps_eval": 1}
    place = session(pictures(images=16), algorithm="reptile", **quick)
    assert place.config.training.optimizer.name == "sgd"
    _, events = run(place)
    rates = [event.row["outer_lr"] for event in events if isinstance(event, Stepped)]
    assert rates == pytest.approx([1 - step / 6 for step in range(6)])


def test_a_damaged_checkpoint_is_refused_with_a_hint(tmp_path) -> None:
    path = tmp_path / "checkpoint"
    file = io.BytesIO()
    Trainer(session()).checkpoint().write(file)
    path.write_bytes(file.getvalue()[:200])
    with pytest.raises(StoreError, match=r"The checkpoint checkpoint cannot be read") as error:
        checkpoints.read(path, torch.device("cpu"))
    assert "Resume from another checkpoint" in error.value.hint


def test_a_device_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ConfigError) as error:
        session(device="cuda:7")
    [problem] = error.value.problems
    assert problem.path == "device"
    assert problem.remedy == "auto"


def test_a_method_with_one_output_per_class_cannot_train_with_other_ways() -> None:
    with pytest.raises(ConfigError) as error:
        session(training__n_way=4)
    assert error.value.problems[0].path == "training.n_way"


def _evaluation(place: Session, tasks: int):
    running = evaluate(place, place.initial_state(), "test", tasks)
    while True:
        try:
            next(running)
        except StopIteration as stop:
            return stop.value


def test_an_evaluation_is_the_mean_with_its_interval_over_fixed_tasks() -> None:
    place = session()
    once, again = _evaluation(place, 20), _evaluation(place, 20)
    assert once == again
    values = torch.tensor(once.inductive.per_task, dtype=torch.float64)
    assert len(values) == once.inductive.tasks == 20
    assert once.inductive.value == pytest.approx(float(values.mean()))
    expected = 1.96 * float(values.std()) / math.sqrt(20)
    assert once.inductive.interval == pytest.approx(expected)


def test_more_tasks_begin_with_the_same_ones() -> None:
    few, many = _evaluation(session(), 5), _evaluation(session(), 20)
    assert many.inductive.per_task[:5] == few.inductive.per_task


def test_both_modes_are_named_and_answer_the_same_tasks() -> None:
    found = _evaluation(session(), 10)
    assert (found.inductive.mode, found.transductive.mode) == ("support", "query_batch")
    assert found.inductive.per_task != found.transductive.per_task


def test_a_network_without_normalisation_has_one_mode() -> None:
    found = _evaluation(session(backbone="mlp"), 10)
    assert replace(found.transductive) == found.inductive
    assert found.inductive.mode == "none"
