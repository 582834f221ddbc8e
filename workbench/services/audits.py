"""Whether a data set's split leaks, for a window, a command or a run that is about to start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.leaks import Statement, by_images, by_names
from workbench.schema.catalogue import Catalogue
from workbench.schema.nouns import Words
from workbench.sources import ImageData, Progress


def audit(values: Mapping[str, Any], data: ImageData, progress: Progress) -> list[Statement]:
    """Everything that is checked of a data set.

    Args:
        values: settings by dotted key, of which the data set's name counts.

    Raises:
        Cancelled: `progress` raised it.
    """
    names = by_names(data.bank, data.splits, words_of(values))
    return [*names, *audit_images(values, data, progress)]


def audit_images(values: Mapping[str, Any], data: ImageData, progress: Progress) -> list[Statement]:
    """What the images say; the slow part."""

    def keep_on(done: int, total: int) -> None:
        progress(done, total, "Looking for leaks")

    return by_images(data.bank, data.splits, words_of(values), keep_on)


def words_of(values: Mapping[str, Any]) -> Words:
    """What the chosen data set calls its classes."""
    catalogue = Catalogue.load()
    option = catalogue.option("dataset", str(catalogue.complete(values)["dataset.name"]))
    return Words.of(option.facts) if option is not None else Words()
