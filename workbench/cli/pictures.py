"""Folders of pictures, and task files, as examples to teach and to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.engine.files import sized
from workbench.errors import ConfigError, DataError
from workbench.services.pictures import class_folders, picture_files, read_pictures
from workbench.task import TaskSpec
from workbench.taskfile import TaskFile


@dataclass(frozen=True)
class Taught:
    """What the model learns from.

    Attributes:
        names: of classes 0 … N-1.
        images: (S, C, H, W).
        labels: (S,).
    """

    names: tuple[str, ...]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """What it is asked.

    Attributes:
        files: one for each query.
        images: (Q, C, H, W).
        labels: (Q,) the truth where the folders tell it, otherwise None.
    """

    files: tuple[Path, ...]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None

    def accuracy(self, answers: NDArray[np.float32]) -> float | None:
        """How many of the answers (Q, N) are right; None where nobody knows."""
        if self.labels is None:
            return None
        return float((answers.argmax(-1) == self.labels).mean())


def teach(folder: Path, spec: TaskSpec) -> Taught:
    """A folder of class folders.

    Raises:
        ConfigError: the model is no model of images.
        DataError: the folder is not as it must be.
    """
    _check_kind(spec)
    classes = class_folders(folder)
    files = [file for found in classes.values() for file in found]
    labels = np.repeat(np.arange(len(classes)), [len(found) for found in classes.values()])
    return Taught(tuple(classes), read_pictures(files, spec.input_shape), labels.astype(np.int64))


def ask(paths: Sequence[Path], taught: Taught, spec: TaskSpec) -> Asked:
    """Pictures, folders of pictures, or one folder of class folders, whose names are the truth.

    Raises:
        DataError: as `teach`.
    """
    names = {path.name for path in paths[0].iterdir() if path.is_dir()} if _alone(paths) else set()
    if not names & set(taught.names):
        files = picture_files(paths)
        return Asked(tuple(files), read_pictures(files, spec.input_shape), None)
    classes = {k: v for k, v in class_folders(paths[0]).items() if k in taught.names}
    files = [file for found in classes.values() for file in found]
    labels = [taught.names.index(name) for name, found in classes.items() for _ in found]
    return Asked(
        tuple(files), read_pictures(files, spec.input_shape), np.array(labels, dtype=np.int64)
    )


def from_task(task: TaskFile, name: str, spec: TaskSpec) -> tuple[Taught, Asked]:
    """What a task called `name` teaches and asks; classes without an example are left out.

    Raises:
        ConfigError: the model is no model of images.
        DataError: it teaches or asks nothing.
    """
    _check_kind(spec)
    kept = [number for number, own in enumerate(task.shots) if own]
    examples = [example for number in kept for example in task.shots[number]]
    if not examples or not task.queries:
        raise DataError(
            "{name} {what}.",
            name=name,
            what="asks nothing" if examples else "teaches nothing",
            hint="Draw what is missing on the Draw page and save the task again.",
        )
    labels = np.repeat(range(len(kept)), [len(task.shots[number]) for number in kept])
    names = tuple(task.names[number] for number in kept)
    taught = Taught(names, sized(examples, spec), labels.astype(np.int64))
    numbers = [label for _, label in task.queries]
    known = all(number in kept for number in numbers)
    files = tuple(Path(f"query/{number}.png") for number in range(len(numbers)))
    return taught, Asked(
        files,
        sized([example for example, _ in task.queries], spec),
        np.array([kept.index(n) for n in numbers if n is not None]) if known else None,
    )


def _check_kind(spec: TaskSpec) -> None:
    if spec.kind != "classification":
        raise ConfigError.of(
            "", "This run predicts numbers; only a run on images can name pictures."
        )


def _alone(paths: Sequence[Path]) -> bool:
    return len(paths) == 1 and paths[0].is_dir()
