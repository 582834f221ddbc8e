"""A list of few-shot tasks as one small file: the same tasks for every algorithm, wherever they
run.

    save_tasks(tasks, Path("tasks.json"))
    load_tasks(Path("tasks.json")).check(bank)

It holds no images, only which of a data set's they are. JSON in UTF-8:

    {"format": 1,
     "dataset": {"name": "omniglot", "fingerprint": "…", "classes": 964, "images": 19280,
                 "shape": [1, 28, 28], "settings": {…}},
     "protocol": {"split": "test", "seed": 11, "n_way": 5, …},
     "tasks": [{"classes": [12, …], "turns": [0, …], "support": [[3], …], "query": [[7, 1], …]}, …]}

A class is its number in the data set, an image its number in its class, both from 0; `turns` are
quarter turns of all images of that class. `support` and `query` have a list for each class, so that
classes may have different numbers of images, and tasks different numbers of classes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.bank import Bank
from workbench.errors import DataError

FORMAT = 1
SUFFIX = ".json"
TURNS = 4
MOST_BYTES = 256 << 20
BEYOND = (ArithmeticError, RecursionError)  # endless numbers, lists in lists in lists
SAMPLED = 10_000  # images that a fingerprint reads: a large set is not read from end to end for it
HINT = (
    "Such a file is written by Save these tasks… on the Data page, or by: fewshot-workbench tasks"
)


@dataclass(frozen=True)
class Source:
    """The data set that tasks are of.

    Attributes:
        name: of the data set in the catalogue.
        fingerprint: of its classes and images.
        shape: (C, H, W) of an image.
        settings: its own dotted settings, for a person who wants to have the same.
    """

    name: str
    fingerprint: str
    classes: int
    images: int
    shape: tuple[int, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, bank: Bank, name: str, settings: Mapping[str, Any]) -> Source:
        """A data set as it is now."""
        facts = fingerprint(bank), len(bank.classes), len(bank.images), bank.image_shape
        return cls(name, *facts, dict(settings))


@dataclass(frozen=True)
class ListedTask:
    """One task, a tuple for each class.

    Attributes:
        classes: (N,) numbers in the data set.
        turns: (N,) quarter turns.
        support, query: of each class, numbers of its images.
    """

    classes: tuple[int, ...]
    turns: tuple[int, ...]
    support: tuple[tuple[int, ...], ...]
    query: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class TaskList:
    """Tasks, what they are of, and how they were drawn."""

    source: Source
    protocol: Mapping[str, Any]
    tasks: tuple[ListedTask, ...]

    @property
    def split(self) -> str:
        """Whose classes they were drawn from."""
        return str(self.protocol.get("split", ""))

    @property
    def ways(self) -> int:
        """Classes of the widest task."""
        return max(len(task.classes) for task in self.tasks)

    def check(self, bank: Bank) -> None:
        """Make sure that the tasks are of these images.

        Raises:
            DataError: they are of others.
        """
        source, here = self.source, Source.of(bank, self.source.name, {})
        same = (here.classes, here.images, here.shape) == (
            source.classes,
            source.images,
            source.shape,
        )
        if same and here.fingerprint == source.fingerprint:
            self._check_numbers(bank)
            return
        raise DataError(
            "These tasks are of other data: {theirs}; here are {ours}.",
            theirs=f"{source.name}, {_sized(source)}",
            ours="as many images, but not the same ones" if same else _sized(here),
            hint="Use the data set with the settings that the file names, or draw new tasks.",
        )

    def _check_numbers(self, bank: Bank) -> None:
        counts = np.asarray(bank.counts)
        for task in self.tasks:
            halves = zip(task.classes, task.support, task.query, strict=True)
            if any(max((*taught, *asked)) >= counts[number] for number, taught, asked in halves):
                raise DataError(
                    "These tasks name images that their classes do not have.", hint=HINT
                )


def fingerprint(bank: Bank) -> str:
    """The same for the same images in the same classes, whatever these are called."""
    digest = hashlib.sha256()
    facts = [list(bank.images.shape), np.asarray(bank.counts).tolist()]
    digest.update(json.dumps(facts).encode())
    count = min(len(bank.images), SAMPLED)
    for number in np.linspace(0, len(bank.images) - 1, count).astype(np.int64):
        digest.update(np.ascontiguousarray(bank.images[number]).data)
    return digest.hexdigest()[:32]


def listed(
    bank: Bank,
    classes: NDArray[np.int64],
    turns: NDArray[np.int64],
    images: NDArray[np.int64],
    shots: Sequence[int],
    k_shot: int,
) -> ListedTask:
    """One task from what was drawn.

    Args:
        classes, turns: (N,).
        images: (N, K + Q) image numbers that count through the bank, and through its turned copies.
        shots: (N,) of each class.
        k_shot: K, the most of them; queries come after so many.
    """
    within = images % len(bank.images) - np.asarray(bank.starts)[classes][:, None]
    return ListedTask(
        tuple(classes.tolist()),
        tuple(turns.tolist()),
        tuple(tuple(row[:own]) for row, own in zip(within.tolist(), shots, strict=True)),
        tuple(tuple(row[k_shot:]) for row in within.tolist()),
    )


def numbers(bank: Bank, task: ListedTask, half: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Image numbers (M,) of the support or query half, counting through turned copies, and class
    numbers (M,) 0 … N-1."""
    images, labels = [], []
    for place, own in enumerate(getattr(task, half)):
        first = int(bank.starts[task.classes[place]]) + task.turns[place] * len(bank.images)
        images += [first + number for number in own]
        labels += [place] * len(own)
    return np.array(images, np.int64), np.array(labels, np.int64)


