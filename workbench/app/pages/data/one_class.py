"""One class of a data set: its mean image, every image of it side by side, and what can be done
with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.pages.data.view import DataView, Group
from workbench.app.theme import theme
from workbench.app.widgets import IconButton, ImageTile, Label, LineField, ThumbnailGrid
from workbench.schema.nouns import plural


class OneClass(QWidget):
    """Signals:
    hidden_changed(int, bool): the person wants that class in no split, or back.
    renamed(int, str): the person gives it another name; empty is its own.
    """

    hidden_changed = Signal(int, bool)
    renamed = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme().px
        self._number, self._hidden = -1, False
        self._own = self._name = ""
        self._title = Label("", "strong")
        self._muted = Label("", "small", "muted", elide=True)
        self.field = LineField("", "Its own name", "New name")
        self.field.setMaximumWidth(px(200))
        self.field.returnPressed.connect(self._commit)
        self.field.editingFinished.connect(self._close)
        QShortcut(
            QKeySequence(Qt.Key.Key_Escape),
            self.field,
            self._close,
            context=Qt.ShortcutContext.WidgetShortcut,
        )
        self.field.hide()
        self.rename = IconButton("pencil", "Rename (F2)")
        self.rename.clicked.connect(self.begin_rename)
        self.hide_button = IconButton("eye-off", "Hide")
        self.hide_button.clicked.connect(
            lambda: self.hidden_changed.emit(self._number, not self._hidden)
        )
        self._mean = ImageTile(96, name="Mean image")
        self.drawers = ThumbnailGrid(40, name="Drawers", gap=6)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(4), px(4), px(8))
        column.setSpacing(px(8))
        column.addLayout(self._build_head())
        row = QHBoxLayout()
        row.setSpacing(px(16))
        left = QVBoxLayout()
        left.setSpacing(px(4))
        left.addWidget(self._mean)
        caption = Label("Mean image", "caption", "muted")
        caption.setFixedWidth(px(96))
        left.addWidget(caption)
        left.addStretch(1)
        row.addLayout(left)
        row.addWidget(self.drawers, 1)
        column.addLayout(row)
        self.drawers.setFixedHeight(self.drawers.height_for(2) or px(144))

    def show_class(self, view: DataView, group: Group, number: int) -> None:
        """Show another class."""
        self._close()
        images = view.images(number)
        self._number, self._hidden = number, view.hides(number)
        self._own, self._name = view.bank.classes[number].name, view.name(number)
        self._title.setText(f"{group.name} · {self._name}")
        noun = view.words.image
        each = "" if noun in {"image", "picture"} else ", one image each"
        hidden = "hidden, in no split · " if self._hidden else ""
        self._muted.setText(
            f"{hidden}{len(images)} {plural(noun) if len(images) != 1 else noun}{each}"
        )
        self.hide_button.set_icon("eye" if self._hidden else "eye-off")
        words = (
            f"Use this {view.words.one} again" if self._hidden else f"Hide this {view.words.one}"
        )
        self.hide_button.set_tip(f"{words} (Ctrl+H)")
        self._mean.set_image(view.mean(number))
        self.drawers.set_images(images, [str(i + 1) for i in range(len(images))])
        self.drawers.setFixedHeight(self.drawers.height_for(2))

    @Slot()
    def begin_rename(self) -> None:
        """Ask for a name in place of the title."""
        if self._number < 0:
            return
        self._title.hide()
        self.field.setText(self._name)
        self.field.setPlaceholderText(self._own)
        self.field.show()
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def toggle_hidden(self) -> None:
        if self._number >= 0:
            self.hidden_changed.emit(self._number, not self._hidden)

    def _build_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(theme().px(8))
        head.setContentsMargins(0, 0, theme().px(12), 0)
        head.addWidget(self._title)
        head.addWidget(self.field)
        head.addWidget(self._muted, 1)
        head.addWidget(self.rename)
        head.addWidget(self.hide_button)
        return head

    @Slot()
    def _commit(self) -> None:
        name = self.field.text().strip()
        self._close()
        if name != self._name:
            self.renamed.emit(self._number, "" if name == self._own else name)

    @Slot()
    def _close(self) -> None:
        self.field.hide()
        self._title.show()
