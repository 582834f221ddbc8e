"""The data sets of the catalogue, made ready and opened."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from workbench.app.pages.data.shown import OWN, Shown
from workbench.app.pages.data.view import DataView, Dress
from workbench.bank import Bank
from workbench.errors import DataError
from workbench.inquiries import DataLocated, LocateData
from workbench.protocol import DataReady, Event, Failed, PrepareData, Progress

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.engine_link import EngineLink
    from workbench.schema.catalogue import Catalogue
    from workbench.schema.rows import Option

_NAME = "dataset.name"
OWN_ENDINGS = (".csv", ".npy")  # of which nothing that is published is made
HEAD = 4_096  # letters of a table that its columns' names may take
DRESS = ("classes.hidden", "classes.renamed")


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
        for option in sorted(catalogue.options("dataset"), key=partial(_rank, catalogue)):
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
        apart = path and (self.shown.option.family == OWN or path.lower().endswith(OWN_ENDINGS))
        chosen = [s for s in readers if s is self.shown and not apart]
        own = [shown for shown in readers if shown.option.family == OWN]
        heads = _columns(path)  # what a table has decides; else the pickier one is first
        own.sort(
            key=lambda shown: (
                heads.isdisjoint(shown.option.facts.get("columns", ())),
                bool(shown.endings) != bool(path),
            )
        )
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
        self._locate()

    def _locate(self) -> None:
        """Ask which of those that can be fetched are here already."""
        asked = {s.name: s.dataset_values for s in self.all.values() if s.fetchable}
        self._link.request(LocateData, self._located, sets=asked)

    def _located(self, event: Event) -> None:
        if not isinstance(event, DataLocated):
            return
        for name, here in event.here.items():
            self.all[name].here = here
        shown = self.shown
        idle = not shown.busy and shown.ready is None and shown.failed is None
        if shown.here and shown.fetchable and idle:
            self.prepare()
        self.changed.emit()

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
            if shown.fetchable:
                self._locate()  # it was fetched, or what was damaged has been taken away
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


def _columns(path: str) -> set[str]:
    """The columns of a table, from its first line; none of anything else."""
    if not path.lower().endswith(".csv"):
        return set()
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:  # noqa: PTH123
            line = file.readline(HEAD)
    except (OSError, ValueError):
        return set()  # whoever opens it says why
    return {head.strip().strip('"').lower() for head in line.split(",")}


def _rank(catalogue: Catalogue, option: Option) -> int:
    """The usual one first, then the field's standard; what needs no download, since it can be
    looked at now, before all that does."""
    if option.name == catalogue.defaults({})[_NAME]:
        return 0
    if option.facts.get("standard"):
        return 1
    return 3 if "published" in option.facts else 2


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
