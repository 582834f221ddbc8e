"""F6: which panel of a page comes next, in reading order."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from workbench.app.widgets import Panel

_COLUMN = 64  # px: panels whose left edges are closer stand in one column


def next_panel(page: QWidget, focus: QWidget | None) -> QWidget | None:
    """The first thing that can have the focus in the panel after the one that has it.

    Args:
        page: whose panels.
        focus: what has the focus now.
    """
    panels = [p for p in page.findChildren(Panel) if p.isVisible() and _first_focus(p)]
    if not panels:
        return None
    panels.sort(key=lambda panel: _place(panel, page))
    here = [i for i, p in enumerate(panels) if focus is not None and p.isAncestorOf(focus)]
    return _first_focus(panels[(here[-1] + 1) % len(panels) if here else 0])


def _place(panel: Panel, page: QWidget) -> tuple[int, int]:
    corner = panel.mapTo(page, panel.rect().topLeft())
    return corner.x() // _COLUMN, corner.y()


def _first_focus(panel: Panel) -> QWidget | None:
    found = (
        w for w in panel.findChildren(QWidget) if w.isVisible() and w.isEnabled() and _takes_tab(w)
    )
    return next(found, None)


def _takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
