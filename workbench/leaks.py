"""What leaks from the training side to what is held out, or from support sets to queries.

`by_names` looks at classes and groups only. `by_images` reads every image once; it finds copies,
turned or not, by digest, and near copies by a perceptual hash: the signs of the 64 lowest
frequencies of the image at 16 × 16. Hashes that differ in at most three bits agree in one of four
parts of 16 bits, so that candidates are found by sorting; what counts as a near copy is then
decided by the correlation of the two images.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.bank import Bank
from workbench.schema.nouns import Words, plain
from workbench.shrink import shrunk

SIDE = 16  # of the small image that is hashed
LOWEST = 8  # frequencies along each side that make the hash
PARTS = 4  # of 16 bits
MOST_BITS = 3  # that the hashes of near copies differ in
ALIKE = 0.998  # correlation of near copies
MOST_READ = 200_000  # images that are read for copies; of a larger set every second, third, …
MOST_IMAGES = 60_000  # of each side that are compared for near copies, evenly chosen
CROWDED = 200  # images that share 16 bits: blank sheets and the like, of which some stand for all
BLOCK = 2_048
NAMED = 3

KeepOn = Callable[[int, int], None]  # done, total; raises to stop


@dataclass(frozen=True)
class Statement:
    """One thing that was checked.

    Attributes:
        holds: it is as it should be.
        minor: where it does not hold it is worth knowing, but leaks nothing over the split.
    """

    text: str
    holds: bool
    minor: bool = False

    @property
    def leaks(self) -> bool:
        return not (self.holds or self.minor)


@dataclass(frozen=True)
class _Pair:
    """A held-out image and the training image that it repeats."""

    held: int  # class
    trained: int  # class
    turn: int


def by_names(bank: Bank, splits: Mapping[str, Sequence[int]], words: Words) -> list[Statement]:
    """Whether a group or a class stands on two sides."""
    about = []
    torn = _on_two_sides(splits, lambda number: plain(bank.classes[number].group))
    if any(info.group for info in bank.classes):
        about.append((words.group, words.groups, torn))
    double = _on_two_sides(splits, lambda number: full_name(bank, number))
    about.append((words.one, words.many, double))
    return [
        _statement(f"No {one} on two sides", one, many, "on two sides", found)
        for one, many, found in about
    ]


def by_images(
    bank: Bank, splits: Mapping[str, Sequence[int]], words: Words, keep_on: KeepOn
) -> list[Statement]:
    """Whether an image stands on both sides, as it is, turned, or nearly so; and whether a class
    has one twice, which could then be taught and asked in one task."""
    train = list(splits.get("train", ()))
    held = [*splits.get("validation", ()), *splits.get("test", ())]
    every = -(-len(bank.images) // MOST_READ)
    digests, twice = _digests(bank, train, held, every, keep_on)
    same, turned = _copies(bank, digests, held, every, keep_on)
    exact = {(pair.held, pair.trained) for pair in (*same, *turned)}
    near = [p for p in _near(bank, train, held, keep_on) if (p.held, p.trained) not in exact]
    found = [
        _statement("No image on two sides", "image", "images", "on two sides", _named(bank, same)),
        _statement(
            "No rotated twin held out",
            "rotated twin",
            "rotated twins",
            "held out",
            _named(bank, turned),
        ),
        _statement(
            "No near copy held out", "near copy", "near copies", "held out", _named(bank, near)
        ),
        replace(
            _statement(
                f"No image twice in a {words.one}",
                "image",
                "images",
                f"twice in a {words.one}",
                [full_name(bank, number) for number in twice],
            ),
            minor=bool(twice),
        ),
    ]
    some = f" (one image in {every} looked at)" if every > 1 else ""
    return [replace(one, text=one.text + some) for one in found]


def full_name(bank: Bank, number: int) -> str:
    """Group and name of a class, in words."""
    info = bank.classes[number]
    return f"{plain(info.group)} {plain(info.name)}".strip()


def _on_two_sides(splits: Mapping[str, Sequence[int]], name_of: Callable[[int], str]) -> list[str]:
    places = {(name_of(number), split) for split, own in splits.items() for number in own}
    sides = Counter(name for name, _ in places if name)
    return sorted(name for name, count in sides.items() if count > 1)


def _digests(
    bank: Bank, train: Sequence[int], held: Sequence[int], every: int, keep_on: KeepOn
) -> tuple[dict[bytes, int], list[int]]:
    """The class of each training image by its digest, and the classes that have an image twice, a
    number for each such image."""
    found: dict[bytes, int] = {}
    twice = []
    for done, number in enumerate((*train, *held)):
        keep_on(done, len(train) + len(held))
        own = [_digest(image) for image in bank.class_images(number)[::every]]
        twice += [number] * (len(own) - len(set(own)))
        if done < len(train):
            found.update((digest, number) for digest in own)
    return found, twice


def _copies(
    bank: Bank, trained: Mapping[bytes, int], held: Sequence[int], every: int, keep_on: KeepOn
) -> tuple[list[_Pair], list[_Pair]]:
    same: list[_Pair] = []
    turned: list[_Pair] = []
    for done, number in enumerate(held):
        keep_on(done, len(held))
        for image in bank.class_images(number)[::every]:
            turns = (0, 1, 2, 3) if image.shape[-1] == image.shape[-2] else (0, 2)
            for turn in turns:
                # Who is turned by `turn` to give this image stood there turned back.
                other = trained.get(_digest(np.rot90(image, -turn, axes=(-2, -1))))
                if other is not None:
                    (turned if turn else same).append(_Pair(number, other, turn))
                    break
    return same, turned


def _near(bank: Bank, train: Sequence[int], held: Sequence[int], keep_on: KeepOn) -> list[_Pair]:
    if bank.images.ndim != 4 or min(bank.images.shape[-2:]) < LOWEST or not train or not held:
        return []
    small, class_of = _small(bank, train, keep_on)
    asked, class_asked = _small(bank, held, keep_on)
    hashes = _hash(small)
    found: dict[int, _Pair] = {}
    for turn in range(4):
        keep_on(turn, 4)
        back = np.ascontiguousarray(np.rot90(asked, -turn, axes=(-2, -1)))
        for one, other in _alike(hashes, _hash(back), small, back, partial(keep_on, turn, 4)):
            pair = _Pair(int(class_asked[other]), int(class_of[one]), turn)
            found.setdefault(int(other), pair)
    return list(found.values())


def _alike(
    hashes: NDArray[np.uint64],
    others: NDArray[np.uint64],
    small: NDArray[np.float32],
    asked: NDArray[np.float32],
    keep_on: Callable[[], None],
) -> Iterator[tuple[int, int]]:
    """Pairs of positions whose images correlate."""
    for part in range(PARTS):
        keep_on()
        shift = np.uint64(16 * part)
        ours, theirs = _part(hashes, shift), _part(others, shift)
        order = np.argsort(ours, kind="stable")
        ours = ours[order]
        low = np.searchsorted(ours, theirs, "left")
        count = np.minimum(np.searchsorted(ours, theirs, "right") - low, CROWDED)
        # Every held-out image beside each training image of the same 16 bits.
        second = np.repeat(np.arange(len(theirs)), count)
        within = np.arange(len(second)) - np.repeat(np.cumsum(count) - count, count)
        first = order[np.repeat(low, count) + within]
        near = np.bitwise_count(hashes[first] ^ others[second]) <= MOST_BITS
        first, second = first[near], second[near]
        for start in range(0, len(first), BLOCK):
            keep_on()
            one, two = first[start : start + BLOCK], second[start : start + BLOCK]
            close = np.einsum("nij,nij->n", small[one], asked[two]) >= ALIKE
            yield from zip(one[close].tolist(), two[close].tolist(), strict=True)


def _small(
    bank: Bank, classes: Sequence[int], keep_on: KeepOn
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images at SIDE × SIDE, of mean 0 and length 1, and the class of each; blank ones left out."""
    counts = np.asarray(bank.counts)[list(classes)]
    first = np.asarray(bank.starts)[list(classes)]
    class_of = np.repeat(np.asarray(classes, np.int64), counts)
    numbers = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(len(class_of))
    some = np.linspace(0, len(numbers) - 1, min(len(numbers), MOST_IMAGES)).astype(np.int64)
    numbers, class_of = numbers[some], class_of[some]
    small = np.empty((len(numbers), SIDE, SIDE), np.float32)
    for start in range(0, len(numbers), BLOCK):
        keep_on(start, len(numbers))
        images = bank.images[numbers[start : start + BLOCK]].mean(axis=1, dtype=np.float32)
        small[start : start + BLOCK] = shrunk(images, SIDE)
    small -= small.mean(axis=(1, 2), keepdims=True)
    length = np.sqrt(np.einsum("nij,nij->n", small, small))
    seen = length > 1  # of 255: less is a blank sheet
    return small[seen] / length[seen, None, None], class_of[seen]


