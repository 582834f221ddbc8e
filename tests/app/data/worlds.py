"""What the tests of the Data page share."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from workbench.app.pages.data import DataPage

PATIENCE_MS = 120_000
SMALL = {
    "dataset.alphabets": 4,
    "dataset.characters": 7,
    "dataset.drawers": 20,
    "dataset.validation": 1,
    "dataset.test": 1,
}


def drop(page: DataPage, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    page.dropEvent(
        QDropEvent(
            QPointF(QPoint(200, 200)),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def choose(page: DataPage, name: str) -> None:
    QTest.mouseClick(page.cards[name], Qt.MouseButton.LeftButton)


def type_over(line: QLineEdit, text: str) -> None:
    line.selectAll()
    QTest.keyClicks(line, text)
