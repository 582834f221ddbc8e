"""Resuming: take back whatever came after the last checkpoint, so that no step is written twice."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from workbench.store.checkpoints import Sizes, has_checkpoint, read_entry
from workbench.store.files import damaged, explained, patiently, read_whole, to_json, write_whole
from workbench.store.logs import EVENTS, log_head, parse_log, to_line
from workbench.store.metrics import SUFFIX
from workbench.store.summary import (
    ALIVE,
    CHECKPOINTS,
    USER,
    RunStatus,
    State,
    read_state,
    state_from_json,
)

# Events that outlive the steps they follow: without them a death would be forgotten with the steps
# that it cost.
HISTORY = ("interrupted", "resumed")


def cut_back(folder: Path) -> State:
    """Cut metrics and events back to the last checkpoint, or to nothing if there never was one. The
    caller holds the run's lock.

    Returns:
        The state to go on from, of the next generation. It must be written after this and before
        the first new row: a reader that sees the new generation then sees no old row.

    Raises:
        StoreError: when a file is damaged, or shorter than it was then; nothing was changed.
    """
    before = read_state(folder)
    state, sizes = _last_checkpoint(folder, before)
    for name, size in sizes.items():
        if not (folder / name).is_file() or (folder / name).stat().st_size < size:
            raise damaged(folder / name)
    _remove_half_made(folder)
    _cut_events(folder / EVENTS, sizes.get(EVENTS, 0), _story(before, state.step))
    for path in folder.glob(f"*{SUFFIX}"):
        with explained(path):
            if path.name in sizes:
                patiently(partial(os.truncate, path, sizes[path.name]))
            else:
                patiently(path.unlink)
    return replace(
        state,
        status=RunStatus.RUNNING,
        reason="",
        hint="",
        generation=before.generation + 1,
    )


def _last_checkpoint(folder: Path, before: State) -> tuple[State, Sizes]:
    if not has_checkpoint(folder):
        return State(created=before.created, steps=before.steps), {}
    entry = read_entry(folder, "last")
    return state_from_json(folder / CHECKPOINTS, entry["state"]), entry["sizes"]


def _remove_half_made(folder: Path) -> None:
    """Remove what a killed trainer was just writing; the notes are the window's."""
    for path in folder.glob(".*.part"):
        if not path.name.startswith(f".{USER}"):
            with explained(path):
                path.unlink(missing_ok=True)


def _cut_events(path: Path, size: int, story: bytes) -> None:
    content = read_whole(path) if path.exists() else b""
    size = max(size, content.find(b"\n") + 1)  # the first line names the version
    head = content[: content.find(b"\n") + 1] or log_head()
    lines = parse_log(path, head + content[size:])
    history = [to_json(line) for line in lines if line["kind"] in HISTORY]
    write_whole(path, (content[:size] or head) + b"".join(history) + story, durable=True)


def _story(before: State, step: int) -> bytes:
    status = RunStatus.DIED if before.status in ALIVE else before.status
    told = {
        "step": step,
        "reached": before.step,
        "status": status.value,
        "reason": before.reason,
        "last_seen": before.updated,
    }
    return to_line("interrupted", told)
