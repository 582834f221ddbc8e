"""Runs in the store: stopped, paused, resumed, killed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.worlds import SETTINGS, save_pictures
from workbench.engine import checkpoint as checkpoints
from workbench.engine.episodes import TaskShape
from workbench.engine.seeding import generator
from workbench.interfaces import State
from workbench.protocol import Event, RunEnded, RunProgress, RunValidated
from workbench.services.evaluation import evaluate
from workbench.services.experiment import resolve
from workbench.services.runs import open_run
from workbench.services.training import TrainingRun, resume, start
from workbench.store import RunStatus, Store

PATIENCE = 600  # seconds; loading torch takes a minute where the cores are overloaded


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return SETTINGS | {"dataset": "arrays", "dataset.path": save_pictures(tmp_path / "pictures")}


def begin(settings: dict[str, Any], store_dir: Path, **changes: Any) -> TrainingRun:
    changed = {key.replace("__", "."): value for key, value in changes.items()}
    return start(resolve(settings | changed), Store(store_dir))


def parameters(store_dir: Path, run: str) -> dict[str, torch.Tensor]:
    path = Store(store_dir).open(run).checkpoint("last")
    return checkpoints.read(path, torch.device("cpu")).state.parameters


def test_a_finished_run_is_in_the_store_with_everything(settings, store_dir) -> None:
    run = begin(settings, store_dir)
    events: list[Event] = []
    ended = run.execute(events.append)
    reader = Store(store_dir).open(run.run)
    summary = reader.summary()
    assert ended == RunEnded(0, run.run, "done")
    assert events[-1] == ended
    assert (summary.status, summary.step, summary.tasks) == (RunStatus.DONE, 6, 18)
    assert summary.best is not None
    assert summary.checkpoint_step == 6
    assert reader.metrics("train")["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert reader.metrics("validation")["step"].tolist() == [2, 4, 6]
    assert reader.environment["threads"] == 2
    assert {type(event) for event in events} == {RunProgress, RunValidated, RunEnded}


def test_a_run_that_was_stopped_goes_on_to_the_same_bits(settings, store_dir) -> None:
    whole = begin(settings, store_dir)
    whole.execute(_ignore)
    run = begin(settings, store_dir)

    def stop_at_three(event: Event) -> None:
        if isinstance(event, RunProgress) and event.step == 3:
            run.ask("stop")

    assert run.execute(stop_at_three).reason == "Stopped after step 3."
    assert Store(store_dir).open(run.run).summary().status is RunStatus.STOPPED
    resume(run.run, Store(store_dir)).execute(_ignore)
    _assert_same(store_dir, whole.run, run.run)


def test_a_run_of_varied_shots_that_goes_on_keeps_the_columns_of_its_first_step(
    settings, store_dir
) -> None:
    """The first step shows two presentations, the one it goes on with four: rows have one set of
    columns."""
    varied = {"algorithm": "mann", "task.queries": 1, "task.k_shot": 3, "task.least_shots": 1}
    varied |= {"training.n_way": None, "training.k_shot": None, "training.queries": None}
    settings = {k: v for k, v in settings.items() if not k.startswith("algorithm.")} | varied
    shape = TaskShape(3, 3, 1, least_shots=1)
    settings["training.seed"] = next(
        seed
        for seed in range(1000)
        if [max(shape.of_step(generator(seed, "train", step)).shots) for step in (0, 3)] == [1, 3]
    )
    run = begin(settings, store_dir)

    def stop_at_three(event: Event) -> None:
        if isinstance(event, RunProgress) and event.step == 3:
            run.ask("stop")

    run.execute(stop_at_three)
    columns = Store(store_dir).open(run.run).columns("train")
    assert [name for name in columns if name[-1].isdigit()] == ["presentation_1", "presentation_2"]
    assert resume(run.run, Store(store_dir)).execute(_ignore).status == "done"
    reader = Store(store_dir).open(run.run)
    assert reader.columns("train") == columns
    assert reader.metrics("train")["step"].tolist() == [1, 2, 3, 4, 5, 6]


def test_a_request_in_the_store_pauses_and_resumes_a_run(settings, store_dir) -> None:
    run = begin(settings, store_dir, training__steps=40)
    reader = Store(store_dir).open(run.run)
    paused, phases = threading.Event(), []

    def look(event: Event) -> None:
        if isinstance(event, RunProgress):
            phases.append(event.phase)
            if event.step == 2 and event.phase == "training":
                reader.request("pause")
            if event.phase == "paused":
                paused.set()

    thread = threading.Thread(target=run.execute, args=(look,))
    thread.start()
    assert paused.wait(PATIENCE)
    assert reader.summary().status is RunStatus.PAUSED
    assert reader.summary().checkpoint_step is not None
    step = run.trainer.published[0]
    reader.request("resume")
    thread.join(PATIENCE)
    assert reader.summary().status is RunStatus.DONE
    assert step < 40


def test_an_aborted_run_keeps_its_last_checkpoint(settings, store_dir) -> None:
    run = begin(settings, store_dir)

    def abort_at_three(event: Event) -> None:
        if isinstance(event, RunProgress) and event.step == 3:
            run.ask("abort")

    run.execute(abort_at_three)
    summary = Store(store_dir).open(run.run).summary()
    assert summary.checkpoint_step == 2
    assert summary.reason == "Aborted at step 3; its last checkpoint is kept."


def test_a_run_that_diverges_is_failed_with_its_reason(settings, store_dir) -> None:
    run = begin(settings, store_dir)
    _, state = run.trainer.published
    broken = {name: tensor * torch.nan for name, tensor in state.parameters.items()}
    run.trainer.published = (0, State(broken))
    ended = run.execute(_ignore)
    summary = Store(store_dir).open(run.run).summary()
    assert ended.status == "failed"
    assert summary.status is RunStatus.FAILED
    assert summary.reason == "The loss was no longer a number at step 1."


@pytest.mark.parametrize("asked", ["", "stop"])
def test_a_run_whose_last_weights_find_no_room_is_failed_and_goes_on_from_the_earlier_ones(
    settings, store_dir, asked
) -> None:
    resource = pytest.importorskip("resource", reason="needs a limit of file sizes")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    run = begin(settings, store_dir)

    def fill_after_four(event: Event) -> None:
        if isinstance(event, RunProgress) and (event.phase, event.step) == ("training", 5):
            resource.setrlimit(resource.RLIMIT_FSIZE, (4000, limits[1]))
            if asked:
                run.ask(asked)

    try:
        ended = run.execute(fill_after_four)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    summary = Store(store_dir).open(run.run).summary()
    assert (ended.status, summary.status) == ("failed", RunStatus.FAILED)
    assert summary.reason.startswith("There is no room left to write ")
    assert summary.hint.startswith("Free some disk space and resume")
    assert summary.checkpoint_step == 4
    assert resume(run.run, Store(store_dir)).execute(_ignore).status == "done"


def test_an_evaluation_uses_the_checkpoint_that_validation_liked_best(settings, store_dir) -> None:
    run = begin(settings, store_dir)
    run.execute(_ignore)
    store = Store(store_dir)
    best = store.open(run.run).summary().best
    found = evaluate(open_run(store, run.run), "validation", tasks=9)
    assert best is not None
    assert found.step == best.step
    assert found.inductive.value == best.value


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_killed_at_random_moments_ends_with_the_same_bits(
    settings, store_dir, threads
) -> None:
    """The whole program in another process, SIGKILL twice, resumed each time."""
    more = {"training.steps": 30, "training.threads": threads, "validation.save_every": 3}
    whole = start(resolve(settings | more), Store(store_dir))
    whole.execute(_ignore)
    flags = [part for key, value in (settings | more).items() for part in (f"--{key}", str(value))]
    run = _train_until_killed(store_dir, flags)
    _train_until_killed(store_dir, ["--resume", run])
    assert Store(store_dir).open(run).summary().status is RunStatus.DIED
    finished = _train(store_dir, ["--resume", run])
    out, _ = finished.communicate(timeout=PATIENCE)
    assert json.loads(out)["status"] == "done"
    _assert_same(store_dir, whole.run, run)


def _train(store_dir: Path, flags: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "workbench", "train", "--store", str(store_dir), "--json"]
    return subprocess.Popen(
        [*command, *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _train_until_killed(store_dir: Path, flags: list[str]) -> str:
    """Kill a training some random steps after its first new one; the run's id."""
    known = {summary.run: summary.step for summary in Store(store_dir).runs()}
    process = _train(store_dir, flags)
    more_steps = random.Random(str(flags)).randint(1, 6)
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline and process.poll() is None:
            for run in _folders(store_dir):
                rows = _rows(store_dir, run)
                if rows >= known.get(run, 0) + more_steps and run not in _done(known, store_dir):
                    return run
            time.sleep(0.01)
        raise AssertionError("the run ended before it could be killed")
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def _folders(store_dir: Path) -> list[str]:
    return [summary.run for summary in Store(store_dir).runs()]


def _done(known: dict[str, int], store_dir: Path) -> set[str]:
    return {s.run for s in Store(store_dir).runs() if s.status is RunStatus.DONE}


def _rows(store_dir: Path, run: str) -> int:
    metrics = Store(store_dir).open(run).metrics("train")
    return int(metrics["step"][-1]) if len(metrics) else 0


def _assert_same(store_dir: Path, first: str, second: str) -> None:
    one, two = parameters(store_dir, first), parameters(store_dir, second)
    assert all(torch.equal(one[name], two[name]) for name in one)
    for stream in ("train", "validation"):
        rows = [Store(store_dir).open(run).metrics(stream) for run in (first, second)]
        for column in set(rows[0].dtype.names) - {"seconds"}:
            assert np.array_equal(rows[0][column], rows[1][column], equal_nan=True), column


def _ignore(event: Event) -> None:
    pass
