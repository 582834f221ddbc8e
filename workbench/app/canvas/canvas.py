"""The paper: draw with mouse, pen, finger or keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QEventPoint,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench import ink
from workbench.app.canvas.desk import ERASER
from workbench.app.canvas.keypen import ARROWS, KeyPen
from workbench.app.canvas.layers import paint_frame
from workbench.app.canvas.movement import HARDEST, Movement, pressed_width
from workbench.app.canvas.paper import Paper
from workbench.app.canvas.sheet import Sheet
from workbench.app.theme import Themed, theme
from workbench.app.widgets.checkbox import paint_focus
from workbench.app.widgets.notices import announce
from workbench.ink import Stroke


class Canvas(QWidget, Themed):
    """A square sheet of paper and one pen.

    Every point that Qt delivers is kept as it is; only the painted line is smoothed. A movement
    paints nothing but the piece that is new.

    Signals:
        stroke_finished(Stroke): the pen was lifted; the stroke is for whoever keeps the drawing.
        stroke_grew(): there is more of the stroke being drawn; `live` has it.
        pen_seen(): a tablet's pen touches the sheet.
        erased(x, y, joined): the eraser touched a place, in 0..1; `joined` while it has not been
            lifted since the last.
    """

    stroke_finished = Signal(object)
    stroke_grew = Signal()
    pen_seen = Signal()
    erased = Signal(float, float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paper = Paper()
        self._movement = Movement()
        self._tool = "pen"
        self._pressure = True
        self._finger = -1  # the number of the one that draws
        self._keys = False
        self._tip: QPointF | None = None  # where the pointer hovers, in px of the sheet
        self._key_pen = KeyPen()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAccessibleName("Drawing sheet")
        self.setAccessibleDescription("Arrow keys move the pen, Space lowers and lifts it")
        self.follow_theme()

    # -------------------------------------------------------------------------------- what it shows

    @property
    def live(self) -> Stroke | None:
        """The stroke being drawn, (P, 2) in 0..1; None while the pen is up."""
        return self._movement.stroke

    def set_sheet(self, sheet: Sheet) -> None:
        """Show another drawing."""
        self._paper.set_sheet(sheet)
        self.setAccessibleDescription(
            f"{len(sheet.strokes)} strokes. Arrow keys move the pen, Space lowers and lifts it"
        )
        self.update()

    def set_onion(self, onion: Sheet | None) -> None:
        """Show a drawing faintly under the ink, or none."""
        if self._paper.set_onion(onion):
            self.update()

    def set_grid(self, shown: bool) -> None:
        self._paper.set_grid(shown)
        self.update()

    def set_pressure(self, felt: bool) -> None:
        """Whether a tablet's pen draws the wider the firmer it is pressed."""
        self._pressure = felt

    def set_pen_width(self, width: float) -> None:
        """In units of a 105-pixel sheet."""
        if self._paper.set_pen_width(width):
            self.update()

    def set_tool(self, tool: str) -> None:
        """`pen` or `eraser`."""
        self.lift()
        self._tool = tool
        self.update()

    def set_keys(self, shown: bool) -> None:
        """Show the pen that the arrow keys move."""
        self._keys = shown
        if shown:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._movement.source == "keys":
            self.lift()
        self.update()

    def lift(self) -> None:
        """Lift the pen: a stroke being drawn is finished as it is."""
        stroke = self._movement.end()
        if stroke is not None:
            self.stroke_finished.emit(stroke)
            self.update()

    def retheme(self) -> None:
        self._paper.forget()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(432), theme().px(432))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(160))

    # -------------------------------------------------------------------------------------- places

    def paper(self) -> QRect:
        """The square of the sheet, in px of the widget."""
        side = self._side()
        return QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def place(self, x: float, y: float) -> QPointF:
        """Where a point of the sheet, in 0..1, lies in the widget."""
        paper = self.paper()
        return QPointF(paper.x() + x * paper.width(), paper.y() + y * paper.height())

    def _side(self) -> int:
        return max(16, min(self.width(), self.height()) - 2)

    def _on_sheet(self, place: QPointF) -> tuple[float, float]:
        paper = self.paper()
        return (place.x() - paper.x()) / paper.width(), (place.y() - paper.y()) / paper.height()

    # ---------------------------------------------------------------------------------------- input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._movement.source:
            self._press("mouse", event.position(), self._tool == "eraser")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(event.position())
        if self._movement.source == "mouse":
            self._move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._movement.source == "mouse":
            self._release(event.position())

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()  # or Qt would send the same as mouse events
        kind, width = event.type(), pressed_width(event) if self._pressure else 1.0
        if kind == QEvent.Type.TabletPress and not self._movement.source:
            self.pen_seen.emit()
            turned = event.pointerType() == QPointingDevice.PointerType.Eraser
            erasing = turned or self._tool == "eraser"
            self._press("pen", event.position(), erasing, width)
        elif kind == QEvent.Type.TabletMove:
            self._hover(event.position())
            if self._movement.source == "pen":
                self._move(event.position(), width)
        elif kind == QEvent.Type.TabletRelease and self._movement.source == "pen":
            self._release(event.position())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            self._touch(event)
            event.accept()
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        """One finger draws, the one that came first; any other is the hand's heel."""
        drawing = self._movement.source == "touch"
        own = [point for point in event.points() if point.id() == self._finger] if drawing else []
        if event.type() == QEvent.Type.TouchBegin and not self._movement.source:
            first = event.points()[0]
            self._finger = first.id()
            self._press("touch", first.position(), self._tool == "eraser")
        elif own and event.type() != QEvent.Type.TouchCancel:
            if own[0].state() == QEventPoint.State.Released:
                self._release(own[0].position())
            else:
                self._move(own[0].position())
        elif drawing and event.type() in (QEvent.Type.TouchCancel, QEvent.Type.TouchEnd):
            self.lift()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif key in ARROWS and self._movement.source in ("", "keys"):
            self._move_key_pen(key, bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Space and self._movement.source in ("", "keys"):
            if not event.isAutoRepeat():
                self._lower_or_lift()
        elif key == Qt.Key.Key_Escape and self._movement.source:
            self.lift()
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(event.position())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._movement.source == "keys":
            self.lift()
        super().focusOutEvent(event)

    # -------------------------------------------------------------------------------- one movement

    def _press(self, source: str, place: QPointF, erasing: bool, width: float = 1.0) -> None:
        if not self.paper().contains(place.toPoint()):
            return
        self._movement.begin(source, erasing)
        if erasing:
            self._erase(place)
        else:
            self._movement.add(self._on_sheet(place), width)
            self._refresh_around(self._movement.points)
            self.stroke_grew.emit()

    def _move(self, place: QPointF, width: float | None = None) -> None:
        """Go on; without a width as wide as before."""
        movement = self._movement
        if movement.erasing:
            self._erase(place)
        elif movement.add(self._on_sheet(place), width or movement.widths[-1]):
            if len(movement.points) > 2:
                self._paper.ink_last_bend(movement.points, movement.widths)
            self._refresh_around(movement.points[-3:])
            self.stroke_grew.emit()

    def _release(self, place: QPointF) -> None:
        if self._movement.points:
            self._move(place)
        self.lift()

    def _erase(self, place: QPointF) -> None:
        for x, y, joined in self._movement.rub(self._on_sheet(place)):
            self.erased.emit(x, y, joined)

    def _move_key_pen(self, key: Qt.Key, far: bool) -> None:
        self._keys = True
        before = self._key_pen.place
        self._key_pen.move(key, far)
        if self._movement.source == "keys":
            self._move(self.place(*self._key_pen.place))
        self._refresh_around([before, self._key_pen.place], self._reach() + theme().px(14))

    def _lower_or_lift(self) -> None:
        self._keys = True
        if self._movement.source == "keys":
            self.lift()
            announce(self, "Pen lifted")
        elif self._tool == "eraser":
            self.erased.emit(*self._key_pen.place, False)
        else:
            self._press("keys", self.place(*self._key_pen.place), False)
            announce(self, "Pen down")
        self.update()

    def _hover(self, place: QPointF | None) -> None:
        around = [point for point in (self._tip, place) if point is not None]
        self._tip = place
        self._refresh_around([self._on_sheet(point) for point in around], self._reach())

    # ------------------------------------------------------------------------------------- painting

    def _reach(self) -> float:
        """Radius of the ring that shows what the tool touches, in px."""
        radius = self._paper.pen_width / 2 / ink.CANVAS
        return (radius + (ERASER if self._tool == "eraser" else 0)) * self._side()

    def _refresh_around(
        self, points: list[tuple[float, float]], reach: float | None = None
    ) -> None:
        if not points:
            return
        around = self._paper.nib().widthF() / 2 * HARDEST if reach is None else reach
        places = [self.place(x, y) for x, y in points]
        left, right = min(p.x() for p in places), max(p.x() for p in places)
        top, bottom = min(p.y() for p in places), max(p.y() for p in places)
        rect = QRectF(left, top, right - left, bottom - top)
        margin = around + 3
        self.update(rect.adjusted(-margin, -margin, margin, margin).toAlignedRect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_paper()

    def _fit_paper(self) -> None:
        self._paper.fit(self._side(), self.devicePixelRatioF())

    def paintEvent(self, event: QPaintEvent) -> None:
        self._fit_paper()  # the window may lie on another screen now
        paper, points = self.paper(), self._movement.points
        painter = QPainter(self)
        shown = event.rect().intersected(paper)
        widths = self._movement.widths
        self._paper.paint(painter, shown, paper.topLeft(), points, widths)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(shown)
        self._paper.paint_tail(painter, paper.topLeft(), points, widths)
        self._paint_tips(painter)
        painter.restore()
        paint_frame(painter, paper)
        if self.hasFocus():
            paint_focus(painter, QRectF(paper))
        painter.end()

    def _paint_tips(self, painter: QPainter) -> None:
        here, reach = theme(), self._reach()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(here.colour("accent"), 1))
        if self._tip is not None and not (
            self._keys and self.hasFocus() and self._movement.source == "keys"
        ):
            painter.drawEllipse(self._tip, reach, reach)
        if self._keys:
            down = self._movement.source == "keys"
            self._key_pen.paint(painter, self.place(*self._key_pen.place), reach, down)
