"""What is known about a run at a glance, and how it is read from the run's folder.

    config.json  environment.json    written once
    status.json                      by the trainer alone: how far it is, how it ended
    checkpoints.json                 by the trainer alone: the last and the best checkpoint
    user.json                        by the window alone: star, tags, notes
    lock                             held by whoever trains

A file of the trainer's is never written by anybody else, so that nobody's change is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypedDict

from workbench.errors import StoreError
from workbench.store.files import DamagedFileError, damaged, read_json
from workbench.store.lock import is_locked

CONFIG = "config.json"
ENVIRONMENT = "environment.json"
STATUS = "status.json"
CHECKPOINTS = "checkpoints.json"
USER = "user.json"
LOCK = "lock"


class RunStatus(StrEnum):
    """How a run stands. `DIED` is never written: it says that it trains, but nobody holds its
    lock."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    DIED = "died"


ALIVE = (RunStatus.RUNNING, RunStatus.PAUSED)


@dataclass(frozen=True)
class Best:
    """One validation: `value` ± `interval` (95 %) of `metric`, after `step` outer steps."""

    step: int
    value: float
    interval: float
    metric: str


class Progress(TypedDict, total=False):
    """What a trainer tells about itself; what it leaves out stays as it was."""

    step: int
    steps: int
    tasks: int
    duration_s: float
    best: Best | None
    last: Best | None


@dataclass(frozen=True)
class State:
    """The contents of `status.json`.

    Attributes:
        generation: how often the run was resumed; what a reader remembers of another generation is
            void.
        host, pid: who trains, or trained.
    """

    status: RunStatus = RunStatus.RUNNING
    reason: str = ""
    hint: str = ""
    created: float = 0.0
    updated: float = 0.0
    duration_s: float = 0.0
    step: int = 0
    steps: int = 0
    tasks: int = 0
    best: Best | None = None
    last: Best | None = None
    checkpoint_step: int | None = None
    generation: int = 0
    host: str = ""
    pid: int = 0


@dataclass(frozen=True)
class RunSummary:
    """A run at a glance.

    Attributes:
        run: id, which is its folder's name, such as "0042-maml-omniglot".
        reason, hint: why it ended and what to do; empty where there is nothing to say.
        created, updated: seconds since 1970.
        duration_s: time spent training, pauses not counted.
        config: the whole resolved config, nested.
        best, last: validations.
        checkpoint_step: of the last checkpoint, from which it can be resumed.
    """

    run: str
    number: int
    status: RunStatus
    reason: str
    hint: str
    created: float
    updated: float
    duration_s: float
    config: dict[str, Any]
    step: int
    steps: int
    tasks: int
    best: Best | None
    last: Best | None
    checkpoint_step: int | None
    starred: bool = False
    tags: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True)
class User:
    """The contents of `user.json`."""

    starred: bool = False
    tags: tuple[str, ...] = field(default=())
    notes: str = ""


def run_number(run: str) -> int:
    """The number that a run's id begins with; 0 where it is no run's id."""
    digits, dash, _ = run.partition("-")
    return int(digits) if dash and digits.isascii() and digits.isdigit() else 0


def state_to_json(state: State) -> dict[str, Any]:
    """What `status.json` holds."""
    return asdict(state)


def state_from_json(path: Path, content: Mapping[str, Any]) -> State:
    """What `status.json` held.

    Raises:
        StoreError: when values are missing or are none.
    """
    known = {name: content[name] for name in State.__dataclass_fields__ if name in content}
    try:
        known["status"] = RunStatus(known["status"])
        for name in ("best", "last"):
            known[name] = Best(**known[name]) if known.get(name) else None
        return State(**known)
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path) from error


def read_state(folder: Path) -> State:
    """How the run says it stands; from its last checkpoint when `status.json` was lost to a power
    cut.

    Raises:
        StoreError: when neither can be read.
    """
    path = folder / STATUS
    try:
        return state_from_json(path, read_json(path))
    except FileNotFoundError as error:
        raise StoreError(
            "{folder} is no run: it has no {name}.",
            folder=folder,
            name=STATUS,
            hint="Move it out of the store, or put the file back from a copy.",
        ) from error
    except DamagedFileError:
        checkpoints = _or_empty(folder / CHECKPOINTS)
        if "last" not in checkpoints:
            raise
        state = state_from_json(folder / CHECKPOINTS, checkpoints["last"]["state"])
        return replace(state, status=RunStatus.RUNNING)


def read_user(folder: Path) -> User:
    """What the person noted about a run."""
    content = _or_empty(folder / USER)
    return User(
        starred=bool(content.get("starred")),
        tags=tuple(str(tag) for tag in content.get("tags", ())),
        notes=str(content.get("notes", "")),
    )


def read_config(folder: Path, name: str = CONFIG) -> dict[str, Any]:
    """The run's settings, or with another name its environment.

    Raises:
        StoreError: when they cannot be read.
    """
    path = folder / name
    try:
        content = read_json(path).get(path.stem)
    except FileNotFoundError as error:
        raise damaged(path) from error
    if not isinstance(content, dict):
        raise damaged(path)
    return content


def read_summary(folder: Path) -> RunSummary:
    """What the run's files say; whether its trainer lives is for `as_seen`.

    Raises:
        StoreError: when the folder is no run, is damaged, or of another version.
    """
    state, user = read_state(folder), read_user(folder)
    return RunSummary(
        run=folder.name,
        number=run_number(folder.name),
        config=read_config(folder),
        starred=user.starred,
        tags=user.tags,
        notes=user.notes,
        **{name: getattr(state, name) for name in _SHARED},
    )


def as_seen(summary: RunSummary, folder: Path) -> RunSummary:
    """The summary, as died if it says that it trains and nobody does."""
    if summary.status not in ALIVE or is_locked(folder / LOCK):
        return summary
    # It may have ended in an orderly way after the summary was read: the last word comes before
    # the lock is let go.
    summary = read_summary(folder)
    if summary.status not in ALIVE or is_locked(folder / LOCK):
        return summary
    step = _checkpoint_step(folder)
    hint = (
        f"Resume goes on from step {step}."
        if step is not None
        else "It had saved no checkpoint yet: Resume starts it from the beginning."
    )
    reason = f"The process that trained it ended unexpectedly near step {summary.step}."
    return replace(summary, status=RunStatus.DIED, reason=reason, hint=hint, checkpoint_step=step)


def _checkpoint_step(folder: Path) -> int | None:
    try:
        step: int = read_json(folder / CHECKPOINTS)["last"]["step"]
    except (FileNotFoundError, StoreError, KeyError, TypeError):
        return None
    return step


def summary_to_json(summary: RunSummary) -> dict[str, Any]:
    """For the index."""
    return asdict(summary)


def summary_from_json(content: dict[str, Any]) -> RunSummary:
    """From the index."""
    content["status"] = RunStatus(content["status"])
    content["tags"] = tuple(content["tags"])
    for name in ("best", "last"):
        content[name] = Best(**content[name]) if content[name] else None
    return RunSummary(**content)


_SHARED = [name for name in State.__dataclass_fields__ if name in RunSummary.__dataclass_fields__]


def _or_empty(path: Path) -> dict[str, Any]:
    try:
        return read_json(path)
    except FileNotFoundError:
        return {}
