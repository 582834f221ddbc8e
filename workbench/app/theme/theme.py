"""The theme that is in force, and how widgets hear of a change."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase

from workbench.app.theme.tokens import LIGHT, TYPE, Tokens

_made: list[Theme] = []


class Theme(QObject):
    """Tokens, scale and type in force.

    Signals:
        changed(): colours or sizes are new; everything painted by hand must be painted again.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: Tokens = LIGHT
        self.scheme = "system"
        self.scale = 100
        self.reduced_motion = False
        self.family = ""
        self._fonts: dict[tuple[str, int, str], QFont] = {}

    @property
    def dark(self) -> bool:
        return self.tokens.dark

    def px(self, length: float) -> int:
        """`length` px at 100 %, as whole px at the present scale; never 0 unless `length` is."""
        return 0 if length == 0 else max(1, round(length * self.scale / 100))

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        colour = QColor(self.tokens.colour(token))
        colour.setAlphaF(alpha)
        return colour

    def series(self, index: int) -> QColor:
        """Colour of the series `index`, counted from 0; they repeat."""
        return QColor(self.tokens.series[index % len(self.tokens.series)])

    def font(self, use: str = "body") -> QFont:
        """The font for a row of the type scale, figures of equal width; the caller may change
        it.
        """
        key = (use, self.scale, self.family)
        if key not in self._fonts:
            self._fonts[key] = self._font(use)
        return QFont(self._fonts[key])

    def _font(self, use: str) -> QFont:
        style = TYPE[use]
        if use == "path":
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        else:
            font = QFont(self.family) if self.family else QFont()
            font.setFeature(QFont.Tag("tnum"), 1)
        font.setPixelSize(self.px(style.size))
        font.setWeight(QFont.Weight(style.weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def set(self, **values: Any) -> None:
        """Change several values and tell everybody once."""
        for name, value in values.items():
            setattr(self, name, value)
        self.changed.emit()


def theme() -> Theme:
    """The one theme. It is made at the first call, which must come after the QApplication."""
    if not _made or not shiboken6.isValid(_made[-1]):
        _made.append(Theme())
    return _made[-1]


class Themed:
    """Mix-in of a QObject that measures or paints itself: it overrides `retheme` and calls
    `follow_theme` at the end of its constructor, which also calls `retheme` once."""

    def follow_theme(self) -> None:
        theme().changed.connect(self.retheme)
        self.retheme()

    def retheme(self) -> None:
        """Colours or scale have changed."""
