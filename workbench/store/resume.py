"""Resuming: take back whatever came after the last checkpoint, so that no step is written twice."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from workbench.store.checkpoints import Sizes, read_entry
from workbench.store.files import damaged, explained, patiently, read_whole, write_whole
from workbench.store.logs import EVENTS, parse_log, to_line
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

HISTORY = ("died", "resumed")  # events that outlive the steps they follow


def cut_back(folder: Path) -> State:
    """Cut metrics and events back to the last checkpoint; the caller holds the run's lock.

    Returns:
        The state to go on from, of the next generation. It must be written after this and before
        the first new row: a reader that sees the new generation then sees no old row.

    Raises:
        StoreError: when there is no checkpoint, or a file is shorter than it was then; nothing was
            changed.
    """
    before = read_state(folder)
    entry = read_entry(folder, "last")
    state = state_from_json(folder / CHECKPOINTS, entry["state"])
    sizes: Sizes = entry["sizes"]
    for name, size in sizes.items():
        if not (folder / name).is_file() or (folder / name).stat().st_size < size:
            raise damaged(folder / name)
    _remove_half_made(folder)
    _cut_events(folder / EVENTS, sizes[EVENTS], _story(before, state.step))
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


def _remove_half_made(folder: Path) -> None:
    """Remove what a killed trainer was just writing; the notes are the window's."""
    for path in folder.glob(".*.part"):
        if not path.name.startswith(f".{USER}"):
            with explained(path):
                path.unlink(missing_ok=True)


def _cut_events(path: Path, size: int, story: bytes) -> None:
    content = read_whole(path)
    kept, taken_back = content[:size], content[size:]
    lines = parse_log(path, content[: content.find(b"\n") + 1] + taken_back)
    history = [json.dumps(line) for line in lines if line["kind"] in HISTORY]
    write_whole(path, kept + "".join(f"{h}\n" for h in history).encode() + story, durable=True)


def _story(before: State, step: int) -> bytes:
    """What happened to the run before, as events: without it a death would be forgotten with the
    steps it cost."""
    told = to_line("resumed", {"step": step, "reached": before.step, **_ending(before)})
    if before.status not in ALIVE:
        return told
    return to_line("died", {"step": before.step, "last_seen": before.updated}) + told


def _ending(before: State) -> dict[str, Any]:
    status = RunStatus.DIED if before.status in ALIVE else before.status
    return {
        "previous": status.value,
        "reason": before.reason,
        "idle_s": time.time() - before.updated,
    }
