"""Content in the files of MNIST's relatives: images and labels apart, packed by gzip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from workbench.archives import Files, unreadable
from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, idx
from workbench.published.arrays import Part, content
from workbench.schema.config import setting

Remotes = Sequence[Remote]

# Of ten classes three validate and three test: tasks have three ways.
THREE_WAYS = {"task.n_way": 3}

__all__ = ["THREE_WAYS", "FourFiles", "Remotes", "content", "pairs", "share"]


def share(what: str) -> Any:
    """A setting: the share of ten classes that validate, or test."""
    return setting(0.3, gt=0, lt=1, group="Splits", help=f"Share of the classes that {what}.")


class FourFiles(Published):
    """A relative of MNIST in its four files."""

    names: ClassVar[tuple[str, ...]]  # of the classes
    parts = (
        *("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        *("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
    )

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        train, train_labels, test, test_labels = (
            (_bytes(path), path.name) for path in files.values()
        )
        parts = [_pair(train, train_labels), _pair(test, test_labels)]
        yield content([ClassInfo(name, "") for name in self.names], parts, self.title)


def pairs(files: Files, prefix: str) -> list[Part]:
    """Images and labels of an archive whose files begin like "emnist-letters-".

    Raises:
        DataError: some are not there, or damaged.
    """
    found = []
    for side in ("train", "test"):
        ends = (f"{prefix}{side}-{what}-ubyte" for what in ("images-idx3", "labels-idx1"))
        names = [_name(files, end) for end in ends]
        found.append(_pair(*((files.read(name), name) for name in names)))
    return found


def _name(files: Files, own: str) -> str:
    for name in files.names:
        if name.rpartition("/")[2].removesuffix(".gz") == own:
            return name
    raise DataError(
        "There is no {own} in these files.",
        own=own,
        hint="Choose the archive as it is published, or the folder that it unpacks to.",
    )


def _pair(images: tuple[bytes, str], labels: tuple[bytes, str]) -> Part:
    found, own = idx.read(*images), idx.read(*labels)
    if found.ndim != 3 or own.ndim != 1:
        raise DataError(
            "{images} and {labels} hold no images and their labels.",
            images=images[1],
            labels=labels[1],
            hint="Choose the files as they are published.",
        )
    return found[:, None], own.astype(np.int64)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
