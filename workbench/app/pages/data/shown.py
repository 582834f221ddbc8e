"""One data set as the Data page knows it, and how far it is on this computer. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.app.pages.data.view import DataView
from workbench.protocol import DataReady, Failed
from workbench.schema.nouns import Words

if TYPE_CHECKING:
    from workbench.schema.rows import Option, Row

OWN = "Own data"  # the family of those that a person brings


@dataclass
class Shown:
    """One data set as the page knows it. `values` are settings by dotted key that differ from the
    draft: its own, and others that wait until it is used."""

    name: str
    option: Option
    rows: list[Row]
    values: dict[str, Any] = field(default_factory=dict)
    here: bool = False  # its files were fetched before, or its bank was made of them
    request: int = 0
    progress: tuple[int, int, str] = (0, 0, "")
    ready: DataReady | None = None
    told: DataReady | None = None  # whose notes were said
    view: DataView | None = None
    failed: Failed | None = None
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)
    curves: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def words(self) -> Words:
        """What it calls its classes."""
        return Words.of(self.option.facts)

    @property
    def defaults(self) -> dict[str, Any]:
        """Its own settings as it recommends them."""
        return {row.key: row.default for row in self.rows}

    @property
    def dataset_values(self) -> dict[str, Any]:
        """What was set of its own settings."""
        return {key: value for key, value in self.values.items() if key.startswith("dataset.")}

    @property
    def busy(self) -> bool:
        return self.request != 0

    @property
    def asks_path(self) -> bool:
        """Whether it is read from a file that the person has."""
        return "dataset.path" in self.defaults

    @property
    def endings(self) -> tuple[str, ...]:
        """Of the only files that it reads; none where it reads folders and archives."""
        return tuple(self.option.facts.get("endings", ()))

    def may_read(self, path: str) -> bool:
        """Whether a file's name speaks for it, or does not speak against it."""
        return not self.endings or path.lower().endswith(self.endings)

    @property
    def path(self) -> str:
        return str(self.value("path") or "")

    @property
    def can_prepare(self) -> bool:
        """Whether it can be made ready without asking anything."""
        return not self.asks_path or bool(self.path) or self.here

    @property
    def can_download(self) -> bool:
        """Whether its publisher has it, and it is not here yet."""
        return self.ready is None and not self.here and self.fetchable

    @property
    def fetchable(self) -> bool:
        """Whether its publisher has it, and the person has chosen no files of their own."""
        return not self.path and self.option.source.startswith("http")

    def value(self, key: str) -> Any:
        """The value of one of its settings, None where it has no such setting."""
        dotted = f"dataset.{key}"
        return self.values.get(dotted, self.defaults.get(dotted))

    @property
    def own(self) -> dict[str, Any]:
        """Its own settings as they are, by key without "dataset."."""
        return {key.partition(".")[2]: self.values.get(key, v) for key, v in self.defaults.items()}

    def kinds_of_split(self) -> list[tuple[str, str]]:
        """The splits that are published of it, each with its words."""
        choices = (row.choices for row in self.rows if row.key == "dataset.split")
        return [(str(key), words) for key, words in next(choices, ())]

    def lines(self) -> tuple[str, ...]:
        """Two lines of figures."""
        if self.option.kind == "regression":
            return ("Regression", "Endless tasks")
        if self.view is not None:
            bank = self.view.bank
            return (self.words.count(len(bank.classes)), f"{len(bank.images):,} images")
        known = self.option.facts.get("published")
        if known:
            return (self.words.count(known["classes"]), f"{known['images']:,} images")
        return (self.option.family,)

    def state(self) -> tuple[str, str, str, float | None]:
        """Icon, words, tone and progress."""
        if self.busy:
            done, total, text = self.progress
            share = done / total if total else 0.0
            return "", f"{done:,} of {total:,}" if total else text or "Preparing…", "text2", share
        if self.failed is not None and not self.failed.cancelled:
            return "circle-alert", "Not usable, see below", "bad", None
        if self.ready is not None or (self.here and self.fetchable):
            return "check", "On this computer", "ok", None
        if self.can_download:
            return "download", "Not here yet", "accent", None
        if self.asks_path:
            return "folder-input", "Choose a file…", "accent", None
        return "wand-sparkles", "Made on demand", "accent", None

    def empty_words(self) -> tuple[str, str, str]:
        """Icon, sentence and button for the place where its images will be."""
        if self.busy:
            return "loader-circle", f"{self.option.title} is being made ready.", ""
        if self.asks_path:
            more = ", or download it above" if self.can_download else ""
            known = f"Choose or drop the {self.option.title} zip or its folder{more}."
            own = self.option.facts.get("required", {}).get("path")
            return "folder-input", own or known, "Choose file…"
        return "database", f"{self.option.title} is not ready yet.", ""

    def add_curve(self, curve: NDArray[np.float32]) -> None:
        """Keep the first three for the card, scaled into 0..1."""
        if len(self.curves) < 3:
            low, high = curve.min(axis=0), curve.max(axis=0)
            self.curves.append((curve - low) / np.maximum(high - low, 1e-6))
