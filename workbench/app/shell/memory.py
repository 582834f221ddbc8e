"""What the window remembers from day to day: its look, its place, its page, its splitters."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QWidget

from workbench.app.widgets import Splitter


def user_settings() -> QSettings:
    """The person's own window settings, an INI file in their configuration folder."""
    return QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "fewshot-workbench", "window"
    )


class Memory:
    """Args:
    settings: the file; the person's own where None.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings = settings if settings is not None else user_settings()

    def look(self) -> tuple[str, int, bool]:
        """Scheme, scale in percent, and whether less motion is wanted."""
        return (
            str(self._settings.value("scheme", "system")),
            _number(self._settings.value("scale"), 100),
            bool(_number(self._settings.value("less_motion"), 0)),
        )

    def keep_look(self, scheme: str, scale: int, less_motion: bool) -> None:
        self._settings.setValue("scheme", scheme)
        self._settings.setValue("scale", scale)
        self._settings.setValue("less_motion", int(less_motion))

    def flag(self, name: str, otherwise: bool) -> bool:
        """Whether something was switched on when the program was last used."""
        return bool(_number(self._settings.value(f"flags/{name}"), int(otherwise)))

    def keep_flag(self, name: str, on: bool) -> None:
        self._settings.setValue(f"flags/{name}", int(on))

    def page(self) -> str:
        """Title of the page of last time; empty on the first day."""
        return str(self._settings.value("page", ""))

    def place(self, window: QWidget) -> bool:
        """Put the window where it was; False where that is not known."""
        saved = self._settings.value("geometry")
        return isinstance(saved, QByteArray) and window.restoreGeometry(saved)

    def place_splitters(self, page: QWidget) -> None:
        """Put the splitters of a page where they were."""
        for splitter in page.findChildren(Splitter):
            state = self._settings.value(f"splitters/{splitter.objectName()}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def keep(self, window: QWidget, page: str) -> None:
        """Remember the window's place, its page and its splitters."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("page", page)
        for splitter in window.findChildren(Splitter):
            self._settings.setValue(f"splitters/{splitter.objectName()}", splitter.saveState())
        self._settings.sync()


def _number(value: object, otherwise: int) -> int:
    """A number from an INI file that somebody may have edited."""
    try:
        return int(str(value))
    except ValueError:
        return otherwise
