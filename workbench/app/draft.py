"""The experiment being prepared: what the person changed, with undo, remembered between starts.

    draft = Draft(Catalogue.load(), file)
    draft.set("algorithm.name", "protonet")
    draft.value("task.n_way")            # the effective value: changed, or recommended, or declared
    draft.undo()

Data, Train and Draw share one draft, so that a choice made on one page holds on all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.schema.layers import NAME

if TYPE_CHECKING:
    from workbench.schema.catalogue import Catalogue

VERSION = 1
UNDO_STEPS = 200
SAVE_AFTER_MS = 400


class Draft(QObject):
    """Dotted settings, and the way back through their changes.

    A value may be wrong (a text in a number's place, say): it is kept as typed, and checks say so.

    Args:
        catalogue: knows the defaults.
        file: where the draft is remembered; None remembers nothing.

    Signals:
        changed(): a value is another.
        saving_failed(str): the draft cannot be remembered, with the reason; said once.
    """

    changed = Signal()
    saving_failed = Signal(str)

    def __init__(
        self, catalogue: Catalogue, file: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._file = file
        self._values: dict[str, Any] = _known(catalogue, _read(file))
        self._defaults: dict[str, Any] | None = None
        self._past: list[dict[str, Any]] = []
        self._future: list[dict[str, Any]] = []
        self._growing = ""  # the key whose changes still join into one step of undo
        self._told = False
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)

    @property
    def values(self) -> dict[str, Any]:
        """What the person changed, by dotted key: only what applies now. A copy.

        What was set for another kind of data stays in mind, and is back with that kind.
        """
        applying = self._effective()
        return {key: value for key, value in self._values.items() if key in applying}

    @property
    def defaults(self) -> dict[str, Any]:
        """The effective default of every setting that applies now; a copy."""
        return dict(self._effective())

    def value(self, key: str) -> Any:
        """The effective value of `key`; None for one that does not apply."""
        return self._values[key] if key in self._values else self._effective().get(key)

    def is_changed(self, key: str) -> bool:
        return key in self._values

    def set(self, key: str, value: Any) -> None:
        """Change one setting; the default's own value takes the change back.

        Choosing another option drops what was set for the former one. Changes of one key in a row
        are one step of undo until `settle`.
        """
        values = dict(self._values)
        if key.endswith(NAME) and self.value(key) != value:
            group = key.removesuffix("name")
            values = {k: v for k, v in values.items() if not k.startswith(group)}
        values.pop(key, None)
        if not _same(self._default(key, values), value):
            values[key] = value
        self._move(values, key)

    def reset(self, key: str) -> None:
        """Take one change back; a choice of an option also loses that option's settings."""
        group = key.removesuffix("name") if key.endswith(NAME) else None
        kept = {
            k: v
            for k, v in self._values.items()
            if k != key and not (group is not None and k.startswith(group))
        }
        self._move(kept)

    def reset_all(self) -> None:
        """Take every change back but data set and algorithm, which are what one is working on."""
        chosen = ("dataset.", "algorithm.name")
        self._move({k: v for k, v in self._values.items() if k.startswith(chosen)})

    def replace(self, values: Mapping[str, Any]) -> None:
        """Take over a whole set of settings, as of a preset or a former run."""
        values = _known(self._catalogue, values)
        defaults = self._catalogue.defaults(values)
        plain = {
            k: v for k, v in values.items() if k.endswith(NAME) or not _same(defaults.get(k), v)
        }
        for key in [k for k in plain if k.endswith(NAME)]:
            others = {k: v for k, v in plain.items() if k != key}
            if _same(self._default(key, others), plain[key]):
                plain = others
        self._move(plain)

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    @Slot()
    def undo(self) -> None:
        """Go one step back, if there is one."""
        if self._past:
            self._future.append(self._values)
            self._become(self._past.pop())

    @Slot()
    def redo(self) -> None:
        """Go one step forward again, if there is one."""
        if self._future:
            self._past.append(self._values)
            self._become(self._future.pop())

    @Slot()
    def settle(self) -> None:
        """The person has left the field: its next change is a step of undo of its own."""
        self._growing = ""

    @Slot()
    def save(self) -> None:
        """Remember the draft now rather than in a moment."""
        self._timer.stop()
        if self._file is None:
            return
        text = json.dumps({"version": VERSION, "values": self._values}, indent=1, default=list)
        half = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            half.write_text(text, encoding="utf-8")
            half.replace(self._file)
        except OSError as error:
            if not self._told:
                self._told = True
                self.saving_failed.emit(
                    f"The settings cannot be remembered in {self._file.parent}: {error.strerror}."
                )

    def _effective(self) -> dict[str, Any]:
        if self._defaults is None:
            self._defaults = dict(self._catalogue.defaults(self._values))
        return self._defaults

    def _default(self, key: str, values: Mapping[str, Any]) -> Any:
        return self._catalogue.defaults(values).get(key)

    def _move(self, values: dict[str, Any], key: str = "") -> None:
        if values == self._values and _types(values) == _types(self._values):
            return
        if not key or key != self._growing:
            self._past = [*self._past[-UNDO_STEPS:], self._values]
        self._growing = key
        self._future.clear()
        self._values, self._defaults = values, None
        self._announce()

    def _become(self, values: dict[str, Any]) -> None:
        self._growing = ""
        self._values, self._defaults = values, None
        self._announce()

    def _announce(self) -> None:
        if self._file is not None:
            self._timer.start()
        self.changed.emit()


def _same(one: Any, other: Any) -> bool:
    """Equal, lists and tuples alike; but True is not 1, nor 1 the text "1"."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return list(one) == list(other)
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers):
        return isinstance(one, bool) == isinstance(other, bool) and one == other
    return type(one) is type(other) and bool(one == other)


def _types(values: Mapping[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in values.items()}


def _read(file: Path | None) -> dict[str, Any]:
    """What was remembered; nothing where it cannot be read: a draft is quickly made again."""
    if file is None:
        return {}
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        values = data["values"] if data["version"] == VERSION else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(values) if isinstance(values, dict) else {}


def _known(catalogue: Catalogue, values: Mapping[str, Any]) -> dict[str, Any]:
    """Only the settings and options that there are: a draft may come from another version."""
    known = {key: value for key, value in catalogue.expand(values).items() if key in catalogue.keys}
    for key in [key for key in known if key.endswith(NAME)]:
        if catalogue.option(key.removesuffix(NAME), str(known[key])) is None:
            group = key.removesuffix("name")
            known = {k: v for k, v in known.items() if not k.startswith(group)}
    return known
