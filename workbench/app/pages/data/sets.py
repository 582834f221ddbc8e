"""The data sets of the catalogue, and how far each is on this computer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from workbench.app.pages.data.view import DataView, Dress
from workbench.bank import Bank
from workbench.errors import DataError
from workbench.protocol import DataReady, Event, Failed, PrepareData, Progress
from workbench.schema.nouns import Words

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.engine_link import EngineLink
    from workbench.schema.catalogue import Catalogue
    from workbench.schema.rows import Option, Row

_NAME = "dataset.name"
OWN = "Own data"  # the family of those that a person brings
DRESS = ("classes.hidden", "classes.renamed")


@dataclass
class Shown:
    """One data set as the page knows it. `values` are settings by dotted key that differ from the
    draft: its own, and others that wait until it is used."""

    name: str
    option: Option
    rows: list[Row]
    values: dict[str, Any] = field(default_factory=dict)
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
        return not self.asks_path or bool(self.path)

    @property
    def can_download(self) -> bool:
        """Whether its publisher has it, and it is not here yet."""
        return self.ready is None and not self.path and self.option.source.startswith("http")

    def value(self, key: str) -> Any:
        """The value of one of its settings, None where it has no such setting."""
        dotted = f"dataset.{key}"
        return self.values.get(dotted, self.defaults.get(dotted))

    @property
    def own(self) -> dict[str, Any]:
        """Its own settings as they are, by key without "dataset."."""
        return {key.partition(".")[2]: self.values.get(key, v) for key, v in self.defaults.items()}

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
        if self.ready is not None:
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


class DataSets(QObject):
    """Asks the worker to make data ready, and opens what it answers.

    Signals:
        changed(): how far one is.
        opened(): the data set that is shown has new images, or none any more.
    """

    changed = Signal()
    opened = Signal()

    def __init__(
        self, link: EngineLink, catalogue: Catalogue, draft: Draft, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._link, self._catalogue, self._draft = link, catalogue, draft
        self.all: dict[str, Shown] = {}
        self.current = str(draft.value(_NAME))
        # What needs no download comes first: it can be looked at now.
        options = catalogue.options("dataset")
        for option in sorted(options, key=lambda one: "published" in one.facts):
            if option.facts.get("scripted") and option.name != self.current:
                continue  # nobody can hand arrays over to a window
            rows = catalogue.rows({_NAME: option.name})
            own = [row for row in rows if row.key.startswith("dataset.") and row.key != _NAME]
            self.all[option.name] = Shown(option.name, option, own)
        self._followed = ""
        draft.changed.connect(self._follow)
        self._follow()

    @property
    def shown(self) -> Shown:
        return self.all[self.current]

    @property
    def used(self) -> bool:
        """Whether the draft has the shown one."""
        return bool(self._draft.value(_NAME) == self.current)

    def reader_of(self, path: str = "") -> str:
        """The data set that a file is for: the one that is published under such a name, the shown
        one if it reads such files, or the one for a person's own."""
        readers = [s for s in self.all.values() if s.asks_path and (not path or s.may_read(path))]
        known = [s for s in readers if _is_called(Path(path).name, s.option.facts.get("files"))]
        known.sort(key=lambda shown: shown is not self.shown)  # two are made of the same files
        chosen = [s for s in readers if s is self.shown and not (path and s.option.family == OWN)]
        own = [shown for shown in readers if shown.option.family == OWN]
        own.sort(key=lambda shown: bool(shown.endings) != bool(path))  # the pickier one first
        return next((shown.name for shown in (*known, *chosen, *own, *readers)), "")

    def choose(self, name: str) -> None:
        """Show another one."""
        self.current = name
        self._dress()

    def set(self, key: str, value: Any) -> None:
        """Change a dotted setting for the shown one: in the draft, if that uses it; else it waits
        until it is used."""
        if self.used:
            self._draft.set(key, value)
        else:
            self.shown.values[key] = value
            self._dress()

    def set_path(self, path: str) -> None:
        shown = self.shown
        shown.ready, shown.view, shown.failed = None, None, None
        self.set("dataset.path", str(Path(path).expanduser()))
        self.opened.emit()

    def use(self) -> None:
        """Make the shown one the draft's, with everything that was set for it."""
        values = dict(self.shown.values)
        self._draft.set(_NAME, self.current)
        for key, value in values.items():
            self._draft.set(key, value)
        self.shown.values = self.shown.dataset_values  # the rest is the draft's from now on

    def preview_values(self) -> dict[str, Any]:
        """The draft's settings, with the shown data set in place of its own."""
        kept = {k: v for k, v in self._draft.values.items() if not k.startswith("dataset.")}
        return {**kept, _NAME: self.current, **self.shown.values}

    def effective(self) -> dict[str, Any]:
        """Every dotted setting with the shown data set, which may recommend other values."""
        return self._catalogue.complete(self.preview_values())

    @Slot()
    def prepare(self) -> None:
        """Ask the worker to make the shown one ready."""
        self._prepare(self.shown)

    def _prepare(self, shown: Shown) -> None:
        if shown.busy:
            self._link.cancel(shown.request)
        shown.failed = None
        shown.progress = (0, 0, "")
        shown.request = self._link.request(
            PrepareData,
            partial(self._answered, shown.name),
            values={_NAME: shown.name, **shown.dataset_values},
        )
        self.changed.emit()

    def prepare_quick(self) -> None:
        """Open what needs no work or was chosen before, so that its card can say so."""
        for shown in self.all.values():
            known = shown.path if shown.asks_path else shown.option.kind == "regression"
            if known and not shown.busy and shown.ready is None:
                self._prepare(shown)

    @Slot()
    def cancel(self) -> None:
        if self.shown.busy:
            self._link.cancel(self.shown.request)

    def _answered(self, name: str, event: Event) -> None:
        shown = self.all[name]
        if event.request != shown.request:
            return  # of an earlier request
        if isinstance(event, Progress):
            shown.progress = (event.done, event.total, event.text)
            self.changed.emit()
            return
        if isinstance(event, DataReady):
            self._open(shown, event)
        elif isinstance(event, Failed):
            shown.failed = event
            if shown.ready is None:
                shown.view = None  # a first look at what will not come
        if not (isinstance(event, DataReady) and event.partial):
            shown.request = 0
        self.changed.emit()
        if name == self.current:
            self.opened.emit()

    def _open(self, shown: Shown, ready: DataReady) -> None:
        try:
            if ready.folder:
                bank = Bank.open(ready.folder)
                shown.view = DataView(bank, ready.splits, shown.words, self._dress_of(shown))
                shown.pictures = _pictures(shown.view)
        except DataError as error:
            if not ready.partial:  # the whole may be there already, and the part gone
                shown.failed = Failed(0, error.message, error.hint)
            return
        shown.ready = None if ready.partial else ready

    @Slot()
    def _follow(self) -> None:
        """The draft's own data set has the settings that the draft says."""
        name = str(self._draft.value(_NAME))
        if name not in self.all:
            return
        shown, arrived = self.all[name], name != self._followed
        self._followed = name
        if arrived:  # chosen on Train, say: what is known of it here goes with it
            said = self._draft.values
            for key, value in shown.dataset_values.items():
                if key not in said:
                    self._draft.set(key, value)
        values = self._draft.values
        own = {k: v for k, v in values.items() if k.startswith("dataset.") and k != _NAME}
        rest = {k: v for k, v in shown.values.items() if not k.startswith("dataset.")}
        shown.values = {**rest, **own}
        self._dress()

    def _dress_of(self, shown: Shown) -> Dress:
        """The classes that are hidden, and those that have other names."""
        values = {**self._draft.values, **shown.values}
        hidden, renamed = (tuple(values.get(key, ())) for key in DRESS)
        return hidden, renamed

    def _dress(self) -> None:
        """See hidden classes and new names as they are now."""
        shown = self.shown
        if shown.ready is None or shown.view is None:
            return
        dress = self._dress_of(shown)
        if dress != shown.view.dress:
            shown.view = DataView(shown.view.bank, shown.ready.splits, shown.words, dress)
            self.opened.emit()


def _is_called(name: str, piece: str | None) -> bool:
    """Whether a name begins as that of a published file does; a piece that begins with an underline
    may follow other words."""
    if not piece:
        return False
    before, found, after = name.partition(piece)
    return bool(found) and not after[:1].isalnum() and (not before or piece[0] == "_")


def _pictures(view: DataView) -> list[NDArray[np.uint8]]:
    """Four characters, far apart."""
    numbers = np.linspace(0, len(view.bank.classes) - 1, 6).astype(int)[1:-1]
    return [np.array(view.image(int(number), 0)) for number in numbers]
