"""A person's own feature vectors: a table, or arrays of numpy.

    vectors.csv     a line of heads; a column label, perhaps group and split, and numbers
    vectors.npz     features (M, F) and labels (M,), perhaps groups and splits (M,)
    vectors.npy     (M, F), with labels.npy (M,) beside it

Pickles inside of arrays are refused. Each feature is kept in 256 levels from its least to its
largest value, see `published.vectors`.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.archives import unreadable
from workbench.bank import BankBuilder, ClassInfo, build_cached, cache_key
from workbench.dealing import CLASSES, SPLITS, dealt, given
from workbench.errors import DataError
from workbench.published import vectors
from workbench.schema import data, places
from workbench.schema.nouns import some, tell_apart
from workbench.sources import DATASETS, Dataset, ImageData, Progress

HINT = (
    "Choose a .csv with a column label, an .npz with features and labels, or an .npy with "
    "labels.npy beside it."
)
LABEL, GROUP, SPLIT = "label", "group", "split"
WORDS = {LABEL: ("label", "labels", "class", "y"), GROUP: ("group", "groups")}
WORDS |= {SPLIT: ("split", "splits")}
NUMBERS = ("features", "embeddings", "x", "X")  # as people call the array of vectors
SIDES = {**{side: side for side in SPLITS}, "val": "validation", "valid": "validation", "": ""}
MOST = 65_536  # features
MOST_BYTES = 8 << 30  # that arrays may unpack to
NAMED = 5


class Config(data.Shares):
    """Settings of a person's own feature vectors."""

    name: Literal["features"] = "features"
    path: str = data.files(HINT, label="File")


@dataclass(frozen=True)
class Table:
    """Vectors (M, F), and the class of each: split, group and label."""

    values: NDArray[Any]
    classes: Sequence[tuple[str, str, str]]


@DATASETS.register(Config)
class Features(Dataset):
    """Vectors that another network, or a measurement, has made."""

    title = "Own feature vectors"
    kind = "classification"
    family = "Own data"
    summary = "Vectors of your own, from a table or from arrays of numpy, kept in 256 levels each."
    recommended: ClassVar[Mapping[str, Any]] = {
        "backbone.name": "mlp",
        "backbone.hidden": (64, 64),
    }
    facts: ClassVar[Mapping[str, Any]] = {
        "image": "vector",
        "required": {"path": HINT},
        "endings": (".csv", ".npz", ".npy"),
    }
    config: Config

    def here(self, cache: Path) -> bool:
        return bool(self.config.path) and places.place(self.config.path).is_file()

    def load(self, cache: Any, progress: Progress) -> ImageData:
        if not self.config.path:
            raise DataError("Own feature vectors need a file.", hint=HINT)
        place = places.place(self.config.path)
        progress(0, 0, "Reading vectors")
        table = _read(place)
        _check(table, place)
        tell_apart([(group, name) for _, group, name in table.classes], NAMED)
        key = cache_key("features", [], [place, *([_beside(place)] if _is_npy(place) else [])])
        shape = (1, 1, table.values.shape[1])
        bank = build_cached(cache, key, shape, lambda to: _build(table, to, progress))
        own = given([info.split for info in bank.classes])
        shares = self.config.validation_share, self.config.test_share
        names = [f"{info.group}/{info.name}" for info in bank.classes]
        splits = own or dealt(names, CLASSES, shares, self.config.seed)
        folder, said = str(bank.folder), own is not None
        return ImageData(bank, splits, False, folder, bank.notes, split_given=said)


def _build(table: Table, to: BankBuilder, progress: Progress) -> None:
    rows: dict[tuple[str, str, str], list[int]] = {}
    for row, one in enumerate(table.classes):
        rows.setdefault(one, []).append(row)
    lone = sorted(name for (_, _, name), own in rows.items() if len(own) < 2)
    if lone:
        words = "Left out, for a task needs two vectors of each class"
        to.notes.append(f"{words}: {some(lone, NAMED)}; one each.")
    low, high = table.values.min(axis=0), table.values.max(axis=0)
    for done, (split, group, name) in enumerate(sorted(rows)):
        progress(done, len(rows), "Reading vectors")
        own = rows[split, group, name]
        if len(own) > 1:
            to.add(ClassInfo(name, group, split), vectors.levels(table.values[own], low, high))
    progress(len(rows), len(rows), "Reading vectors")


