"""What a cell of a table or a tree shows, and the delegate that paints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.app.theme import pixmap, theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets.badge import badge_width, paint_badge
from workbench.app.widgets.checkbox import BOX, paint_box, paint_focus
from workbench.app.widgets.series import paint_line_sample

CELL = int(Qt.ItemDataRole.UserRole) + 1
"""The role under which a model returns a `Cell`."""


@dataclass(frozen=True)
class Cell:
    """One cell. From left to right: check, icon, swatch, text, muted text, badge, outlined badges.

    Attributes:
        align: `right` for numbers, which then end with the muted text at the same place in each
            row.
        sort: what the column sorts by; the text when None.
        tip: tooltip.
    """

    text: str = ""
    muted: str = ""
    strong: bool = False
    tone: str = "text"
    badge: str = ""
    badge_icon: str = ""
    badge_tone: str = "neutral"
    icon: str = ""
    icon_tone: str = "text2"
    series: int | None = None
    align: str = "left"
    checked: bool | None = None
    outlined: Sequence[str] = ()
    sort: float | str | None = None
    tip: str = ""

    def spoken(self) -> str:
        """The whole as one text."""
        parts = (self.text, self.muted, self.badge, *self.outlined)
        return " ".join(p for p in parts if p)


class CellDelegate(QStyledItemDelegate):
    """Paints `Cell`s; other items as Qt does.

    Args:
        row: height in px at 100 %.
        line: whether a line separates the rows.
        use: row of the type scale for the text.
    """

    def __init__(
        self,
        row: int = SIZES.row_table,
        line: bool = True,
        pad: int = 8,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._row, self._line, self._pad = row, line, pad

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        cell = index.data(CELL)
        px = theme().px
        if not isinstance(cell, Cell):
            return QSize(super().sizeHint(option, index).width(), px(self._row))
        return QSize(self._width(cell), px(self._row))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        cell = index.data(CELL)
        if not isinstance(cell, Cell):
            super().paint(painter, option, index)
            return
        painter.save()
        here, rect = theme(), QRectF(option.rect)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if chosen:
            painter.fillRect(rect, here.colour("soft"))
        elif hovered:
            painter.fillRect(rect, here.colour("hover"))
        if self._line:
            painter.fillRect(
                QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), here.colour("border")
            )
        self._paint_content(painter, rect, cell, chosen)
        if (
            state & QStyle.StateFlag.State_HasFocus
            and state & QStyle.StateFlag.State_KeyboardFocusChange
        ):
            paint_focus(painter, rect)
        painter.restore()

    def _paint_content(self, painter: QPainter, rect: QRectF, cell: Cell, chosen: bool) -> None:
        here, px = theme(), theme().px
        room = rect.adjusted(px(self._pad), 0, -px(self._pad), -1)
        if cell.align == "right":
            room.setLeft(max(room.left(), room.right() - self._width(cell) + 2 * px(self._pad)))
        left, middle = room.left(), room.center().y()
        density = painter.device().devicePixelRatio()
        if cell.checked is not None:
            side = px(BOX)
            paint_box(
                painter, QRectF(round(left), round(middle - side / 2), side, side), cell.checked
            )
            left += side + px(8)
        if cell.icon:
            side = px(16)
            image = pixmap(cell.icon, cell.icon_tone, 16, density)
            painter.drawPixmap(round(left), round(middle - side / 2), image)
            left += side + px(8)
        if cell.series is not None:
            paint_line_sample(painter, QRectF(left, rect.top(), px(20), rect.height()), cell.series)
            left += px(28)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        # A chosen row keeps its colours readable: each tone is at least 4.5 on `soft`.
        for text, font, tone in self._texts(cell):
            painter.setFont(font)
            painter.setPen(here.colour(tone))
            width = QFontMetrics(font).horizontalAdvance(text)
            shown = QFontMetrics(font).elidedText(
                text, Qt.TextElideMode.ElideRight, max(0, int(room.right() - left) + 1)
            )
            painter.drawText(
                QRectF(left, room.top(), room.right() - left + 1, room.height()), flags, shown
            )
            left += width + px(6)
        for word, icon, tone in self._badges(cell):
            width = badge_width(word, icon)
            height = px(20)
            paint_badge(
                painter,
                QRectF(round(left), round(middle - height / 2), width, height),
                word,
                icon,
                tone,
            )
            left += width + px(6)

    def _texts(self, cell: Cell) -> list[tuple[str, QFont, str]]:
        here = theme()
        texts = []
        if cell.text:
            texts.append((cell.text, here.font("strong" if cell.strong else "body"), cell.tone))
        if cell.muted:
            texts.append((cell.muted, here.font("small"), "muted"))
        return texts

    def _badges(self, cell: Cell) -> list[tuple[str, str, str]]:
        badges = [(cell.badge, cell.badge_icon, cell.badge_tone)] if cell.badge else []
        return badges + [(word, "", "outline") for word in cell.outlined]

    def _width(self, cell: Cell) -> int:
        px = theme().px
        width = 2 * px(self._pad) + 1
        width += px(BOX + 8) if cell.checked is not None else 0
        width += px(24) if cell.icon else 0
        width += px(28) if cell.series is not None else 0
        parts = [QFontMetrics(f).horizontalAdvance(t) for t, f, _ in self._texts(cell)]
        parts += [badge_width(word, icon) for word, icon, _ in self._badges(cell)]
        return width + sum(parts) + px(6) * max(0, len(parts) - 1)
