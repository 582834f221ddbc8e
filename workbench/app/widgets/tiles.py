"""Small images, in the tokens' tile and ink."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.app.theme import Themed, theme
from workbench.app.theme.tokens import mix
from workbench.app.widgets.checkbox import paint_focus

Image = npt.NDArray[np.uint8]
"""Height × width, 255 where there is ink."""


@lru_cache(maxsize=8)
def _colour_table(tile: str, ink: str) -> list[int]:
    return [QColor(mix(tile, ink, level / 255)).rgb() for level in range(256)]


def tinted(image: npt.NDArray[Any], paper: bool = False) -> QImage:
    """A uint8 image as Qt paints it: (H, W), 255 = ink, as ink on tile of the theme, or black on
    white `paper`; (H, W, 3) in its own colours.
    """
    if image.ndim == 3:
        colours = np.ascontiguousarray(image, dtype=np.uint8)
        high, wide, _ = colours.shape
        return QImage(colours.tobytes(), wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()
    grey = np.ascontiguousarray(image, dtype=np.uint8)
    height, width = grey.shape
    picture = QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Indexed8)
    here = theme().tokens
    picture.setColorTable(
        _colour_table("#FFFFFF" if paper else here.tile, "#000000" if paper else here.ink)
    )
    return picture.copy()  # the bytes above do not outlive this call


def paint_image(painter: QPainter, room: QRect, picture: QImage) -> None:
    """Paint `picture` as large as fits `room`: crisp squares when it grows, smooth when it
    shrinks.
    """
    if picture.isNull():
        return
    size = picture.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    factor = size.width() / picture.width()
    if factor >= 2:  # whole multiples only, so that every pixel is equally large
        size = picture.size() * int(factor)
    target = QRect(0, 0, size.width(), size.height())
    target.moveCenter(room.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, factor < 2)
    painter.drawImage(target, picture)


class ImageTile(QWidget, Themed):
    """One image in a frame.

    Args:
        size: side in px at 100 %.
        paper: black on white whatever the theme, as the network sees it.

    Signals:
        clicked(): it was pressed.
    """

    clicked = Signal()

    def __init__(
        self,
        size: int = 64,
        paper: bool = False,
        name: str = "Image",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._side, self._paper, self._chosen = size, paper, False
        self._image: npt.NDArray[Any] | None = None
        self._picture = QImage()
        self.setAccessibleName(name)
        self.follow_theme()

    def set_image(self, image: npt.NDArray[Any] | None) -> None:
        """Show a uint8 image (H, W), 255 = ink; None empties the tile."""
        self._image = image
        self._picture = QImage() if image is None else tinted(image, self._paper)
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        self._chosen = chosen
        self.update()

    def retheme(self) -> None:
        side = theme().px(self._side)
        self.setFixedSize(side, side)
        self.set_image(self._image)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.clicked.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_tile(painter, self.rect(), self._picture, self._paper, self._chosen)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()


def paint_tile(
    painter: QPainter, rect: QRect, picture: QImage, paper: bool = False, chosen: bool = False
) -> None:
    """Paint ground, picture and frame of a tile."""
    here = theme()
    painter.fillRect(rect, QColor("#FFFFFF") if paper else here.colour("tile"))
    paint_image(painter, rect.adjusted(2, 2, -2, -2), picture)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if chosen:
        painter.setPen(QPen(here.colour("accent"), 2))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))
    else:
        painter.setPen(here.colour("border"))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
