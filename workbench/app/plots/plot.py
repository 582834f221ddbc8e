"""CurvePlot: the one kind of plot with curves over a common x."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.app.plots import overlay
from workbench.app.plots.axis import ValueAxis
from workbench.app.plots.crosshair import Crosshair
from workbench.app.plots.export import export
from workbench.app.plots.series import Curve, Floats, Numbers, View
from workbench.app.plots.ticks import interval_text, number_text, short_text
from workbench.app.theme import Themed, theme
from workbench.app.widgets.checkbox import paint_focus

Values = npt.ArrayLike


class CurvePlot(pg.PlotWidget, Themed):  # type: ignore[misc]  # pyqtgraph has no types
    """Curves over steps, say. Wheel and drag zoom and pan x; a double click or 0 shows all again.

    Keys: + − 0 zoom, L logarithm, C crosshair, Left and Right move it, Ctrl+E export.

    Args:
        name: what the plot is about, for screen readers.
        unit: stands in the y axis's title after a comma.
        y_range: fixed ends of y; None fits what is in view.

    Signals:
        log_changed(bool), crosshair_changed(bool): the person pressed the key for it.
        exported(str), export_failed(str, str): a file was written; or the message and the hint.
    """

    log_changed = Signal(bool)
    crosshair_changed = Signal(bool)
    exported = Signal(str)
    export_failed = Signal(str, str)

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
        self._bottom, self._left = ValueAxis("bottom"), ValueAxis("left")
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left})
        self._name, self._x_title, self._y_title, self._unit = name, x_title, y_title, unit
        self._y_range, self._labels = y_range, labels
        self._curves: dict[str, Curve] = {}
        self._dirty: set[str] = set()
        self._smoothing = 0.0
        self._future: tuple[float, float | None, str] | None = None
        self._chance: tuple[float, str] | None = None
        self._zoomed, self._crosshair_on = False, True
        self.crosshair = Crosshair()
        self.crosshair.plots.append(self)
        self.crosshair.moved.connect(self._repaint)
        self._left.log = log
        self._prepare()
        self.setAccessibleName(name)
        self.follow_theme()
        self.refresh()

    # ------------------------------------------------------------ what it shows

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

    def set_future(self, start: float | None, end: float | None = None, text: str = "") -> None:
        """Shade what lies right of `start`; x reaches to `end`. None takes it away."""
        self._future = None if start is None else (start, end, text)

    def set_chance(self, value: float | None, text: str = "") -> None:
        """A dashed line at `value`, named "Chance 20.0" unless `text` says otherwise."""
        self._chance = None if value is None else (value, text or f"Chance {value:.1f}")

    def set_y_range(self, y_range: tuple[float, float] | None) -> None:
        """Fixed ends of y, or None to fit what is in view."""
        self._y_range = y_range

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

    def set_titles(self, x_title: str = "", y_title: str = "", unit: str | None = None) -> None:
        """Other titles of the axes."""
        self._x_title = x_title or self._x_title
        self._y_title = y_title or self._y_title
        self._unit = self._unit if unit is None else unit
        self.retheme()

    def refresh(self) -> None:
        """Draw what has changed."""
        for name in self._dirty & self._curves.keys():
            self._curves[name].smooth(self._smoothing)
        self._dirty.clear()
        self._fit_margin()
        if not self._zoomed:
            self._fit_x()
        self._fit_y()
        self._draw_curves()
        self.setAccessibleDescription(self.description())
        self._repaint()

    def reset_view(self) -> None:
        """Show all of x again."""
        for plot in self.crosshair.plots:
            plot._zoomed = False
            plot._fit_x()
            plot._fit_y()
            plot._repaint()

    def zoom(self, factor: float) -> None:
        """Zoom x around the crosshair, or around the middle; more than 1 goes closer."""
        left, right = self.getViewBox().viewRange()[0]
        middle = self.crosshair.x if self.crosshair.x is not None else (left + right) / 2
        self._mark_zoomed()
        self.setXRange(
            middle - (middle - left) / factor, middle + (right - middle) / factor, padding=0
        )

    def description(self) -> str:
        """The plot in words: each curve with its last value and its range."""
        said = []
        for curve in self._curves.values():
            last = curve.shown.last()
            if not curve.visible or last < 0:
                continue
            y = curve.numbers.y[np.isfinite(curve.numbers.y)]
            ends = f"from {short_text(y.min())} to {short_text(y.max())}"
            at = f"{self._x_title.lower()} {number_text(curve.shown.x[last])}"
            said.append(f"{curve.name}: {short_text(curve.shown.y[last])} at {at}, {ends}")
        return f"{self._axis_title()}. " + ("; ".join(said) if said else "No data yet")

    # ------------------------------------------------------------ export

    def export(self, path: Path) -> None:
        """Write a PNG, SVG or CSV file.

        Raises:
            StoreError: the file cannot be written, or its ending is none of the three.
        """
        export(self, list(self._curves.values()), self._x_title, path)

    @Slot()
    def ask_export(self) -> None:
        """Ask for a file and write it."""
        from workbench.errors import WorkbenchError

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

    # ------------------------------------------------------------ linking

    def share_crosshair(self, crosshair: Crosshair) -> None:
        """Use another plot's crosshair; `link_plots` calls it."""
        self.crosshair.moved.disconnect(self._repaint)
        self.crosshair = crosshair
        crosshair.plots.append(self)
        crosshair.moved.connect(self._repaint)

    def hide_x_axis(self) -> None:
        """Leave numbers and title of x to the plot below."""
        self._bottom.setStyle(showValues=False)
        self._bottom.setLabel("")
        self._bottom.showLabel(False)
        self._x_hidden = True

    # ------------------------------------------------------------ Qt

    def retheme(self) -> None:
        here, px = theme(), theme().px
        axis = pg.mkPen(here.colour("ctl"))
        words = pg.mkPen(here.colour("muted"))
        for item in (self._bottom, self._left):
            item.setPen(axis)
            item.setTextPen(words)
            item.setTickFont(here.font("caption"))
            item.setStyle(tickTextOffset=px(6))
            item.label.setFont(here.font("caption"))
        style = {"color": here.tokens.muted, "font-size": f"{px(11)}px"}
        if not self._x_hidden:
            self._bottom.setLabel(self._x_title, **style)
            self._bottom.setHeight(px(40))
        else:
            self._bottom.setHeight(px(8))
        self._left.setLabel(self._axis_title(), **style)
        self._left.setWidth(px(56))
        for curve in self._curves.values():
            curve.dress()
        self._repaint()

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802  Qt's name
        painter.fillRect(rect, theme().colour("panel"))
        view = self._view()
        if self._future is not None:
            start, _, text = self._future
            overlay.paint_future(painter, view, self._px(start, 0).x(), text)
        overlay.paint_grid(
            painter,
            view,
            [self._px(x, 0).x() for x in self._bottom.positions()],
            [self._px(0, y).y() for y in self._left.positions()],
        )

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802  Qt's name
        painter.save()
        view = self._view()
        if self._chance is not None:
            value, text = self._chance
            overlay.paint_chance(painter, view, self._px(0, self._scaled(value)).y(), text)
        if self._labels:
            overlay.paint_labels(painter, self._end_labels(view), view.top(), view.bottom())
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
        if self._curves_alive():
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
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step_crosshair(1 if key == Qt.Key.Key_Right else -1)
        else:
            event.ignore()

    # ------------------------------------------------------------ inside

    _x_hidden = False
    _mouse_y = 0.0

    def _prepare(self) -> None:
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=True, y=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.getPlotItem().layout.setContentsMargins(0, theme().px(8), 0, 0)
        box = self.getViewBox()
        box.setDefaultPadding(0)
        box.disableAutoRange()
        box.sigRangeChangedManually.connect(self._mark_zoomed)
        box.sigXRangeChanged.connect(self._x_moved)

    def _axis_title(self) -> str:
        return f"{self._y_title}, {self._unit}" if self._unit else self._y_title

    def _shown(self) -> list[Curve]:
        return [c for c in self._curves.values() if c.visible]

    def _scaled(self, y: float) -> float:
        if not self._left.log:
            return y
        return float(np.log10(y)) if y > 0 else float("nan")

    def _view(self) -> QRectF:
        rect: QRectF = self.getViewBox().sceneBoundingRect()
        return rect

    def _px(self, x: float, y: float) -> QPointF:
        spot: QPointF = self.getViewBox().mapViewToScene(QPointF(x, y if np.isfinite(y) else 0.0))
        return spot

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()

    @Slot()
    def _mark_zoomed(self, *_args: Any) -> None:
        for plot in self.crosshair.plots:
            plot._zoomed = True

    def _x_moved(self, *_args: Any) -> None:
        self._fit_y()
        self._draw_curves()
        self._repaint()

    def _fit_x(self) -> None:
        ends = [
            c.numbers.x[[0, -1]]
            for p in self.crosshair.plots
            for c in p._shown()
            if len(c.numbers.x)
        ]
        low = min((float(e[0]) for e in ends), default=0.0)
        high = max((float(e[1]) for e in ends), default=1.0)
        low = min(low, 0.0) if low < 0.2 * high else low
        if self._future is not None and self._future[1] is not None:
            high = max(high, self._future[1])
        high = high if high > low else low + 1
        # Half a marker of room, so that the last one is whole.
        self.setXRange(low, high + 0.008 * (high - low), padding=0)

    def _fit_y(self) -> None:
        if self._y_range is not None:
            low, high = (self._scaled(v) for v in self._y_range)
            if np.isfinite(low) and np.isfinite(high):
                self.setYRange(low, high, padding=0)
                return
        left, right = self.getViewBox().viewRange()[0]
        ends = [e for c in self._shown() for e in self._y_ends(c, left, right)]
        if not ends:
            return
        low, high = min(ends), max(ends)
        spare = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
        self.setYRange(low - spare, high + spare, padding=0)

    def _y_ends(self, curve: Curve, left: float, right: float) -> list[float]:
        numbers = curve.numbers
        inside = (numbers.x >= left) & (numbers.x <= right)
        parts = [numbers.y[inside]]
        if len(numbers.low):
            parts += [numbers.low[inside], numbers.high[inside]]
        y = np.concatenate(parts)
        y = y[np.isfinite(y) & ((y > 0) if self._left.log else True)]
        return [self._scaled(float(y.min())), self._scaled(float(y.max()))] if len(y) else []

    def _end_texts(self) -> list[tuple[Curve, int, str]]:
        found = [(c, c.shown.last()) for c in self._shown()]
        return [(c, i, f"{c.name} {short_text(c.shown.y[i])}") for c, i in found if i >= 0]

    def _fit_margin(self) -> None:
        """Room at the right for the labels, unless the future has it; the same in all linked plots,
        whose x would not agree otherwise."""
        px = theme().px
        shown = [p for p in self.crosshair.plots if p is self or not p.isHidden()]
        right = max((p._label_room() for p in shown), default=0) or px(16)
        margins = self.getPlotItem().layout.getContentsMargins()
        if round(margins[2]) != right:
            for plot in shown:
                plot.getPlotItem().layout.setContentsMargins(0, px(8), right, 0)

    def _label_room(self) -> int:
        """What the labels at the curves' ends need beside the plot; 0 where there are none."""
        texts = self._end_texts() if self._labels else []
        widest = max((overlay.label_width(text) for _, _, text in texts), default=0)
        room = widest + theme().px(16)
        return room if widest and self._future_room() < room else 0

    def _curves_alive(self) -> bool:
        # pyqtgraph resizes a plot while it is being made, and once more while it is taken apart.
        return hasattr(self, "_curves") and getattr(self, "plotItem", None) is not None

    def _draw_curves(self) -> None:
        left, right = self.getViewBox().viewRange()[0]
        width = self._view().width()
        markers = max(4, int(width / theme().px(18)))
        view = View(left, right, max(16, int(width)), markers, self._left.log)
        for curve in self._curves.values():
            curve.draw(view)

    def _future_room(self) -> float:
        if self._future is None or not self._future[1]:
            return 0.0
        start, end, _ = self._future
        return self.viewport().width() * (1 - start / end) if end else 0.0

    def _end_labels(self, view: QRectF) -> list[overlay.EndLabel]:
        labels = []
        for curve, i, text in self._end_texts():
            spot = self._px(float(curve.shown.x[i]), self._scaled(float(curve.shown.y[i])))
            x = spot.x()
            if self._future is not None:
                x = max(x, self._px(self._future[0], 0).x())
            x = min(max(x, view.left()), view.right()) + theme().px(8)
            y = spot.y()
            if self._chance is not None:
                line = self._px(0, self._scaled(self._chance[0])).y()
                y = line - theme().px(11) if abs(y - line) < theme().px(10) else y
            labels.append(overlay.EndLabel(x, y, text, theme().series(curve.index)))
        return labels

    def _snapped(self, x: float | None) -> float | None:
        """The x nearest to `x` where any curve has a value."""
        if x is None:
            return None
        found = [
            float(c.numbers.x[c.numbers.nearest(x)])
            for p in self.crosshair.plots
            for c in p._shown()
            if len(c.numbers.x)
        ]
        return min(found, key=lambda v: abs(v - x), default=None)

    def _step_crosshair(self, direction: int) -> None:
        xs = [c.numbers.x for p in self.crosshair.plots for c in p._shown() if len(c.numbers.x)]
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
        """Rows of the read-out at `x`, and the value of each."""
        rows = []
        for curve in self._shown():
            i = curve.shown.nearest(x)
            if i < 0 or not np.isfinite(curve.shown.y[i]):
                continue
            y = float(curve.shown.y[i])
            text = short_text(y)
            if len(curve.numbers.low):
                half = float(curve.numbers.high[i] - curve.numbers.low[i]) / 2
                text = interval_text(y, half)
            unit = f" {self._unit}" if self._unit else ""
            name = f"{curve.name}, smoothed" if curve.noisy and self._smoothing else curve.name
            rows.append((overlay.Reading(name, text + unit, theme().series(curve.index)), y))
        return rows

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
