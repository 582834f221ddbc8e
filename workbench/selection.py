"""The part of a data set that an experiment uses: without hidden classes, under other names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from workbench.schema.nouns import class_key, names_of
from workbench.sources import FunctionData, ImageData

DataT = TypeVar("DataT", bound=ImageData | FunctionData)


def selected(data: DataT, hidden: Sequence[str], renamed: Sequence[str]) -> DataT:
    """Data whose hidden classes are in no split; functions have none to hide.

    The images stay where they are, and so do the numbers of classes.

    Args:
        hidden, renamed: as `classes.hidden` and `classes.renamed` of the settings.
    """
    if not isinstance(data, ImageData) or not (hidden or renamed):
        return data
    keys = [class_key(info.group, info.name) for info in data.bank.classes]
    gone = {number for number, key in enumerate(keys) if key in set(hidden)}
    splits = {
        split: tuple(number for number in own if number not in gone)
        for split, own in data.splits.items()
    }
    names = names_of(renamed)
    classes = tuple(
        replace(info, name=names.get(key, info.name))
        for info, key in zip(data.bank.classes, keys, strict=True)
    )
    return replace(data, bank=replace(data.bank, classes=classes), splits=splits)
