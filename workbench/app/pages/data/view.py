"""What the page knows of a bank of images: groups, splits, counts, leaks. numpy only, no Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from workbench.bank import Bank

SPLITS = ("train", "validation", "test")
SPLIT_WORDS = {"train": "Train", "validation": "Validation", "test": "Test", "": "Not used"}
SPLIT_SERIES = {"train": 0, "validation": 1, "test": 5, "": 3}


ALL = "All classes"  # the group of those that have none


@dataclass(frozen=True)
class Words:
    """What a data set calls its classes, their groups, and the images of a class."""

    one: str = "class"
    group: str = "group"
    image: str = "image"

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Words:
        """As the data set's facts say."""
        known = {"one": "noun", "group": "group", "image": "image"}
        return cls(**{name: facts[key] for name, key in known.items() if key in facts})

    @property
    def many(self) -> str:
        return plural(self.one)

    @property
    def groups(self) -> str:
        return plural(self.group)

    def count(self, number: int) -> str:
        """Say how many: "26 characters"."""
        return f"{number:,} {self.one if number == 1 else self.many}"


@dataclass(frozen=True)
class Group:
    """The classes of one alphabet, or whatever else they are grouped by."""

    name: str
    split: str
    classes: tuple[int, ...]


@dataclass(frozen=True)
class Statement:
    """One thing about the split that was checked."""

    text: str
    holds: bool


class DataView:
    """A bank and its splits, as the page shows them.

    Args:
        bank: all images.
        splits: class numbers by split.
        words: for its classes.
    """

    def __init__(
        self, bank: Bank, splits: Mapping[str, tuple[int, ...]], words: Words | None = None
    ) -> None:
        self.bank = bank
        self.words = words or Words()
        self.splits = {name: tuple(splits.get(name, ())) for name in SPLITS}
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

    def name(self, number: int) -> str:
        return plain(self.bank.classes[number].name)

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
        places = {(self.full_name(n), split) for split, own in self.splits.items() for n in own}
        sides = Counter(name for name, _ in places)
        double = sorted(name for name, count in sides.items() if count > 1)
        words, sides_of = self.words, "on two sides"
        about = [(words.group, words.groups, self._torn())] if self._grouped() else []
        about.append((words.one, words.many, double))
        return [
            _statement(f"No {one} {sides_of}", f"{many} {sides_of}", found)
            for one, many, found in about
        ]

    def audit_images(self, keep_on: Callable[[], bool]) -> list[Statement] | None:
        """Whether an image of the training side, turned or not, is held out too; None if told to
        stop.

        Reads every image once: call it on another thread.
        """
        training: set[bytes] = set()
        same: list[str] = []
        turned: list[str] = []
        for number in self.splits["train"]:
            if not keep_on():
                return None
            training.update(_print(image) for image in self.images(number))
        for number in (*self.splits["validation"], *self.splits["test"]):
            if not keep_on():
                return None
            for image in self.images(number):
                if _print(image) in training:
                    same.append(self.full_name(number))
                elif any(_print(np.rot90(image, turn)) in training for turn in (1, 2, 3)):
                    turned.append(self.full_name(number))
        return [
            _statement("No image on two sides", "images on two sides", same),
            _statement("No rotated twin held out", "rotated twins held out", turned),
        ]


def as_pictures(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey (n, H, W) or coloured (n, H, W, 3) of images (n, C, H, W)."""
    return images[:, 0] if images.shape[1] == 1 else np.moveaxis(images[:, :3], 1, -1)


def plural(noun: str) -> str:
    """The plural of a noun.

    >>> plural("class"), plural("character")
    ('classes', 'characters')
    """
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def plain(name: str) -> str:
    """A folder's name as words.

    >>> plain("Japanese_(hiragana)")
    'Japanese (hiragana)'
    """
    return name.replace("_", " ")


def _print(image: NDArray[Any]) -> bytes:
    return blake2b(image.tobytes(), digest_size=12).digest()


def _statement(good: str, bad: str, found: list[str]) -> Statement:
    if not found:
        return Statement(good, True)
    shown = ", ".join(dict.fromkeys(found[:3]))
    return Statement(f"{len(found)} {bad}: {shown}{' …' if len(found) > 3 else ''}", False)
