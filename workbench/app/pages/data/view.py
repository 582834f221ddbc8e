"""What the page knows of a bank of images: groups, splits, counts, leaks. numpy only, no Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.leaks import Statement, by_names
from workbench.schema.nouns import Words, class_key, names_of, plain

if TYPE_CHECKING:
    from workbench.bank import Bank

SPLITS = ("train", "validation", "test")
SPLIT_WORDS = {"train": "Train", "validation": "Validation", "test": "Test", "": "Not used"}
SPLIT_SERIES = {"train": 0, "validation": 1, "test": 5, "": 3}


Dress = tuple[tuple[str, ...], tuple[str, ...]]  # `classes.hidden` and `classes.renamed`
ALL = "All classes"  # the group of those that have none


@dataclass(frozen=True)
class Group:
    """The classes of one alphabet, or whatever else they are grouped by."""

    name: str
    split: str
    classes: tuple[int, ...]


class DataView:
    """A bank and its splits, as the page shows them.

    Args:
        bank: all images.
        splits: class numbers by split.
        words: for its classes.
        dress: which classes are hidden, and which have other names.
    """

    def __init__(
        self,
        bank: Bank,
        splits: Mapping[str, tuple[int, ...]],
        words: Words | None = None,
        dress: Dress = ((), ()),
    ) -> None:
        self.bank = bank
        self.words = words or Words()
        self.dress = dress
        self._keys = [class_key(info.group, info.name) for info in bank.classes]
        self._hidden, self._names = set(dress[0]), names_of(dress[1])
        self.splits = {
            name: tuple(n for n in splits.get(name, ()) if self._keys[n] not in self._hidden)
            for name in SPLITS
        }
        self._split_of = {number: name for name, own in self.splits.items() for number in own}
        members: dict[tuple[str, str], list[int]] = {}
        for number, found in enumerate(bank.classes):
            name = plain(found.group) or ALL
            members.setdefault((name, self.split_of(number)), []).append(number)
        order = {name: place for place, name in enumerate((*SPLITS, ""))}
        self.groups = tuple(
            Group(name, split, tuple(own))
            for (name, split), own in sorted(
                members.items(), key=lambda item: (order[item[0][1]], item[0][0].lower())
            )
        )

    def split_of(self, number: int) -> str:
        """Split of a class; empty where it is not used."""
        return self._split_of.get(number, "")

    def group_of(self, number: int) -> Group | None:
        """The group that a class stands in."""
        return next((group for group in self.groups if number in group.classes), None)

    def key(self, number: int) -> str:
        """A class as the settings name it."""
        return self._keys[number]

    def hides(self, number: int) -> bool:
        return self._keys[number] in self._hidden

    def name(self, number: int) -> str:
        return self._names.get(self._keys[number]) or plain(self.bank.classes[number].name)

    def full_name(self, number: int) -> str:
        return f"{plain(self.bank.classes[number].group)} {self.name(number)}".strip()

    def images(self, number: int) -> NDArray[np.uint8]:
        """All images of a class as pictures; a view of the file."""
        start, end = int(self.bank.starts[number]), int(self.bank.starts[number + 1])
        return as_pictures(self.bank.images[start:end])

    def image(self, number: int, drawer: int) -> NDArray[np.uint8]:
        """One image; the last of a class that has fewer."""
        own = self.images(number)
        image: NDArray[np.uint8] = own[min(drawer, len(own) - 1)]
        return image

    def mean(self, number: int) -> NDArray[np.uint8]:
        """The mean image of a class."""
        mean: NDArray[np.uint8] = self.images(number).mean(axis=0).astype(np.uint8)
        return mean

    def drawers(self) -> int:
        """Images of the largest class."""
        return int(np.diff(self.bank.starts).max(initial=1))

    def matching(self, text: str) -> list[Group]:
        """Groups whose name holds `text`, and the others cut to their classes that do."""
        wanted = text.strip().lower()
        if not wanted:
            return list(self.groups)
        found = []
        for group in self.groups:
            if wanted in group.name.lower():
                found.append(group)
            else:
                own = tuple(n for n in group.classes if wanted in self.name(n).lower())
                found += [Group(group.name, group.split, own)] if own else []
        return found

    def held_out(self) -> str:
        """What is kept from training, in words."""
        whole = self._grouped() and not self._torn()
        return f"Whole {self.words.groups}" if whole else f"Single {self.words.many}"

    def _grouped(self) -> bool:
        return any(group.name != ALL for group in self.groups)

    def _torn(self) -> list[str]:
        """Groups on more than one side."""
        places = {(g.name, g.split) for g in self.groups if g.split and g.name != ALL}
        sides = Counter(name for name, _ in places)
        return sorted(name for name, count in sides.items() if count > 1)

    def audit(self) -> list[Statement]:
        """Whether a group or a class stands on two sides."""
        return by_names(self.bank, self.splits, self.words)


def as_pictures(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey (n, H, W) or coloured (n, H, W, 3) of images (n, C, H, W)."""
    return images[:, 0] if images.shape[1] == 1 else np.moveaxis(images[:, :3], 1, -1)