def save_tasks(tasks: TaskList, path: Path) -> None:
    """Write a list; the file is either the old one or the new one, never half.

    Raises:
        DataError: it cannot be written.
    """
    half = path.with_name(f".{path.name}.part-{uuid.uuid4().hex[:8]}")
    try:
        half.write_text(_text(tasks), encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise DataError(
            "The tasks cannot be written to {path}: {reason}.",
            path=path,
            reason=error.strerror or str(error),
            hint="Choose another place, or make room.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            half.unlink()


def load_tasks(path: Path) -> TaskList:
    """Read a list.

    Raises:
        DataError: it is none, is damaged, or of a later version of this program.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is too large to be one")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or "tasks" not in found:
            raise ValueError("it has no tasks")
        if found.get("format") != FORMAT:
            raise ValueError(f"its format is {found.get('format')}, this program reads {FORMAT}")
        return _list(found)
    except OSError as error:
        raise DataError(
            "{path} cannot be read: {reason}.",
            path=path,
            reason=error.strerror or str(error),
            hint="Check its name.",
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, *BEYOND) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        if isinstance(error, json.JSONDecodeError):
            reason = "it is no JSON"
        raise DataError(
            "{path} is no list of tasks: {reason}.", path=path, reason=reason, hint=HINT
        ) from None


def _text(tasks: TaskList) -> str:
    """A line for each task, so that two lists can be compared by any program."""
    head = {
        "format": FORMAT,
        "dataset": {
            "name": tasks.source.name,
            "fingerprint": tasks.source.fingerprint,
            "classes": tasks.source.classes,
            "images": tasks.source.images,
            "shape": list(tasks.source.shape),
            "settings": dict(tasks.source.settings),
        },
        "protocol": dict(tasks.protocol),
    }
    lines = ",\n".join(
        json.dumps(
            {
                "classes": task.classes,
                "turns": task.turns,
                "support": task.support,
                "query": task.query,
            }
        )
        for task in tasks.tasks
    )
    top = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{top},\n "tasks": [\n{lines}\n]}}\n'


def _list(found: Mapping[str, Any]) -> TaskList:
    source = found["dataset"]
    counts = int(source["classes"]), int(source["images"])
    shape = tuple(int(side) for side in source["shape"])
    tasks = tuple(_task(task, counts[0]) for task in found["tasks"])
    if not tasks:
        raise ValueError("it has no tasks")
    return TaskList(
        Source(str(source["name"]), str(source["fingerprint"]), *counts, shape, source["settings"]),
        dict(found["protocol"]),
        tasks,
    )


def _task(found: Mapping[str, Any], classes: int) -> ListedTask:
    task = ListedTask(
        _whole(found["classes"], classes),
        _whole(found["turns"], TURNS),
        tuple(_whole(own, None) for own in found["support"]),
        tuple(_whole(own, None) for own in found["query"]),
    )
    ways = len(task.classes)
    if ways < 2 or {len(task.turns), len(task.support), len(task.query)} != {ways}:
        raise ValueError("a task's lists do not fit together")
    if not all(task.support) or not any(task.query):
        raise ValueError("a task teaches or asks nothing")
    for taught, asked in zip(task.support, task.query, strict=True):
        if len({*taught, *asked}) < len(taught) + len(asked):
            raise ValueError("a task has an image twice")
    if len(set(zip(task.classes, task.turns, strict=True))) < ways:
        raise ValueError("a task has a class twice")
    return task


def _whole(values: Sequence[Any], below: int | None) -> tuple[int, ...]:
    for value in values:
        if not isinstance(value, int) or value < 0 or (below is not None and value >= below):
            raise ValueError(f"{value!r} is no number of a class, a turn or an image")
    return tuple(values)


def _sized(source: Source) -> str:
    sides = " × ".join(map(str, source.shape[1:]))
    return f"{source.classes:,} classes with {source.images:,} images of {sides}"
