"""Where a data set comes from: its file or folder, how far it is made ready, and what went
wrong."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets import Button, Label, LineField, ProblemBox, ProgressLine
from workbench.protocol import Failed

SHOW_AFTER_MS = 300
_KINDS = "Archives and arrays (*.zip *.tar *.tgz *.gz *.npz *.npy *.mat *.pkl *.csv);;All files (*)"
CANCEL_AFTER_MS = 1_000


class SourceBar(QFrame, Themed):
    """One row under the catalogue; hidden while there is nothing to ask or to say.

    Signals:
        path_chosen(str): a file or folder that the person picked, dropped or typed.
        download_requested(): get it from its publisher.
        cancelled(): give up what is being made ready.
        retried(): try again.
    """

    path_chosen = Signal(str)
    download_requested = Signal()
    cancelled = Signal()
    retried = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Panel")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._label = Label("", "body", "text2")
        self.path = LineField("", "A zip or a folder", "File or folder")
        self.path.returnPressed.connect(self._typed)
        self.browse_file = Button("Choose file…", icon="folder-input", small=True)
        self.browse_file.clicked.connect(self.ask_for_file)
        self.browse_folder = Button("Choose folder…", icon="folder-open", small=True)
        self.browse_folder.clicked.connect(self.ask_for_folder)
        self.download = Button("Download", icon="download", small=True)
        self.download.clicked.connect(self.download_requested)
        self._ask = QWidget()
        self._ask_row = QHBoxLayout(self._ask)
        for widget in (self._label, self.path, self.browse_file, self.browse_folder, self.download):
            self._ask_row.addWidget(widget, 1 if widget is self.path else 0)
        self._words = Label("", "small", "text2", elide=True)
        self.line = ProgressLine(name="Data set")
        self.cancel = Button("Cancel", icon="x", small=True)
        self.cancel.clicked.connect(self.cancelled)
        self._work = QWidget()
        self._work_row = QHBoxLayout(self._work)
        self._work_row.addWidget(self.line, 1)
        self._work_row.addWidget(self._words, 1)
        self._work_row.addWidget(self.cancel)
        self.problem = ProblemBox()
        self.problem.remedied.connect(self.retried)
        self._column = QVBoxLayout(self)
        for part in (self._ask, self._work, self.problem):
            self._column.addWidget(part)
        self._patience = QTimer(self, singleShot=True, interval=SHOW_AFTER_MS)
        self._patience.timeout.connect(self._show_work)
        self._title = ""
        self._asks = False
        self.follow_theme()
        self.show_path(False)
        self.show_done()

    def show_path(
        self, asks: bool, title: str = "", path: str = "", download: bool = False
    ) -> None:
        """Whether to ask for a file.

        Args:
            path: the one chosen so far.
            download: whether its publisher has it.
        """
        self._asks, self._title = asks, title
        self._label.setText(f"{title} from")
        if self.path.text() != path:
            self.path.setText(path)
        self.path.set_bad(False)
        self.download.setVisible(download)
        self._ask.setVisible(asks)
        self._settle()

    def show_progress(self, done: int, total: int, text: str) -> None:
        """How far it is. The row appears only after a moment: most is ready at once."""
        self.problem.hide()
        self.line.set_fraction(done / total if total else None)
        self._words.setText(text)
        if self._work.isHidden() and not self._patience.isActive():
            self._patience.start()
        self._settle()

    def show_done(self) -> None:
        """Nothing is being made, nothing is wrong."""
        self._patience.stop()
        self._work.hide()
        self.problem.hide()
        self.path.set_bad(False)
        self._settle()

    def show_failure(self, failed: Failed) -> None:
        self.show_done()
        if failed.cancelled:
            return
        self.problem.set(failed.message, failed.hint, "Try again")
        self.problem.show()
        self.path.set_bad(self._asks and bool(self.path.text()))
        self._settle()

    @Slot()
    def ask_for_file(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self,
            f"{self._title}: choose a file",
            self._start(),
            _KINDS,
        )
        if found:
            self.path_chosen.emit(found)

    @Slot()
    def ask_for_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(
            self, f"{self._title}: choose a folder", self._start()
        )
        if found:
            self.path_chosen.emit(found)

    def retheme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(16), px(8), px(16), px(8))
        self._column.setSpacing(px(8))
        for row in (self._ask_row, self._work_row):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(px(8))

    def _start(self) -> str:
        return str(Path(self.path.text()).parent) if self.path.text() else str(Path.home())

    @Slot()
    def _typed(self) -> None:
        if self.path.text().strip():
            self.path_chosen.emit(self.path.text().strip())

    @Slot()
    def _show_work(self) -> None:
        self._work.show()
        self._settle()

    def _settle(self) -> None:
        self.setVisible(any(not part.isHidden() for part in (self._ask, self._work, self.problem)))
