"""Taking a plot along: PNG, SVG, CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView

from workbench.app.plots.series import Curve
from workbench.errors import StoreError

DENSITY = 2.0


def export(view: QGraphicsView, curves: Sequence[Curve], x_title: str, path: Path) -> None:
    """Write `path`; its ending picks the kind.

    Raises:
        StoreError: the ending is not .png, .svg or .csv, or the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".png", ".svg", ".csv"):
        raise StoreError(
            "A plot cannot be saved as {kind}.",
            kind=kind or "a file without an ending",
            hint="Use .png, .svg or .csv.",
        )
    try:
        if kind == ".csv":
            _csv(curves, x_title, path)
        elif kind == ".svg":
            _svg(view, path)
        elif not _png(view).save(str(path)):
            raise OSError("not writable")
    except OSError as error:
        raise StoreError(
            "{path} cannot be written: {reason}.",
            path=path,
            reason=error.strerror or str(error),
            hint="Choose another folder.",
        ) from error


def _png(view: QGraphicsView) -> QPixmap:
    picture = QPixmap(view.viewport().size() * DENSITY)
    picture.setDevicePixelRatio(DENSITY)
    painter = QPainter(picture)
    view.render(painter)
    painter.end()
    return picture


def _svg(view: QGraphicsView, path: Path) -> None:
    with path.open("wb"):  # Qt says nothing when it cannot write
        pass
    size: QSize = view.viewport().size()
    sheet = QSvgGenerator()
    sheet.setFileName(str(path))
    sheet.setSize(size)
    sheet.setViewBox(QRect(0, 0, size.width(), size.height()))
    painter = QPainter(sheet)
    view.render(
        painter, QRectF(0, 0, size.width(), size.height()), QRect(0, 0, size.width(), size.height())
    )
    painter.end()


def _csv(curves: Sequence[Curve], x_title: str, path: Path) -> None:
    """A line per value: series, x, value, ends of the interval. Gaps are empty fields."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["series", x_title.lower(), "value", "low", "high"])
        for curve in curves:
            numbers = curve.numbers
            for i, (x, y) in enumerate(zip(numbers.x, numbers.y, strict=True)):
                ends = [numbers.low[i], numbers.high[i]] if len(numbers.low) else ["", ""]
                writer.writerow([curve.name, *(_field(v) for v in (x, y, *ends))])


def _field(value: object) -> str:
    text = str(value)
    return "" if text == "nan" else text.removesuffix(".0")
