"""What stands above the settings: the algorithm in words, presets, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets import Badge, Button, Combo, Label, Link
from workbench.schema.rows import Preset

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.schema.catalogue import Catalogue

OWN = "own"  # the preset of a person who follows none


class Heading(QWidget, Themed):
    """The chosen algorithm in words; the preset; how much is changed; Undo and Reset all."""

    def __init__(self, draft: Draft, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft, self._catalogue = draft, catalogue
        self._title = Label("", "title")
        self._badges = QHBoxLayout()
        self._paper = Link("")
        self._paper.clicked.connect(self._open_paper)
        self._url = ""
        self._sentence = Label("", "body", "text2", wrap=True)
        self._when = Label("", "small", "muted", wrap=True)
        self._changed = Badge(tone="accent")
        self.undo = Button("Undo", "undo-2", small=True)
        self.undo.clicked.connect(draft.undo)
        self.reset = Button("Reset all", "rotate-ccw", small=True)
        self.reset.clicked.connect(draft.reset_all)
        self.presets = Combo(name="Preset")
        self.presets.chosen.connect(self._take_preset)
        self._preset_label = Label("Preset", "small", "text2")
        self._preset_label.setBuddy(self.presets)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._first_line())
        self._column.addWidget(self._sentence)
        self._column.addWidget(self._when)
        self._column.addLayout(self._last_line())
        draft.changed.connect(self.refresh)
        self.refresh()
        self.follow_theme()

    @Slot()
    def refresh(self) -> None:
        """Show the draft as it is."""
        option = self._catalogue.option("algorithm", str(self._draft.value("algorithm.name")))
        if option is not None and option.title != self._title.text():
            self._title.setText(option.title)
            self._sentence.setText(option.summary)
            self._when.setText(
                f"Choose it when: {option.choose_when}" if option.choose_when else ""
            )
            self._when.setVisible(bool(option.choose_when))
            self._paper.setText(option.paper.label if option.paper else "")
            self._paper.updateGeometry()
            self._paper.setVisible(option.paper is not None)
            self._url = option.paper.url if option.paper else ""
            self._paper.setToolTip(self._url)
            self._show_traits(option.traits)
        count = len([key for key in self._draft.values if not key.endswith("algorithm.name")])
        self._changed.set(f"{count} changed")
        self._changed.setVisible(bool(count))
        self.undo.setEnabled(self._draft.can_undo)
        self.reset.setEnabled(bool(count))
        self._show_presets()

    def retheme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(16), px(12), px(16), px(8))
        self._column.setSpacing(px(6))
        self._badges.setSpacing(px(8))

    def _first_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme().px(8))
        line.addWidget(self._title)
        line.addLayout(self._badges)
        line.addStretch(1)
        line.addWidget(self._paper)
        return line

    def _last_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme().px(8))
        line.addWidget(self._preset_label)
        line.addWidget(self.presets)
        line.addWidget(self._changed)
        line.addStretch(1)
        line.addWidget(self.undo)
        line.addWidget(self.reset)
        return line

    def _show_traits(self, traits: tuple[str, ...]) -> None:
        while (item := self._badges.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        for trait in traits:
            self._badges.addWidget(Badge(trait))

    def _show_presets(self) -> None:
        presets = self._catalogue.presets(str(self._draft.value("algorithm.name")))
        self.presets.setVisible(bool(presets))
        self._preset_label.setVisible(bool(presets))
        followed = self._followed(presets)
        own = [] if followed else [(OWN, "None")]
        items = own + [(preset.name, preset.title) for preset in presets]
        if [self.presets.itemData(i) for i in range(self.presets.count())] != [k for k, _ in items]:
            self.presets.set_items(items)
        self.presets.set_value(followed or OWN)
        preset = next((p for p in presets if p.name == followed), None)
        self.presets.setToolTip(
            preset.summary if preset else "A preset fills in settings that belong together."
        )

    def _followed(self, presets: list[Preset]) -> str:
        """The preset whose every value holds; the one that says most if there are several."""
        fitting = [
            preset for preset in presets if self._holds(self._catalogue.expand(preset.values))
        ]
        return max(fitting, key=lambda preset: len(preset.values)).name if fitting else ""

    def _holds(self, values: dict[str, Any]) -> bool:
        return all(self._draft.value(key) == value for key, value in values.items())

    @Slot(str)
    def _take_preset(self, name: str) -> None:
        preset = next((p for p in self._catalogue.presets() if p.name == name), None)
        if preset is None:
            return
        values = self._catalogue.expand(preset.values)
        dataset = values.get("dataset.name", self._draft.value("dataset.name"))
        kept = {"algorithm.name": self._draft.value("algorithm.name")}
        if dataset == self._draft.value("dataset.name"):
            # Where the data lie is the person's own affair, not the preset's.
            kept |= {k: v for k, v in self._draft.values.items() if k.startswith("dataset.")}
        self._draft.settle()
        self._draft.replace({**kept, **values})

    @Slot()
    def _open_paper(self) -> None:
        if self._url:
            QDesktopServices.openUrl(QUrl(self._url))
