"""Scores that were asked for from the window, remembered, so that an opened test split stays so.

    ROOT/scores.json    {"version": 1, "runs": {"0042-maml-omniglot": {"test": {…}}}}

Only the window writes it; a run's folder belongs to its trainer.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import StoreError
from workbench.protocol import Evaluated
from workbench.protocol import Score as ProtocolScore

FILE = "scores.json"
VERSION = 1
SPLITS = ("validation", "test", "list")


@dataclass(frozen=True)
class Mode:
    """Mean ± 95 % interval over the tasks, and the mean before adaptation. Accuracy as a fraction,
    or mean squared error."""

    value: float
    interval: float
    before: float
    norm: str = ""


@dataclass(frozen=True)
class Scored:
    """A run's score on the fixed tasks of a split.

    Attributes:
        step: of the checkpoint that was scored.
        time: when, in seconds since 1970.
        source: the name of the list that was scored; empty for a split.
        note: what a reader must know.
        besides: means of what the method measures besides.
    """

    step: int
    tasks: int
    inductive: Mode
    transductive: Mode
    time: float = 0.0
    source: str = ""
    note: str = ""
    besides: Mapping[str, float] = field(default_factory=dict)


Scores = dict[str, dict[str, Scored]]  # by run, then by split


def scored(event: Evaluated, source: str = "") -> Scored:
    """What is kept of an answer."""
    return Scored(
        step=event.step,
        tasks=event.inductive.tasks,
        inductive=_mode(event.inductive),
        transductive=_mode(event.transductive),
        time=time.time(),
        source=source,
        note=event.note,
        besides=dict(event.metrics),
    )


def load(path: Path) -> Scores:
    """All scores; none where the file is missing or damaged, since they can be made again."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != VERSION:
            return {}
        return {
            run: {split: _read(entry) for split, entry in splits.items() if split in SPLITS}
            for run, splits in content["runs"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def save(path: Path, run: str, split: str, score: Scored) -> Scores:
    """Add a score to the file, and return all that are in it now.

    Raises:
        StoreError: it cannot be written; the scores of before are kept.
    """
    scores = load(path)
    scores.setdefault(run, {})[split] = score
    content = {
        "version": VERSION,
        "runs": {r: {s: asdict(one) for s, one in found.items()} for r, found in scores.items()},
    }
    part = path.with_suffix(".part")
    try:
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise StoreError(
            "The score cannot be kept in {path}: {why}.",
            path=path,
            why=error.strerror,
            hint="It is shown until the window is closed.",
        ) from error
    return scores


def _mode(score: ProtocolScore) -> Mode:
    return Mode(score.value, score.interval, score.before, score.mode)


def _read(entry: dict[str, Any]) -> Scored:
    modes = {name: Mode(**entry[name]) for name in ("inductive", "transductive")}
    return Scored(**{**entry, **modes})
