"""One style sheet and one palette, both made from the tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QLocale, QObject, Qt, Slot
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from workbench.app.theme.sheet import style_sheet
from workbench.app.theme.theme import theme
from workbench.app.theme.tokens import DARK, LIGHT, Tokens, mix
from workbench.schema.resources import resource

GROUNDS = ("bg", "panel", "inset", "hover", "soft", "tile")
MARKS = ("border", "ctl", "text", "text2", "muted", "accent", "ink")
SCHEMES = ("system", "light", "dark")
SMALLEST_SCALE, LARGEST_SCALE = 80, 200
FONTS = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")


def apply(app: QApplication, scheme: str = "system", scale: int = 100) -> None:
    """Dress the whole program.

    Args:
        scheme: `light`, `dark`, or `system` to follow the desktop, also when it changes later.
        scale: percent, 80 to 200.
    """
    here = theme()
    # The window speaks English, so its numbers do too: 12,480 and 0.5, on any desktop.
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    if not here.family:
        here.family = _load_fonts()
    if app.findChild(_SystemFollower) is None:
        _SystemFollower(app)
    scale = min(max(scale, SMALLEST_SCALE), LARGEST_SCALE)
    tokens = _tokens(app, scheme)
    here.scheme = scheme
    if app.styleSheet() and (here.tokens, here.scale) == (tokens, scale):
        return
    here.tokens, here.scale = tokens, scale
    # Without a sheet the other steps cost nothing, and setting one is three times as quick as
    # changing it.
    app.setStyleSheet("")
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    app.setFont(here.font("body"))
    app.setPalette(palette(tokens))
    QToolTip.setFont(here.font("small"))
    app.setStyleSheet(style_sheet(tokens, here.px))
    here.changed.emit()


def palette(tokens: Tokens) -> QPalette:
    """What Fusion itself paints with, and what widgets without a rule in the style sheet show."""
    made = QPalette()
    roles: dict[QPalette.ColorRole, str] = {
        QPalette.ColorRole.Window: tokens.bg,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.panel,
        QPalette.ColorRole.AlternateBase: tokens.inset,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.Button: tokens.panel,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.BrightText: tokens.bad,
        QPalette.ColorRole.Highlight: tokens.fill,
        QPalette.ColorRole.HighlightedText: tokens.onfill,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.LinkVisited: tokens.accent,
        QPalette.ColorRole.ToolTipBase: tokens.panel,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.muted,
        QPalette.ColorRole.Accent: tokens.accent,
        QPalette.ColorRole.Light: tokens.panel,
        QPalette.ColorRole.Midlight: tokens.hover,
        QPalette.ColorRole.Mid: tokens.border,
        QPalette.ColorRole.Dark: tokens.ctl,
        QPalette.ColorRole.Shadow: mix(tokens.ctl, "#000000", 0.5),
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.muted))
    return made


class _SystemFollower(QObject):
    """Dresses the program again when the desktop turns dark or light."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        app.styleHints().colorSchemeChanged.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        if theme().scheme == "system":
            apply(self._app, "system", theme().scale)


def _tokens(app: QApplication, scheme: str) -> Tokens:
    hints = app.styleHints()  # a name of its own: what it hands out dies with the last reference
    wishes = hints.accessibility()
    if scheme == "system" and wishes.contrastPreference() == Qt.ContrastPreference.HighContrast:
        return _from_palette(app.style().standardPalette())
    if scheme == "system":
        scheme = "dark" if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
    return DARK if scheme == "dark" else LIGHT


def _from_palette(system: QPalette) -> Tokens:
    """A high-contrast desktop wins: its own colours, and only our states and series."""

    def read(role: QPalette.ColorRole) -> str:
        return system.color(role).name().upper()

    window, text = read(QPalette.ColorRole.Window), read(QPalette.ColorRole.WindowText)
    base = DARK if system.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT
    own: dict[str, Any] = dict.fromkeys(GROUNDS, window) | dict.fromkeys(MARKS, text)
    own["fill"] = read(QPalette.ColorRole.Highlight)
    own["onfill"] = read(QPalette.ColorRole.HighlightedText)
    return replace(base, name="system", **own)


def _load_fonts() -> str:
    """The bundled family, or the system's where it cannot be loaded."""
    families: list[str] = []
    for name in FONTS:
        number = QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}")))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return next((f for f in families if f == "Inter"), families[0] if families else "")
