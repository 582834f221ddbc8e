"""Folders of pictures as examples to teach and to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import ConfigError
from workbench.services.pictures import class_folders, picture_files, read_pictures
from workbench.task import TaskSpec


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
    if spec.kind != "classification":
        raise ConfigError.of(
            "", "This run predicts numbers; only a run on images can name pictures."
        )
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


def _alone(paths: Sequence[Path]) -> bool:
    return len(paths) == 1 and paths[0].is_dir()
