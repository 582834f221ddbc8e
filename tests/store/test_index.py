"""The index makes listing quick, and is never believed when the folders say something else."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from tests.store.conftest import CONFIG, ENVIRONMENT
from workbench.store import RunStatus, Store


@pytest.fixture
def root(store_dir: Path) -> Path:
    """Of a store with three runs that ended a while ago."""
    for _ in range(3):
        with Store(store_dir).create(CONFIG, ENVIRONMENT) as writer:
            writer.status(RunStatus.DONE, step=7)
    settle(store_dir)
    return store_dir


def settle(root: Path) -> None:
    """Let the files look old: what may change within a tick of the clock is not remembered."""
    past = time.time() - 60
    for folder in (root / "runs").iterdir():
        os.utime(folder, (past, past))


def listed(root: Path) -> list[tuple[str, int]]:
    return [(summary.run, summary.step) for summary in Store(root).runs()]


def test_a_run_that_did_not_change_is_not_read_again(root: Path) -> None:
    before = Store(root).runs()
    for config in root.glob("runs/*/config.json"):
        config.write_text("no longer JSON")  # in place, which nothing of ours ever does
    assert Store(root).runs() == before


def test_a_changed_run_is_read_again_and_a_vanished_one_forgotten(root: Path) -> None:
    store = Store(root)
    assert len(store.runs()) == 3
    Store(root).open("2").set_user(notes="changed by another window")
    Store(root).delete("1")
    settle(root)
    for _ in range(2):
        assert [(s.number, s.notes) for s in store.runs()] == [
            (3, ""),
            (2, "changed by another window"),
        ]
        store = Store(root)
    assert len(execute(root / "index.sqlite", "SELECT run FROM runs")) == 2


def test_two_changes_within_a_tick_of_the_clock_are_both_seen(root: Path) -> None:
    store, reader = Store(root), Store(root).open("1")
    folder = root / "runs" / reader.run
    reader.set_user(notes="first")
    tick = folder.stat().st_mtime_ns
    assert store.runs()[-1].notes == "first"
    reader.set_user(notes="second")
    os.utime(folder, ns=(tick, tick))
    assert store.runs()[-1].notes == "second"


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b"this is no database at all" * 100),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        lambda file: file.write_bytes(b""),
        lambda file: execute(file, "PRAGMA user_version = 99"),
        lambda file: execute(file, "DROP TABLE runs"),
        lambda file: execute(file, "UPDATE runs SET summary = '{}'"),
        lambda file: execute(file, "UPDATE runs SET summary = 'nonsense'"),
    ],
    ids=["deleted", "foreign", "cut", "empty", "later", "bare", "incomplete", "nonsense"],
)
def test_an_index_that_is_of_no_use_is_made_again_in_silence(root: Path, damage: object) -> None:
    before = listed(root)
    damage(root / "index.sqlite")  # type: ignore[operator]
    assert listed(root) == before
    assert listed(root) == before
    rows = execute(root / "index.sqlite", "SELECT run FROM runs ORDER BY run DESC")
    assert [run for (run,) in rows] == [run for run, _ in before]


def test_an_index_that_another_program_holds_is_done_without(root: Path) -> None:
    before = listed(root)
    (root / "index.sqlite").unlink()
    (root / "index.sqlite").mkdir()
    assert listed(root) == before


def execute(file: Path, statement: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(file)
    with database:
        rows = database.execute(statement).fetchall()
    database.close()
    return rows
