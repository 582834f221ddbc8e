"""CurvePlot: the one kind of plot with curves over a common x."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.app.plots import overlay, words
from workbench.app.plots.base import PlotBase
from workbench.app.plots.export import export
from workbench.app.plots.series import Curve, Floats, Numbers, View
from workbench.app.plots.ticks import number_text
from workbench.app.theme import theme
from workbench.app.widgets.checkbox import paint_focus
from workbench.errors import WorkbenchError

Values = npt.ArrayLike


class CurvePlot(PlotBase):
    """Curves over steps, say. Wheel and drag zoom and pan x; a double click or 0 shows all again.

    Keys: + − 0 zoom, X axis, L logarithm, C crosshair, Left and Right move it, Ctrl+E export.

    Args:
        name: what the plot is about, for screen readers.
        unit: stands in the y axis's title after a comma.
        y_range: fixed ends of y; None fits what is in view.

    Signals:
        log_changed(bool), crosshair_changed(bool): the person pressed the key for it.
        x_asked(): X was pressed; whoever knows steps, tasks and time shows the next of them.
        exported(str), export_failed(str, str): a file was written; or the message and the hint.
    """

    log_changed = Signal(bool)
    crosshair_changed = Signal(bool)
    x_asked = Signal()
    exported = Signal(str)
    export_failed = Signal(str, str)

    _mouse_y = 0.0

    def __init__(
        self,
        name: str,
        x_title: str = "Step",
        y_title: str = "",
        unit: str = "",
        log: bool = False,
        y_range: tuple[float, float] | None = None,
        labels: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, x_title, y_title, unit, log, y_range, parent)
        self._labels = labels
        self._curves: dict[str, Curve] = {}
        self._dirty: set[str] = set()
        self._smoothing = 0.0
        self._crosshair_on = True
        self.follow_theme()
        self.refresh()

    def set_series(
        self,
        name: str,
        x: Values,
        y: Values,
        low: Values | None = None,
        high: Values | None = None,
        series: int | None = None,
        noisy: bool = False,
        dashed: bool = False,
        markers: bool | None = None,
    ) -> None:
        """Give a curve its numbers; it appears at the next `refresh`.

        Args:
            x: shape (n,), ascending.
            y: shape (n,); NaN is a gap.
            low, high: ends of the 95 % interval, shape (n,).
            series: colour and marker, from 0; by default the next that is free.
            noisy: drawn faint, with its smoothed self over it.
            markers: by default on a curve of at most 200 points that is not noisy.
        """
        numbers = Numbers(_floats(x), _floats(y), _floats(low), _floats(high))
        curve = self._curves.get(name)
        if curve is None:
            index = len(self._curves) if series is None else series
            wants = not noisy and len(numbers.x) <= 200 if markers is None else markers
            curve = self._curves[name] = Curve(name, index, noisy, dashed, wants)
            curve.dress()
            for item in curve.items():
                self.addItem(item)
        curve.set_numbers(numbers)
        self._dirty.add(name)

    def remove_series(self, name: str) -> None:
        curve = self._curves.pop(name, None)
        self._dirty.discard(name)
        if curve is not None:
            for item in curve.items():
                self.removeItem(item)

    def clear_series(self) -> None:
        """Take all curves away."""
        for name in list(self._curves):
            self.remove_series(name)

    def series_names(self) -> list[str]:
        return list(self._curves)

    def numbers(self, name: str) -> Numbers:
        """The numbers of a curve, as they were given."""
        return self._curves[name].numbers

    def set_visible(self, name: str, visible: bool) -> None:
        """Show or hide a curve."""
        if name in self._curves:
            self._curves[name].visible = visible
            self._dirty.add(name)

    def set_smoothing(self, weight: float) -> None:
        """Weight of the past in noisy curves, 0 to less than 1."""
        self._smoothing = weight
        self._dirty.update(self._curves)

    def set_log(self, log: bool) -> None:
        """Logarithmic y, or linear; what is not above 0 is a gap then."""
        self._left.log = log
        self._dirty.update(self._curves)
        self.refresh()

    def set_crosshair(self, on: bool) -> None:
        """Let the crosshair follow the mouse, or not."""
        self._crosshair_on = on
        if not on:
            self.crosshair.set(None)

    def refresh(self) -> None:
        """Draw what has changed."""
        for name in self._dirty & self._curves.keys():
            self._curves[name].smooth(self._smoothing)
        self._dirty.clear()
        self._fit_margin()
        if not self._zoomed:
            self._fit_x()
        self._fit_y()
        self.draw_curves()
        self.setAccessibleDescription(self.description())
        self._repaint()

    def description(self) -> str:
        """The plot in words: each curve with its last value and its range."""
        return words.described(self.shown_curves(), self._x_title, self._axis_title())

    def export(self, path: Path) -> None:
        """Write a PNG, SVG or CSV file.

        Raises:
            StoreError: the file cannot be written, or its ending is none of the three.
        """
        export(self, list(self._curves.values()), self._x_title, path)

    @Slot()
    def ask_export(self) -> None:
        """Ask for a file and write it."""
        kinds = "Picture (*.png);;Drawing (*.svg);;Table (*.csv)"
        name, kind = QFileDialog.getSaveFileName(
            self, "Export plot", f"{self._name.lower()}.png", kinds
        )
        if not name:
            return
        path = Path(name)
        if not path.suffix:
            path = path.with_suffix(kind[kind.index("*") + 1 : -1])
        try:
            self.export(path)
        except WorkbenchError as error:
            self.export_failed.emit(error.message, error.hint)
        else:
            self.exported.emit(str(path))

    def shown_curves(self) -> list[Curve]:
        return [c for c in self._curves.values() if c.visible]

    def draw_curves(self) -> None:
        left, right = self.getViewBox().viewRange()[0]
        width = self._view().width()
        markers = max(4, int(width / theme().px(18)))
        view = View(left, right, max(16, int(width)), markers, self._left.log)
        for curve in self._curves.values():
            curve.draw(view)

    def retheme(self) -> None:
        super().retheme()
        if not self.alive():
            return
        for curve in self._curves.values():
            curve.dress()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802  Qt's name
        painter.save()
        view = self._view()
        if self._chance is not None and (line := self._chance_line()) is not None:
            overlay.paint_chance(painter, view, line, self._chance[1], self._future_room())
        if self._labels:
            overlay.paint_labels(painter, self._end_labels(view), view, self.viewport().width())
        if self.crosshair.x is not None:
            self._paint_crosshair(painter, view)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.viewport().rect()))
        painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        spot = self.mapToScene(event.position().toPoint())
        if not self._crosshair_on:
            return
        inside = self._view().contains(spot)
        x = self.getViewBox().mapSceneToView(spot).x() if inside else None
        self.crosshair.set(self._snapped(x), self)
        self._mouse_y = spot.y()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_curves") and self.alive():
            self.refresh()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.crosshair.set(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.reset_view()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key == Qt.Key.Key_E and not plain:
            self.ask_export()
        elif plain and key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.5)
        elif plain and key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.5)
        elif plain and key == Qt.Key.Key_0:
            self.reset_view()
        elif plain and key == Qt.Key.Key_L:
            self.set_log(not self._left.log)
            self.log_changed.emit(self._left.log)
        elif plain and key == Qt.Key.Key_C:
            self.set_crosshair(not self._crosshair_on)
            self.crosshair_changed.emit(self._crosshair_on)
        elif plain and key == Qt.Key.Key_X:
            self.x_asked.emit()
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step_crosshair(1 if key == Qt.Key.Key_Right else -1)
        else:
            event.ignore()

    def _fit_margin(self) -> None:
        """Room at the right for the labels, unless the future has it; the same in all linked plots,
        whose x would not agree otherwise."""
        px = theme().px
        shown = [p for p in self.crosshair.plots if p is self or not p.isHidden()]
        right = max((p._label_room() for p in shown), default=0) or px(16)
        right = min(right, int(0.4 * self.viewport().width()))  # curves before words
        margins = self.getPlotItem().layout.getContentsMargins()
        if round(margins[2]) != right:
            for plot in shown:
                layout = plot.getPlotItem().layout
                layout.setContentsMargins(0, px(8), right, 0)
                layout.activate()  # Qt loses the request of a plot that was hidden before

    def _label_room(self) -> int:
        """What the labels at the curves' ends need beside the plot; 0 where there are none."""
        texts = words.end_texts(self.shown_curves()) if self._labels else []
        widest = max((overlay.label_width(text) for _, _, text in texts), default=0)
        room = widest + theme().px(16)
        return room if widest and self._future_room() < room else 0

    def _end_labels(self, view: QRectF) -> list[overlay.EndLabel]:
        labels = []
        for curve, i, text in words.end_texts(self.shown_curves()):
            spot = self._px(float(curve.shown.x[i]), self._scaled(float(curve.shown.y[i])))
            x = spot.x()
            if self._future is not None:
                x = max(x, self._px(self._future[0], 0).x())
            x = min(max(x, view.left()), view.right()) + theme().px(8)
            y = spot.y()
            if (line := self._chance_line()) is not None:
                y = line - theme().px(11) if abs(y - line) < theme().px(10) else y
            labels.append(overlay.EndLabel(x, y, text, theme().series(curve.index)))
        return labels

    def _snapped(self, x: float | None) -> float | None:
        """The x nearest to `x` where any curve of the linked plots has a value."""
        curves = [c for p in self.crosshair.plots for c in p.shown_curves()]
        return None if x is None else words.snapped(curves, x)

    def _step_crosshair(self, direction: int) -> None:
        xs = [
            c.numbers.x for p in self.crosshair.plots for c in p.shown_curves() if len(c.numbers.x)
        ]
        if not xs:
            return
        longest: Floats = max(xs, key=len)
        if self.crosshair.x is None:
            at = len(longest) - 1
        else:
            at = int(np.searchsorted(longest, self.crosshair.x)) + direction
        at = min(max(at, 0), len(longest) - 1)
        self._mouse_y = self._view().center().y()
        self.crosshair.set(float(longest[at]), self)

    def _readings(self, x: float) -> list[tuple[overlay.Reading, float]]:
        return words.readings(self.shown_curves(), x, self._unit, smooth=self._smoothing > 0)

    def _paint_crosshair(self, painter: QPainter, view: QRectF) -> None:
        x = self.crosshair.x
        if x is None:
            return
        spot = self._px(x, 0).x()
        marks = [
            (self._px(x, self._scaled(y)).y(), r.colour)
            for r, y in self._readings(x)
            if r.colour is not None
        ]
        overlay.paint_crosshair(painter, view, spot, marks)
        if self.crosshair.reader is self:
            rows = []
            for plot in self.crosshair.plots:
                if len(self.crosshair.plots) > 1:
                    rows.append(overlay.Reading(plot._axis_title(), "", None))
                rows += [r for r, _ in plot._readings(x)]
            title = f"{self._x_title} {number_text(x)}"
            room = QRectF(self.viewport().rect()).adjusted(4, 4, -4, -4)
            overlay.paint_readout(painter, room, spot, self._mouse_y, title, rows)


def _floats(values: Values | None) -> Floats:
    return np.empty(0) if values is None else np.asarray(values, dtype=np.float64)
