"""What a folder, zip or table was understood to hold, before anything is made of it.

Names are read for all of it; the pictures themselves only until enough were seen: at most
`MOST_READ`, evenly chosen, of which a few are decoded for thumbnails.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench import pictures
from workbench.errors import DataError
from workbench.fetching import Progress

MOST_READ = 2_000
THUMBNAILS = 24
SIDE = 64  # pixels of a thumbnail
NAMED = 3


@dataclass(frozen=True)
class SurveyedClass:
    """One class: `split` and `group` are empty where none is given."""

    name: str
    group: str
    split: str
    pictures: tuple[str, ...]

    @property
    def title(self) -> str:
        return ", ".join(filter(None, (self.group, self.name)))


@dataclass(frozen=True)
class Survey:
    """What there is.

    Attributes:
        how: it was understood: "A folder for each class".
        classes: as (name, group, split, number of pictures).
        read: pictures that were looked at.
        smallest, largest: (width, height) of those.
        coloured: how many of those have colours.
        thumbnails: (n, 3, SIDE, SIDE) of classes `shown`.
        notes: what is left out and why, what is damaged, what leaks; as sentences.
    """

    how: str
    classes: tuple[tuple[str, str, str, int], ...]
    read: int = 0
    smallest: tuple[int, int] = (0, 0)
    largest: tuple[int, int] = (0, 0)
    coloured: int = 0
    thumbnails: NDArray[np.uint8] = field(
        default_factory=lambda: np.zeros((0, 3, SIDE, SIDE), np.uint8)
    )
    shown: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def pictures(self) -> int:
        return sum(count for *_, count in self.classes)


def survey(
    how: str,
    classes: Sequence[SurveyedClass],
    read: Callable[[str], bytes],
    notes: Sequence[str],
    progress: Progress,
) -> Survey:
    """Look at the pictures of classes.

    Args:
        read: gives the bytes of a picture by its name.
        notes: what is known already.
        progress: told now and then; may raise Cancelled.
    """
    looked = _Looked()
    everything = [(number, name) for number, one in enumerate(classes) for name in one.pictures]
    some = np.linspace(0, len(everything) - 1, min(len(everything), MOST_READ)).astype(int)
    for done, place in enumerate(some):
        if done % 20 == 0:
            progress(done, len(some), "Looking at pictures")
        number, name = everything[place]
        looked.at(number, name, read(name))
    thumbnails, shown = _thumbnails(classes, read, looked.damaged)
    progress(len(some), len(some), "Looking at pictures")
    return Survey(
        how,
        tuple((one.name, one.group, one.split, len(one.pictures)) for one in classes),
        len(some),
        min(looked.sizes, key=_area, default=(0, 0)),
        max(looked.sizes, key=_area, default=(0, 0)),
        looked.coloured,
        thumbnails,
        shown,
        (*notes, *looked.notes(classes)),
    )


class _Looked:
    """What was seen of the pictures so far."""

    def __init__(self) -> None:
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.coloured = 0
        self.damaged: list[str] = []
        self._same: Mapping[bytes, list[tuple[int, str]]] = defaultdict(list)

    def at(self, number: int, name: str, data: bytes) -> None:
        self._same[blake2b(data, digest_size=12).digest()].append((number, name))
        try:
            with Image.open(io.BytesIO(data), formats=pictures.FORMATS) as picture:
                self.sizes[picture.size] += 1
                self.coloured += picture.mode not in {"1", "L", "LA", "I", "I;16", "F"}
        except pictures.DAMAGED:
            self.damaged.append(name)

    def notes(self, classes: Sequence[SurveyedClass]) -> list[str]:
        notes = []
        if self.damaged:
            notes.append(
                f"Cannot be read, take out or mend before importing: {_some(self.damaged)}."
            )
        torn, twice = [], []
        for same in self._same.values():
            owners = dict.fromkeys(number for number, _ in same)
            if len(owners) > 1:
                titles = " and ".join(classes[number].title for number in list(owners)[:2])
                torn.append(f"{same[0][1]} ({titles})")
            elif len(same) > 1:
                twice.append(f"{same[0][1]} and {same[1][1]}")
        if torn:
            notes.append(f"Leak: the same picture in two classes: {_some(torn)}.")
        if twice:
            notes.append(f"The same picture twice in a class: {_some(twice)}.")
        return notes


def _thumbnails(
    classes: Sequence[SurveyedClass], read: Callable[[str], bytes], damaged: Sequence[str]
) -> tuple[NDArray[np.uint8], tuple[int, ...]]:
    found, shown = [], []
    for number in np.linspace(0, len(classes) - 1, min(len(classes), THUMBNAILS)).astype(int):
        name = classes[number].pictures[0]
        if name in damaged:
            continue
        try:
            picture = pictures.decode(read(name), name)
        except DataError:
            continue  # said by whoever imports it
        found.append(pictures.pixels(picture, (3, SIDE, SIDE), "crop"))
        shown.append(int(number))
    images = np.stack(found) if found else np.zeros((0, 3, SIDE, SIDE), np.uint8)
    return images, tuple(shown)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