def _read(place: Path) -> Table:
    reader = {".csv": _table, ".npz": _archive, ".npy": _array}.get(place.suffix.lower())
    if reader is None:
        raise DataError("{place} is no .csv, .npz or .npy.", place=place, hint=HINT)
    try:
        return reader(place)
    except OSError as error:
        raise unreadable(place, error) from None
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError) as error:
        raise DataError(
            "{place} cannot be used: {reason}.",
            place=place,
            reason=str(error).rstrip(".") or "it is damaged",
            hint=HINT,
        ) from None


def _table(place: Path) -> Table:
    text = place.read_bytes().decode("utf-8-sig")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from None
    heads = [head.strip() for head in lines[0]] if lines else []
    words = _words([head.lower() for head in heads])
    if LABEL not in words:
        raise ValueError(f"its first line has no column label: {', '.join(heads) or 'it is empty'}")
    numbers = [place for place in range(len(heads)) if place not in words.values()]
    values = np.empty((len(lines) - 1, len(numbers)))
    classes = []
    for row, line in enumerate(lines[1:]):
        if len(line) != len(heads):
            raise ValueError(f"line {row + 2} has {len(line)} values, the first has {len(heads)}")
        try:
            values[row] = [float(line[place]) for place in numbers]
        except ValueError as error:
            raise ValueError(f"line {row + 2}: {error}") from None
        classes.append(_class({name: line[place] for name, place in words.items()}))
    return Table(values, classes)


def _words(heads: Sequence[str]) -> dict[str, int]:
    """Where the label, the group and the split stand, by the first of their words that is there."""
    found = {
        what: next((heads.index(word) for word in words if word in heads), -1)
        for what, words in WORDS.items()
    }
    return {what: place for what, place in found.items() if place >= 0}


def _archive(place: Path) -> Table:
    with zipfile.ZipFile(place) as members:
        size = sum(member.file_size for member in members.infolist())
    if size > MOST_BYTES:
        raise ValueError(f"it unpacks to {size >> 30:,} GB, of at most {MOST_BYTES >> 30}")
    with np.load(place, allow_pickle=False) as found:
        name = next((name for name in NUMBERS if name in found), None)
        keys = [key for key in found if key != name]
        words = _words(keys)
        if name is None or LABEL not in words:
            raise ValueError(f"it holds {', '.join(found) or 'nothing'}, not features and labels")
        return _joined(found[name], {one: found[keys[at]] for one, at in words.items()})


def _array(place: Path) -> Table:
    values = np.load(place, mmap_mode="r", allow_pickle=False)
    return _joined(values, {LABEL: np.load(_beside(place), allow_pickle=False)})


def _beside(place: Path) -> Path:
    return place.with_name("labels.npy")


def _is_npy(place: Path) -> bool:
    return place.suffix.lower() == ".npy"


def _joined(values: NDArray[Any], columns: Mapping[str, NDArray[Any]]) -> Table:
    if values.ndim != 2:
        raise ValueError(f"its features have the shape {values.shape}, not (vectors, features)")
    for name, column in columns.items():
        if column.shape != (len(values),):
            raise ValueError(f"it has {len(values):,} vectors and {column.size:,} of {name}")
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return Table(values, [_class(dict(zip(columns, map(str, row), strict=True))) for row in rows])


def _class(words: Mapping[str, str]) -> tuple[str, str, str]:
    side = words.get(SPLIT, "").strip().lower()
    if side not in SIDES:
        raise ValueError(f"its split {side!r} is none of train, validation and test")
    return SIDES[side], words.get(GROUP, "").strip(), words[LABEL].strip()


def _check(table: Table, place: Path) -> None:
    values = table.values
    if values.dtype.kind not in "fbiu" or 0 in values.shape or values.shape[1] > MOST:
        raise DataError(
            "{place} holds {kind} of shape {rows:,} × {features:,}; numbers are needed, at most "
            "{most:,} of each vector.",
            place=place,
            kind=values.dtype,
            rows=values.shape[0],
            features=values.shape[1],
            most=MOST,
            hint=HINT,
        )
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        raise DataError(
            "Vector {row:,} of {place} holds a value that is not a finite number.",
            row=int(bad[0]) + 1,
            place=place,
            hint="Take it out, or replace the value.",
        )
