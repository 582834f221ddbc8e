"""Death and resumption: no step is lost that a checkpoint holds, none is written twice."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.store.conftest import CONFIG, ENVIRONMENT, Python, line, saves
from workbench.errors import StoreError
from workbench.store import Best, RunStatus, RunWriter, Store


def train(writer: RunWriter, *steps: int) -> None:
    for step in steps:
        writer.record("train", {"step": step, "loss": 1 / step})
        writer.event("stepped", step=step)
        writer.status(RunStatus.RUNNING, step=step, steps=100, tasks=4 * step)


def steps(store: Store, run: str) -> list[int]:
    return [int(step) for step in store.open(run).metrics("train")["step"]]


@pytest.fixture
def interrupted(store: Store) -> str:
    """A run that saved after step 3, went on to step 5, and was left without a last word."""
    best = Best(step=2, value=0.5, interval=0.1, metric="accuracy")
    with store.create(CONFIG, ENVIRONMENT) as writer:
        train(writer, 1, 2, 3)
        writer.status(RunStatus.RUNNING, duration_s=3.0, best=best)
        writer.checkpoint(3, saves(b"three"), best=True)
        train(writer, 4, 5)
        writer.status(RunStatus.RUNNING, duration_s=5.0, best=None)
        writer.record("validation", {"step": 5, "value": 0.5})
    return writer.run


def test_a_run_that_nobody_trains_any_more_is_seen_as_died(store: Store, interrupted: str) -> None:
    (summary,) = store.runs()
    assert summary.status is RunStatus.DIED
    assert summary.reason == "The process that trained it ended unexpectedly near step 5."
    assert summary.hint == "Resume goes on from step 3."
    assert summary.checkpoint_step == 3


def test_a_run_that_died_before_its_first_checkpoint_is_resumed_from_the_beginning(
    store: Store,
) -> None:
    with store.create(CONFIG, ENVIRONMENT) as writer:
        train(writer, 1, 2)
    (before,) = store.runs()
    assert before.checkpoint_step is None
    assert before.hint == "It had saved no checkpoint yet: Resume starts it from the beginning."
    with store.resume(writer.run) as writer:
        summary = store.open(writer.run).summary()
        assert (summary.step, summary.steps, summary.created) == (0, 100, before.created)
        train(writer, 1)
    assert steps(store, writer.run) == [1]
    assert [event["kind"] for event in store.open(writer.run).events()] == [
        "interrupted",
        "stepped",
    ]


@pytest.mark.parametrize("content", ["", "{}", '{"version": 1, "last": 3}', '{"version": 9}'])
def test_a_dead_run_without_a_usable_list_of_checkpoints_is_listed_and_not_resumed(
    store: Store, interrupted: str, content: str
) -> None:
    (store.root / "runs" / interrupted / "checkpoints.json").write_text(content)
    (summary,) = store.runs()
    assert (summary.status, summary.checkpoint_step) == (RunStatus.DIED, None)
    with pytest.raises(StoreError):
        store.resume(interrupted)


def test_resuming_takes_back_what_came_after_the_checkpoint(store: Store, interrupted: str) -> None:
    with store.resume(interrupted) as writer:
        assert steps(store, interrupted) == [1, 2, 3]
        assert store.open(interrupted).columns("validation") == ()
        summary = store.open(interrupted).summary()
        assert (summary.status, summary.step, summary.tasks) == (RunStatus.RUNNING, 3, 12)
        assert summary.duration_s == 3.0
        assert summary.best == Best(step=2, value=0.5, interval=0.1, metric="accuracy")
        train(writer, 4, 5, 6)
        writer.status(RunStatus.DONE)
    assert steps(store, interrupted) == [1, 2, 3, 4, 5, 6]
    stepped = [e["step"] for e in store.open(interrupted).events() if e["kind"] == "stepped"]
    assert stepped == [1, 2, 3, 4, 5, 6]
    assert store.open(interrupted).checkpoint("best").read_bytes() == b"three"


def test_every_death_is_remembered_even_if_the_next_one_comes_before_a_checkpoint(
    store: Store, interrupted: str
) -> None:
    with store.resume(interrupted) as writer:
        train(writer, 4)
    store.resume(interrupted).close()
    told = [e for e in store.open(interrupted).events() if e["kind"] == "interrupted"]
    assert [(e["status"], e["reached"], e["step"]) for e in told] == [
        ("died", 5, 3),
        ("died", 4, 3),
    ]


def test_a_run_that_was_stopped_goes_on_without_a_tale_of_death(store: Store) -> None:
    with store.create(CONFIG, ENVIRONMENT) as writer:
        train(writer, 1)
        writer.checkpoint(1, saves(b"one"))
        writer.status(RunStatus.STOPPED, "asked to")
    store.resume(writer.run).close()
    _, told = store.open(writer.run).events()
    assert (told["kind"], told["status"], told["reason"]) == ("interrupted", "stopped", "asked to")


def test_a_run_that_trains_cannot_be_resumed(store: Store, writer: RunWriter) -> None:
    writer.checkpoint(1, saves(b"one"))
    with pytest.raises(StoreError) as caught:
        store.resume(writer.run)
    assert f"cannot be resumed: it is being trained by process {os.getpid()}" in str(caught.value)
    assert caught.value.hint == "Stop it first."


def test_a_follower_starts_over_when_the_run_was_resumed(store: Store, interrupted: str) -> None:
    """Even though the stream has grown beyond what it had read: rows 4 and 5 are others now."""
    follower = store.open(interrupted).follow("train")
    assert follower.read().rows["step"].tolist() == [1, 2, 3, 4, 5]
    with store.resume(interrupted) as writer:
        train(writer, 4, 5, 6, 7)
        news = follower.read()
        assert news.restarted
        assert news.rows["step"].tolist() == [1, 2, 3, 4, 5, 6, 7]
        train(writer, 8)
        news = follower.read()
        assert (news.restarted, news.rows["step"].tolist()) == (False, [8])


def test_requests_to_a_dead_trainer_do_not_reach_the_next_one(
    store: Store, interrupted: str
) -> None:
    with store.resume(interrupted):
        store.open(interrupted).request("stop")
    with store.resume(interrupted) as writer:
        assert writer.requests() == []
        store.open(interrupted).request("pause")
        assert writer.requests() == ["pause"]


def test_metrics_that_are_shorter_than_the_checkpoint_says_are_refused_untouched(
    store: Store, interrupted: str
) -> None:
    folder = store.root / "runs" / interrupted
    events = (folder / "events.jsonl").read_bytes()
    os.truncate(folder / "train.metrics", 10)
    with pytest.raises(StoreError, match=r"train\.metrics is damaged"):
        store.resume(interrupted)
    assert (folder / "events.jsonl").read_bytes() == events
    assert not store.open(interrupted).is_locked()


TRAINS = """
import sys
from pathlib import Path
from workbench.store import RunStatus, Store
store = Store(Path(sys.argv[1]))
if len(sys.argv) > 2:
    writer = store.resume(sys.argv[2])
    with store.open(writer.run).open_checkpoint() as file:
        step = int(file.read())
