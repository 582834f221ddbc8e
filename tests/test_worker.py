"""The worker as the window meets it: a real child, a real pipe, real training on a few glyphs."""

from __future__ import annotations

import ast
import dataclasses
import io
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from PIL import Image

from workbench.bank import Bank
from workbench.protocol import (
    Adapt,
    Adapted,
    Cancel,
    Command,
    ControlRun,
    CostEstimated,
    DataReady,
    EngineReady,
    EngineStarting,
    EstimateCost,
    Evaluate,
    Evaluated,
    Event,
    Failed,
    PrepareData,
    PreviewTask,
    Progress,
    ResumeRun,
    RunEnded,
    RunProgress,
    RunStarted,
    Shutdown,
    StartRun,
    TaskPreviewed,
    Validate,
    Validated,
)
from workbench.sources import ImageData
from workbench.store import RunStatus, Store
from workbench.worker import launch
from workbench.worker.data import DataShelf
from workbench.worker.dispatch import is_device_fault

EventT = TypeVar("EventT", bound=Event)
PATIENCE = 120.0
LIGHT = (
    "builtins",
    "collections",
    "numpy",
    "pathlib",
    "workbench.errors",
    "workbench.protocol",
    "workbench.schema",
)
"""Where what the worker says may come from: the window has loaded these anyway."""

GLYPHS = {
    "dataset.name": "glyphs",
    "dataset.alphabets": 3,
    "dataset.characters": 6,
    "dataset.drawers": 6,
    "dataset.validation": 1,
    "dataset.test": 1,
    "task.queries": 3,
}
SMALL: dict[str, Any] = {
    **GLYPHS,
    "algorithm.name": "protonet",
    "backbone.width": 8,
    "training.n_way": 5,
    "training.steps": 4,
    "training.meta_batch": 2,
    "validation.every": 2,
    "validation.tasks": 8,
    "evaluation.tasks": 8,
    "device": "cpu",
}
ENDLESS = {**SMALL, "training.steps": 1_000_000, "validation.every": 100_000}


class LightReader(pickle.Unpickler):
    """Reads what a process without torch can read."""

    def find_class(self, module: str, name: str) -> Any:
        assert f"{module}.".startswith(tuple(f"{light}." for light in LIGHT)), f"{module}.{name}"
        return super().find_class(module, name)


def as_the_window_reads(sent: bytes) -> Event:
    """An event, made of nothing that would load torch into the window."""
    event: Event = LightReader(io.BytesIO(sent)).load()
    return event