def _hash(small: NDArray[np.float32]) -> NDArray[np.uint64]:
    """64 bits of each image: which of its lowest frequencies are above their median."""
    place = (np.arange(SIDE) + 0.5) * np.pi / SIDE
    waves = np.cos(np.arange(LOWEST)[:, None] * place).astype(np.float32)  # (LOWEST, SIDE)
    found = (waves @ small @ waves.T).reshape(len(small), -1)
    bits = found > np.median(found, axis=1, keepdims=True)
    packed = np.packbits(bits, axis=1)
    return packed.view(np.uint64).reshape(-1) if len(small) else np.zeros(0, np.uint64)


def _part(hashes: NDArray[np.uint64], shift: np.uint64) -> NDArray[np.uint16]:
    return ((hashes >> shift) & np.uint64(0xFFFF)).astype(np.uint16)


def _digest(image: NDArray[Any]) -> bytes:
    return blake2b(np.ascontiguousarray(image).data, digest_size=12).digest()


def _named(bank: Bank, pairs: Sequence[_Pair]) -> list[str]:
    """What is held out, and what of the training side it repeats."""
    words = []
    for pair in pairs:
        turned = f" turned by {90 * pair.turn}°" if pair.turn else ""
        words.append(f"{full_name(bank, pair.held)} is {full_name(bank, pair.trained)}{turned}")
    return words


def _statement(good: str, one: str, many: str, where: str, found: Sequence[str]) -> Statement:
    if not found:
        return Statement(good, True)
    names = list(dict.fromkeys(found))
    shown, more = ", ".join(names[:NAMED]), " …" if len(names) > NAMED else ""
    noun = one if len(found) == 1 else many
    return Statement(f"{len(found):,} {noun} {where}: {shown}{more}", False)
