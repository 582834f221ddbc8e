"""The catalogue as a strip of cards that can be searched and scrolled."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.app.pages.data.card import DatasetCard
from workbench.app.pages.data.shown import Shown
from workbench.app.theme import Themed, theme
from workbench.app.widgets import IconButton, Label, SearchField

_GAP = 16
_SEARCHED_FROM = 7  # fewer are seen at a glance


class CatalogueStrip(QWidget, Themed):
    """A card for each data set.

    Signals:
        chosen(str): the person wants to see that one.
    """

    chosen = Signal(str)

    def __init__(self, sets: Mapping[str, Shown], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sets = sets
        self.cards: dict[str, DatasetCard] = {}
        self._row_widget = QWidget()
        self._row = QHBoxLayout(self._row_widget)
        self._row.setContentsMargins(0, 0, 0, 0)
        for name, shown in sets.items():
            card = DatasetCard(name, shown.option.title)
            card.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
            self.cards[name] = card
            self._row.addWidget(card)
        self._row.addStretch(1)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._row_widget)
        self._area.viewport().installEventFilter(self)
        self._count = Label("", "small", "muted")
        self.search = SearchField("Search data sets")
        self.search.searched.connect(self._filter)
        self.search.setVisible(len(sets) >= _SEARCHED_FROM)
        self._left = IconButton("chevron-left", "Scroll to earlier data sets")
        self._right = IconButton("chevron-right", "Scroll to further data sets")
        self._left.clicked.connect(lambda: self._scroll(-1))
        self._right.clicked.connect(lambda: self._scroll(1))
        self._area.horizontalScrollBar().rangeChanged.connect(self._show_ends)
        self._area.horizontalScrollBar().valueChanged.connect(self._show_ends)
        self._build()
        self.follow_theme()
        self._filter("")

    def show_sets(self) -> None:
        """Say on each card how far its data set is."""
        for name, card in self.cards.items():
            shown = self._sets[name]
            card.set_lines(*shown.lines())
            card.set_state(*shown.state())
            if shown.pictures:
                card.set_pictures(shown.pictures)
            if shown.curves:
                card.set_curves(shown.curves)

    def choose(self, name: str) -> None:
        """Mark one as shown, and bring it into view."""
        self.cards[name].setChecked(True)
        self._area.ensureWidgetVisible(self.cards[name], theme().px(_GAP), 0)

    def set_folded(self, folded: bool) -> None:
        """One line for each card where room is short."""
        for card in self.cards.values():
            card.set_folded(folded)
        self._fit_height()

    def retheme(self) -> None:
        self._row.setSpacing(theme().px(_GAP))
        self.search.setFixedWidth(theme().px(200))
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_ends()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):  # there is only one direction to go
            turned = event.angleDelta()
            bar = self._area.horizontalScrollBar()
            bar.setValue(bar.value() - (turned.x() or turned.y()))
            return True
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        px = theme().px
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(Label("Data sets", "strong"))
        line.addWidget(self._count, 1)
        for widget in (self.search, self._left, self._right):
            line.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(line)
        column.addWidget(self._area)

    @Slot(str)
    def _filter(self, text: str) -> None:
        wanted = text.strip().lower()
        found = 0
        for name, card in self.cards.items():
            option = self._sets[name].option
            words = f"{name} {option.title} {option.family} {option.summary}".lower()
            card.setVisible(wanted in words)
            found += wanted in words
        count = len(self.cards)
        self._count.setText(
            f"{found} of {count} in the catalogue" if wanted else f"{count} in the catalogue"
        )

    def _scroll(self, step: int) -> None:
        bar = self._area.horizontalScrollBar()
        bar.setValue(bar.value() + step * max(self._area.width() * 3 // 4, 1))

    @Slot()
    def _show_ends(self) -> None:
        bar = self._area.horizontalScrollBar()
        for button, more in (
            (self._left, bar.value() > 0),
            (self._right, bar.value() < bar.maximum()),
        ):
            button.setVisible(bar.maximum() > 0)
            button.setEnabled(more)

    def _fit_height(self) -> None:
        heights = [card.height() for card in self.cards.values()]
        self._area.setFixedHeight(max(heights, default=0))