else:
    writer, step = store.create({}, {}), 0
while True:
    step += 1
    writer.record("train", {"step": step, "loss": 1 / step})
    writer.event("stepped", step=step)
    if step % 5 == 0:
        writer.status(RunStatus.RUNNING, step=step)
        writer.checkpoint(step, lambda file: file.write(str(step).encode()), best=step % 3 == 0)
        print(step, flush=True)
"""


def test_a_trainer_killed_at_any_moment_loses_nothing_that_was_saved(
    store: Store, python: Python
) -> None:
    """Five lives, each ended by SIGKILL while it writes and holds the lock, anywhere in a step."""
    chance = random.Random(0)
    arguments: tuple[object, ...] = (store.root,)
    for _ in range(5):
        trainer = python(TRAINS, *arguments)
        saved = [int(line(trainer)) for _ in range(chance.randint(1, 12))][-1]
        reader = store.open("1")
        assert reader.is_locked()
        assert reader.summary().status is RunStatus.RUNNING
        trainer.kill()
        trainer.wait()
        assert not reader.is_locked()
        summary = reader.summary()
        assert summary.status is RunStatus.DIED
        assert summary.checkpoint_step is not None
        assert summary.checkpoint_step >= saved
        assert int(reader.checkpoint().read_bytes()) == summary.checkpoint_step
        seen = steps(store, summary.run)
        assert seen == list(range(1, len(seen) + 1))
        assert len(seen) >= summary.checkpoint_step
        arguments = (store.root, summary.run)
    with store.resume("1") as writer:
        reached = steps(store, writer.run)[-1]
        assert reached == store.open("1").summary().step
        stepped = [e["step"] for e in store.open("1").events() if e["kind"] == "stepped"]
        assert stepped == list(range(1, reached + 1))
        deaths = [e for e in store.open("1").events() if e["kind"] == "interrupted"]
        assert [death["status"] for death in deaths] == ["died"] * 5
        writer.checkpoint(reached, saves(b"0"))
        left = sorted(path.name for path in writer.folder.rglob("*.part"))
        assert left == []


def test_leftovers_of_a_killed_trainer_are_cleared_away_but_not_the_windows(
    store: Store, interrupted: str
) -> None:
    folder = store.root / "runs" / interrupted
    (folder / ".status.json.0a1b2c3d.part").write_text("half")
    (folder / ".user.json.0a1b2c3d.part").write_text("being written by the window")
    store.resume(interrupted).close()
    assert [path.name for path in folder.glob(".*")] == [".user.json.0a1b2c3d.part"]


def test_a_folder_copied_elsewhere_is_a_store_of_its_own(
    store: Store, interrupted: str, tmp_path: Path
) -> None:
    shutil.copytree(store.root, tmp_path / "copy")
    copy = Store(tmp_path / "copy")
    copy.resume("1").close()
    assert steps(copy, interrupted) == [1, 2, 3]
    assert steps(store, interrupted) == [1, 2, 3, 4, 5]
