"""Whether a data set's split leaks, for a window, a command or a run that is about to start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.leaks import Statement, by_images, by_names
from workbench.schema.catalogue import Catalogue
from workbench.schema.nouns import Words
from workbench.sources import ImageData, Progress

RULES = 1  # of what is checked; another number forgets what was found by the rules before


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
    """What the images say; the slow part, whose answer is kept beside them."""

    def keep_on(done: int, total: int) -> None:
        progress(done, total, "Looking for leaks")

    words = words_of(values)
    place = _place(data, words)
    known = _recall(place) if place else None
    if known is not None:
        return known
    found = by_images(data.bank, data.splits, words, keep_on)
    if place:
        _remember(place, found)
    return found


def words_of(values: Mapping[str, Any]) -> Words:
    """What the chosen data set calls its classes."""
    catalogue = Catalogue.load()
    option = catalogue.option("dataset", str(catalogue.complete(values)["dataset.name"]))
    return Words.of(option.facts) if option is not None else Words()


def _place(data: ImageData, words: Words) -> Path | None:
    """Where the answer lies for these images, sides and names; None of data without a folder."""
    folder = Path(data.folder)
    try:
        header = (folder / "bank.json").read_text(encoding="utf-8") if data.folder else ""
    except (OSError, ValueError):
        return None
    names = [(info.group, info.name) for info in data.bank.classes]
    facts = [RULES, header, names, sorted(data.splits.items()), asdict(words)]
    key = hashlib.sha256(json.dumps(facts, default=int).encode()).hexdigest()[:16]
    return folder / f"leaks-{key}.json" if header else None


def _recall(place: Path) -> list[Statement] | None:
    try:
        return [Statement(**one) for one in json.loads(place.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return None


def _remember(place: Path, found: list[Statement]) -> None:
    half = place.with_name(f".{place.name}.part-{uuid.uuid4().hex[:8]}")
    with contextlib.suppress(OSError):  # a folder that may not be written to is audited again
        half.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
        half.replace(place)
    with contextlib.suppress(OSError):
        half.unlink(missing_ok=True)
