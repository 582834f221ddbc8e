"""What a folder, zip or table was understood to hold, before anything is made of it.

Names are read for all of it; the pictures themselves only until enough were seen: at most
`MOST_READ`, evenly chosen, of which a few are decoded for thumbnails.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench import pictures
from workbench.errors import DataError
from workbench.fetching import Progress
from workbench.schema.nouns import some

Each = Callable[[Collection[str]], Iterator[tuple[str, bytes]]]

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
        warnings: what is damaged and what leaks, as sentences.
        notes: what is left out and why, and what else is worth knowing.
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
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def pictures(self) -> int:
        return sum(count for *_, count in self.classes)


def survey(
    how: str,
    classes: Sequence[SurveyedClass],
    each: Each,
    warnings: Sequence[str],
    notes: Sequence[str],
    progress: Progress,
) -> Survey:
    """Look at the pictures of classes, in one pass over the files.

    Args:
        each: gives (name, bytes) of some pictures in the order that is quick.
        warnings, notes: what is known already.
        progress: told of each; may raise Cancelled.
    """
    looked = _Looked()
    everything = [(number, name) for number, one in enumerate(classes) for name in one.pictures]
    chosen = np.linspace(0, len(everything) - 1, min(len(everything), MOST_READ)).astype(int)
    owners: dict[str, list[int]] = defaultdict(list)  # tables may put a picture into several
    for place in chosen:
        number, name = everything[place]
        owners[name].append(number)
    few = np.linspace(0, len(classes) - 1, min(len(classes), THUMBNAILS)).astype(int)
    first = {int(number): classes[number].pictures[0] for number in few}
    small: dict[str, NDArray[np.uint8]] = {}
    wanted = dict.fromkeys([*owners, *first.values()])
    for done, (name, data) in enumerate(each(wanted)):
        progress(done, len(wanted), "Looking at pictures")
        if name in owners:
            looked.at(owners[name], name, data)
        if name in first.values():
            _thumbnail(small, name, data)
    progress(len(wanted), len(wanted), "Looking at pictures")
    shown = [number for number, name in first.items() if name in small]
    images = [small[first[number]] for number in shown]
    said, also = looked.said(classes)
    return Survey(
        how,
        tuple((one.name, one.group, one.split, len(one.pictures)) for one in classes),
        len(chosen),
        min(looked.sizes, key=_area, default=(0, 0)),
        max(looked.sizes, key=_area, default=(0, 0)),
        looked.coloured,
        np.stack(images) if images else np.zeros((0, 3, SIDE, SIDE), np.uint8),
        tuple(shown),
        (*warnings, *said),
        (*notes, *also),
    )


class _Looked:
    """What was seen of the pictures so far."""

    def __init__(self) -> None:
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.coloured = 0
        self.damaged: list[str] = []
        self._same: Mapping[bytes, list[tuple[int, str]]] = defaultdict(list)

    def at(self, owners: Sequence[int], name: str, data: bytes) -> None:
        same = self._same[blake2b(data, digest_size=12).digest()]
        same.extend((number, name) for number in owners)
        try:
            with Image.open(io.BytesIO(data), formats=pictures.FORMATS) as picture:
                self.sizes[picture.size] += len(owners)
                grey = picture.mode in {"1", "L", "LA", "I", "I;16", "F"}
                self.coloured += 0 if grey else len(owners)
        except (*pictures.DAMAGED, Image.DecompressionBombError):
            self.damaged.append(name)

    def said(self, classes: Sequence[SurveyedClass]) -> tuple[list[str], list[str]]:
        """Warnings, and notes."""
        warnings, notes = [], []
        if self.damaged:
            words = "Cannot be read, take out or mend before importing"
            warnings.append(f"{words}: {some(self.damaged, NAMED)}.")
        torn, twice = [], []
        for same in self._same.values():
            owners = dict.fromkeys(number for number, _ in same)
            if len(owners) > 1:
                titles = " and ".join(classes[number].title for number in list(owners)[:2])
                torn.append(f"{same[0][1]} ({titles})")
            elif len(same) > 1:
                twice.append(f"{same[0][1]} and {same[1][1]}")
        if torn:
            warnings.append(f"Leak: the same picture in two classes: {some(torn, NAMED)}.")
        if twice:
            notes.append(f"The same picture twice in a class: {some(twice, NAMED)}.")
        return warnings, notes


def _thumbnail(found: dict[str, NDArray[np.uint8]], name: str, data: bytes) -> None:
    """Add the picture as a small one; a damaged one is said by whoever imports it."""
    with contextlib.suppress(DataError):
        picture = pictures.decode(data, name)
        found[name] = pictures.pixels(picture, (3, SIDE, SIDE), "crop")


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]
