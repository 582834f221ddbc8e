"""Another scale for what measured itself only once.

Widgets that derive from `Themed` set their lengths anew when the theme changes. Layouts and widths
that a page has set while
it was built do not; they are multiplied here, before the others put exact values over it.
"""

from __future__ import annotations

from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout, QWidget

UNSET = 16_777_215
"""Qt's largest size: no maximum was set."""


def rescale(root: QWidget, ratio: float) -> None:
    """Multiply margins, spacings and fixed sizes of everything in `root`."""
    if ratio == 1:
        return

    def scaled(length: int) -> int:
        return round(length * ratio)

    for widget in root.findChildren(QWidget):
        low, high = widget.minimumSize(), widget.maximumSize()
        widget.setMinimumSize(scaled(low.width()), scaled(low.height()))
        widget.setMaximumSize(
            *(UNSET if v >= UNSET else scaled(v) for v in (high.width(), high.height()))
        )
    for layout in root.findChildren(QLayout):
        around = layout.contentsMargins()
        sides = (around.left(), around.top(), around.right(), around.bottom())
        layout.setContentsMargins(QMargins(*(scaled(side) for side in sides)))
        if isinstance(layout, QGridLayout):
            _rescale_grid(layout, ratio)
        elif isinstance(layout, QBoxLayout):
            layout.setSpacing(scaled(layout.spacing()))
            _rescale_gaps(layout, ratio)


def _rescale_grid(grid: QGridLayout, ratio: float) -> None:
    grid.setHorizontalSpacing(round(grid.horizontalSpacing() * ratio))
    grid.setVerticalSpacing(round(grid.verticalSpacing() * ratio))
    for row in range(grid.rowCount()):
        grid.setRowMinimumHeight(row, round(grid.rowMinimumHeight(row) * ratio))
    for column in range(grid.columnCount()):
        grid.setColumnMinimumWidth(column, round(grid.columnMinimumWidth(column) * ratio))


def _rescale_gaps(box: QBoxLayout, ratio: float) -> None:
    for place in range(box.count()):
        item = box.itemAt(place)
        gap = item.spacerItem() if item is not None else None
        if gap is not None:
            size, policy = gap.sizeHint(), gap.sizePolicy()
            gap.changeSize(
                round(size.width() * ratio),
                round(size.height() * ratio),
                policy.horizontalPolicy(),
                policy.verticalPolicy(),
            )
