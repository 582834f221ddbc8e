"""CIFAR-100, of which two few-shot sets are made: CIFAR-FS and FC100.

Krizhevsky. Learning Multiple Layers of Features from Tiny Images. 2009.
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import io
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from workbench.archives import Files
from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, arrays, pickles, torchvision

IMAGES_PER_CLASS = 600
SIDE = 32
PUBLISHED: Mapping[str, int] = {"classes": 100, "images": 60_000, "bytes": 169_001_437}


class Cifar100(Published):
    """The hundred classes of CIFAR-100, with a published split. Its own training and test images of
    a class are joined."""

    family = "Small pictures"
    licence = "not stated"
    parts = ("cifar-100-python.tar.gz",)
    channels = 3
    kept = "cifar100"
    unpacks = True
    facts: ClassVar[Mapping[str, Any]] = {
        "group": "superclass",
        "files": "cifar-100",
        "images_per_class": IMAGES_PER_CLASS,
        "published": PUBLISHED,
    }

    @abstractmethod
    def side(self, coarse: str, fine: str) -> str:
        """The split of a class."""

    def remotes(self) -> Sequence[Remote]:
        known = torchvision.of("CIFAR100")
        return (torchvision.one(known.url, known.tgz_md5),)

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        with self.opened(files[self.parts[0]], 2) as found:
            meta = _unpickled(found, "meta", ("fine_label_names", "coarse_label_names"))
            halves = [
                _unpickled(found, half, ("data", "fine_labels", "coarse_labels"))
                for half in ("train", "test")
            ]
        fine_names, coarse_names = meta["fine_label_names"], meta["coarse_label_names"]
        parts: list[arrays.Part] = []
        above: dict[int, int] = {}
        for half in halves:
            labels = np.asarray(half["fine_labels"], np.int64)
            above |= dict(zip(labels.tolist(), half["coarse_labels"], strict=True))
            parts.append((np.asarray(half["data"], np.uint8).reshape(-1, 3, SIDE, SIDE), labels))
        classes = []
        for number, fine in enumerate(fine_names):
            coarse = coarse_names[above[number]] if number in above else ""
            classes.append(ClassInfo(fine, coarse, self.side(coarse, fine)))
        yield arrays.content(classes, parts, self.title)


def _unpickled(files: Files, own: str, needed: Sequence[str]) -> Mapping[str, Any]:
    name = next((name for name in files.names if name.rpartition("/")[2] == own), None)
    if name is not None:
        found = pickles.load(io.BytesIO(files.read(name)), name)
        if isinstance(found, Mapping) and all(key in found for key in needed):
            return found
    raise DataError(
        "There is no pickle {own} with {needed} in these files.",
        own=own,
        needed=", ".join(needed),
        hint="Choose cifar-100-python.tar.gz, or the folder that it unpacks to.",
    )