class Child:
    """A worker, and everything it has said so far."""

    def __init__(self, store: Path) -> None:
        self.store = Store(store)
        self.pipe: Connection
        self.process: SpawnProcess
        self.pipe, self.process = launch(store)
        self.heard: list[Event] = []
        self._number = 0

    def send(self, command: type[Command], **fields: Any) -> int:
        self._number += 1
        self.pipe.send(command(self._number, **fields))
        return self._number

    def until(self, wanted: Callable[[Event], bool]) -> Event:
        """Hear on until an event is wanted."""
        end = time.monotonic() + PATIENCE
        while self.pipe.poll(max(end - time.monotonic(), 0)):
            event = as_the_window_reads(self.pipe.recv_bytes())
            self.heard.append(event)
            if wanted(event):
                return event
        raise AssertionError(f"nothing came in {PATIENCE} s; heard {self.heard[-3:]}")

    def hear(self, kind: type[EventT]) -> EventT:
        event = self.until(lambda event: isinstance(event, kind))
        assert isinstance(event, kind)
        return event

    def ask(self, command: type[Command], **fields: Any) -> Event:
        """Send, and hear the final answer."""
        number = self.send(command, **fields)
        return self.until(lambda e: e.request == number and not is_interim(e))

    def start(self, **values: Any) -> str:
        started = self.ask(StartRun, values={**ENDLESS, **values})
        assert isinstance(started, RunStarted), started
        return started.run

    def end(self) -> None:
        if self.process.is_alive():
            try:
                self.pipe.send(Shutdown(0))
            except OSError:
                self.process.kill()
        self.process.join(30)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A worker of this test's own."""
    monkeypatch.setenv("FEWSHOT_WORKBENCH_HOME", str(tmp_path))
    own = Child(tmp_path)
    yield own
    own.end()


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """One worker for many tests: torch is loaded once."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("worker")
        patch.setenv("FEWSHOT_WORKBENCH_HOME", str(home))
        shared = Child(home)
        yield shared
        shared.end()


@pytest.fixture
def child(worker: Child) -> Iterator[Child]:
    """That worker, in which nothing trains before or after the test."""
    worker.heard.clear()
    yield worker
    for summary in worker.store.runs():
        if summary.status in (RunStatus.RUNNING, RunStatus.PAUSED):
            worker.ask(ControlRun, run=summary.run, action="abort")
            worker.until(lambda e: isinstance(e, RunEnded))


def is_interim(event: Event) -> bool:
    """Whether more answers to the same request follow."""
    return isinstance(event, Progress) or (isinstance(event, DataReady) and event.partial)


def drawing(ways: int = 5, size: int = 28) -> dict[str, Any]:
    images = np.random.default_rng(0).integers(0, 256, (ways, 1, size, size), dtype=np.uint8)
    return {"support_x": images, "support_y": np.arange(ways), "query_x": images[:2]}


def test_data_and_task_previews_are_answered_before_torch_is_loaded(fresh: Child) -> None:
    fresh.send(PrepareData, values=GLYPHS)
    ready = fresh.until(lambda e: isinstance(e, DataReady) and not e.partial)
    assert isinstance(ready, DataReady)
    assert {name: len(own) for name, own in ready.splits.items()} == {
        "train": 6,
        "validation": 6,
        "test": 6,
    }
    task = fresh.ask(PreviewTask, values=GLYPHS, split="validation", index=3)
    assert isinstance(task, TaskPreviewed)
    assert task.support_x.shape == (5, 1, 28, 28)
    assert task.query_x.shape == (15, 1, 28, 28)
    assert len(set(task.class_names)) == 5
    shown = {image.tobytes() for image in task.support_x}
    assert not any(image.tobytes() in shown for image in task.query_x)
    assert not any(isinstance(event, EngineReady) for event in fresh.heard)
    assert isinstance(fresh.heard[0], EngineStarting)


def test_a_preview_is_the_very_task_that_is_trained_on(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEWSHOT_WORKBENCH_HOME", str(child.store.root))
    from workbench.engine.session import Session
    from workbench.services.experiment import resolve
    from workbench.services.runs import from_cache, silent

    shown = child.ask(PreviewTask, values=SMALL, split="train", index=3)
    assert isinstance(shown, TaskPreviewed)
    config = resolve(SMALL)
    trained = Session(config, from_cache(config, silent), threads=1).tasks("train", 1, 2)[1]
    np.testing.assert_array_equal(shown.support_x / np.float32(255), trained.support_x)
    np.testing.assert_array_equal(shown.query_x / np.float32(255), trained.query_x)


def test_a_function_is_previewed_with_its_curve_through_the_points(child: Child) -> None:
    values = {"dataset.name": "sinusoid", "task.k_shot": 7}
    task = child.ask(PreviewTask, values=values, split="train", index=0)
    assert isinstance(task, TaskPreviewed)
    assert task.curve is not None
    x, y = task.curve.T
    assert task.support_x.shape == (7, 1)
    np.testing.assert_allclose(
        np.interp(task.support_x[:, 0], x, y), task.support_y[:, 0], atol=0.01
    )


def test_settings_are_checked_and_a_wrong_one_starts_nothing(child: Child) -> None:
    wrong, before = {**SMALL, "task.n_way": 1}, len(child.store.runs())
    checked = child.ask(Validate, values=wrong)
    refused = child.ask(StartRun, values=wrong)
    for answer in (checked, refused):
        assert isinstance(answer, Validated)
        assert [problem.path for problem in answer.problems] == ["task.n_way"]
    assert len(child.store.runs()) == before


def test_what_a_run_takes_is_measured_on_loaded_data_while_none_trains(child: Child) -> None:
    other = {**SMALL, "dataset.seed": 77}  # of no other test
    early = child.ask(EstimateCost, values=other)
    assert isinstance(early, Failed)
    assert early.message == "The data are not loaded yet."
    child.ask(PrepareData, values=other)
    cost = child.ask(EstimateCost, values=other)
    assert isinstance(cost, CostEstimated)
    assert cost.seconds > cost.step_seconds > 0
    assert cost.memory > 0
    run = child.start()
    beside = child.ask(EstimateCost, values=other)
    assert isinstance(beside, Failed)
    assert beside.cancelled
    child.ask(ControlRun, run=run, action="stop")
    child.hear(RunEnded)


def test_a_run_trains_to_its_end_and_is_scored(child: Child) -> None:
    started = child.ask(StartRun, values=SMALL)
    assert isinstance(started, RunStarted)
    ended = child.hear(RunEnded)
    assert (ended.run, ended.status) == (started.run, "done")
    assert len(child.store.open(started.run).metrics("train")) == 4
    scored = child.ask(Evaluate, run=started.run, split="test")
    assert isinstance(scored, Evaluated)
    assert scored.inductive.tasks == 8
    answer = child.ask(Adapt, run=started.run, **drawing())
    assert isinstance(answer, Adapted)
    assert answer.answers.shape == (1, 2, 5)
    np.testing.assert_allclose(answer.answers.sum(-1), 1, atol=1e-5)


def test_a_drawing_is_answered_by_the_weights_of_a_run_that_trains_on(child: Child) -> None:
    run = child.start()
    steps = []
    for _ in range(2):
        child.hear(RunProgress)
        answer = child.ask(Adapt, run=run, **drawing())
        assert isinstance(answer, Adapted)
        steps.append(answer.step)
        at = answer.step
        child.until(lambda e, at=at: isinstance(e, RunProgress) and e.step > at)
    assert 0 <= steps[0] < steps[1]
    before = child.ask(Adapt, run=f"untrained:{run}", **drawing())
    assert isinstance(before, Adapted)
    assert before.step == 0


def test_only_the_latest_drawing_of_those_that_wait_is_answered(child: Child) -> None:
    run = child.start()
    numbers = [child.send(Adapt, run=run, **drawing()) for _ in range(12)]
    child.until(lambda e: e.request == numbers[-1])
    answers = {e.request: e for e in child.heard if e.request in numbers}
    assert set(answers) == set(numbers)
    assert isinstance(answers[numbers[-1]], Adapted)
    left_out = [e for e in answers.values() if isinstance(e, Failed)]
    assert left_out
    assert all(e.cancelled for e in left_out)


def test_one_run_trains_at_a_time(child: Child) -> None:
    run = child.start()
    refused = child.ask(StartRun, values=SMALL)
    assert isinstance(refused, Failed)
    assert run in refused.message
    assert child.ask(ControlRun, run=run, action="stop") == Validated(refused.request + 1, ())
    child.hear(RunEnded)
    assert isinstance(child.ask(StartRun, values=SMALL), RunStarted)
    child.hear(RunEnded)


def test_a_run_is_paused_and_resumed_through_the_worker_and_through_the_store(
    child: Child,
) -> None:
    run = child.start()
    child.hear(RunProgress)
    child.ask(ControlRun, run=run, action="pause")
    paused = child.until(lambda e: isinstance(e, RunProgress) and e.phase == "paused")
    assert child.store.open(run).summary().status is RunStatus.PAUSED
    child.store.open(run).request("resume")
    assert isinstance(paused, RunProgress)
    child.until(lambda e: isinstance(e, RunProgress) and e.step > paused.step)


def test_while_data_is_made_a_first_alphabet_can_be_looked_at(fresh: Child, tmp_path: Path) -> None:
    number = fresh.send(PrepareData, values={**GLYPHS, "dataset.seed": 5})
    first = fresh.hear(DataReady)
    assert first.partial
    early = Bank.open(first.folder)
    whole = fresh.until(lambda e: isinstance(e, DataReady) and not e.partial)
    assert isinstance(whole, DataReady)
    assert whole.request == first.request == number
    late = Bank.open(whole.folder)
    assert early.classes == late.classes[:6]
    np.testing.assert_array_equal(early.images, late.images[: len(early.images)])
    again = fresh.ask(PrepareData, values={**GLYPHS, "dataset.seed": 5})
    assert again == dataclasses.replace(whole, request=number + 1)
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_generating_data_can_be_cancelled_and_leaves_nothing(fresh: Child, tmp_path: Path) -> None:
    fresh.hear(EngineStarting)
    number = fresh.send(PrepareData, values={"dataset.name": "glyphs", "dataset.alphabets": 500})
    fresh.until(lambda e: isinstance(e, Progress) and e.request == number)
    fresh.send(Cancel, target=number)
    answer = fresh.until(lambda e: e.request == number and not is_interim(e))
    assert isinstance(answer, Failed)
    assert answer.cancelled
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_damaged_file_is_answered_with_a_sentence_and_the_worker_lives_on(
    child: Child, tmp_path: Path
) -> None:
    broken = tmp_path / "images_background.zip"
    broken.write_bytes(b"PK\x03\x04 cut off")
    values = {"dataset.name": "omniglot", "dataset.path": str(broken)}
    answer = child.ask(PrepareData, values=values)
    assert isinstance(answer, Failed)
    assert answer.message
    assert answer.hint
    assert answer.detail == ""
    assert isinstance(child.ask(PrepareData, values=GLYPHS), DataReady)


def test_closing_the_pipe_saves_what_trains_and_ends_the_worker(fresh: Child) -> None:
    run = fresh.start()
    fresh.until(lambda e: isinstance(e, RunProgress) and e.step >= 2)
    fresh.pipe.close()
    fresh.process.join(30)
    assert fresh.process.exitcode == 0
    summary = fresh.store.open(run).summary()
    assert summary.status is RunStatus.STOPPED
    assert summary.checkpoint_step == summary.step >= 2


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends a process at once there")
def test_a_polite_kill_saves_what_trains_and_it_can_be_resumed(
    fresh: Child, tmp_path: Path
) -> None:
    run = fresh.start()
    fresh.until(lambda e: isinstance(e, RunProgress) and e.step >= 2)
    assert fresh.process.pid is not None
    os.kill(fresh.process.pid, signal.SIGTERM)
    fresh.process.join(30)
    reached = fresh.store.open(run).summary().step
    second = Child(tmp_path)
    try:
        assert isinstance(second.ask(ResumeRun, run=run), RunStarted)
        second.until(lambda e: isinstance(e, RunProgress) and e.step > reached)
        second.ask(ControlRun, run=run, action="stop")
        second.hear(RunEnded)
        steps = second.store.open(run).metrics("train")["step"]
        np.testing.assert_array_equal(steps, np.arange(1, len(steps) + 1))
    finally:
        second.end()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_worker_does_not_outlive_a_window_that_is_killed(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import time\nfrom pathlib import Path\nfrom workbench.worker import launch\n"
        "if __name__ == '__main__':\n"
        f"    pipe, process = launch(Path({str(tmp_path)!r}))\n"
        "    pipe.recv()\n    print(process.pid, flush=True)\n    time.sleep(600)\n"
    )
    file = tmp_path / "window.py"
    file.write_text(script)
    root = str(Path(__file__).parents[1])
    window = subprocess.Popen(
        [sys.executable, str(file)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root, "FEWSHOT_WORKBENCH_HOME": str(tmp_path)},
    )
    assert window.stdout is not None
    with window.stdout:
        worker = int(window.stdout.readline())
    window.kill()
    window.wait()
    end = time.monotonic() + PATIENCE
    while _runs(worker):
        assert time.monotonic() < end, "the worker still runs"
        os.sched_yield()


def _runs(process: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def test_pictures_that_were_added_are_found_when_the_data_are_made_ready_again(
    tmp_path: Path,
) -> None:
    def add(number: int) -> None:
        folder = tmp_path / "mine" / f"class {number}"
        folder.mkdir(parents=True)
        for image in range(2):
            Image.new("L", (8, 8), 10 * number + image).save(folder / f"{image}.png")

    shelf, values = DataShelf(tmp_path / "cache"), {"dataset.name": "image_folder"}
    values["dataset.path"] = str(tmp_path / "mine")

    def count(anew: bool) -> int:
        data = shelf.get(values, lambda *_: None, anew)
        assert isinstance(data, ImageData)
        assert shelf.peek(values) is data
        return len(data.bank.classes)

    for number in range(4):
        add(number)
    assert count(anew=False) == 4
    add(4)
    assert (count(anew=False), count(anew=True), count(anew=False)) == (4, 5, 5)


def test_a_gpu_that_failed_is_told_from_one_that_is_full() -> None:
    full = type("OutOfMemoryError", (RuntimeError,), {})
    broken = type("AcceleratorError", (RuntimeError,), {})
    assert is_device_fault(broken("CUDA error: device-side assert triggered"))
    assert is_device_fault(RuntimeError("CUDA error: an illegal memory access was encountered"))
    assert not is_device_fault(full("CUDA out of memory."))
    assert not is_device_fault(ValueError("shape"))


def test_the_file_that_starts_a_worker_imports_nothing_heavy() -> None:
    source = Path(__file__).parents[1] / "workbench" / "worker" / "__init__.py"
    top = [node for node in ast.parse(source.read_text()).body if isinstance(node, ast.ImportFrom)]
    names = {node.module or "" for node in top}
    assert not any(name.startswith("workbench") or name == "torch" for name in names)
