"""Lucide icons, tinted from tokens, sharp at any pixel density."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from workbench.app.theme.theme import theme
from workbench.schema.resources import resource

STROKE = "1.75"
DENSITIES = (1.0, 2.0)


def icon(name: str, token: str = "text2", size: int = 16, off: str = "muted") -> QIcon:
    """The icon `name` in the colour of `token`, for `size` px at 100 %; `off` is its colour while
    disabled.

    Raises:
        FileNotFoundError: there is no such icon in the resources.
    """
    tokens, px = theme().tokens, theme().px(size)
    return _icon(name, tokens.colour(token), tokens.colour(off), px)


def pixmap(name: str, token: str = "text2", size: int = 16, density: float = 1.0) -> QPixmap:
    """The same as a picture, to be painted by hand at `density` device pixels per px."""
    return _pixmap(name, theme().tokens.colour(token), theme().px(size), density)


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, off: str, px: int) -> QIcon:
    made = QIcon()
    for density in DENSITIES:
        made.addPixmap(_pixmap(name, colour, px, density), QIcon.Mode.Normal)
        made.addPixmap(_pixmap(name, colour, px, density), QIcon.Mode.Active)
        made.addPixmap(_pixmap(name, colour, px, density), QIcon.Mode.Selected)
        made.addPixmap(_pixmap(name, off, px, density), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=1024)
def _pixmap(name: str, colour: str, px: int, density: float) -> QPixmap:
    source = _source(name).replace("currentColor", colour)
    source = source.replace('stroke-width="2"', f'stroke-width="{STROKE}"')
    renderer = QSvgRenderer(QByteArray(source.encode()))
    side = round(px * density)
    picture = QPixmap(QSize(side, side))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(density)
    return picture


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return resource(f"icons/{name}.svg").read_text(encoding="utf-8")
