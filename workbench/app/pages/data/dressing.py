"""Hides and renames classes: settings of the experiment, and steps of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from workbench.schema.nouns import with_name

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.pages.data.sets import DataSets
    from workbench.app.window import MainWindow

HIDDEN, RENAMED = "classes.hidden", "classes.renamed"
_Step = tuple[str, tuple[str, ...], tuple[str, ...]]  # setting, before, after


class Dressing(QObject):
    """Changes which classes of the shown data set take part, and what they are called.

    The way back is kept here for a data set that is only looked at, too, whose settings wait until
    it is used.
    """

    def __init__(self, sets: DataSets, draft: Draft, shell: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._sets, self._draft, self._shell = sets, draft, shell
        self._past: list[_Step] = []
        self._future: list[_Step] = []

    @Slot(int, bool)
    def hide(self, number: int, hidden: bool) -> None:
        """Take a class out of every split, or back in."""
        view = self._sets.shown.view
        if view is None:
            return
        key, before = view.key(number), view.dress[0]
        after = (*before, key) if hidden else tuple(one for one in before if one != key)
        name = view.full_name(number)
        words = f"{name} is hidden: it is in no split." if hidden else f"{name} is back."
        self._do((HIDDEN, before, after), words)

    @Slot(int, str)
    def rename(self, number: int, name: str) -> None:
        """Give a class another name; an empty one is its own."""
        view = self._sets.shown.view
        if view is None:
            return
        before, old = view.dress[1], view.full_name(number)
        after = with_name(before, view.key(number), name)
        self._do((RENAMED, before, after), f"{old} is called {name or 'as its folder'} now.")

    def forget(self) -> None:
        """Another data set is shown, which has classes of its own."""
        self._past.clear()
        self._future.clear()

    @Slot()
    def undo(self) -> None:
        """Take the last change back."""
        if self._past:
            key, before, after = self._past.pop()
            self._future.append((key, before, after))
            self._set(key, before)
            self._shell.undo_bar.hide()  # it offered just that

    @Slot()
    def redo(self) -> None:
        """Do again what was taken back."""
        if self._future:
            key, before, after = self._future.pop()
            self._past.append((key, before, after))
            self._set(key, after)

    def _do(self, step: _Step, words: str) -> None:
        self._past.append(step)
        self._future.clear()
        self._set(step[0], step[2])
        self._shell.offer_undo(words, self.undo)

    def _set(self, key: str, value: tuple[str, ...]) -> None:
        self._draft.settle()
        self._sets.set(key, list(value))
        self._draft.settle()
