"""Opens the window: joins store, catalogue, draft, engine and pages, and sees them off again."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from workbench.app.collector import Collector
from workbench.app.context import Context
from workbench.app.draft import Draft
from workbench.app.engine_link import EngineLink, Launch
from workbench.app.faults import Faults
from workbench.app.opening import Opener
from workbench.app.pages.data import DataPage
from workbench.app.reporter import Reporter
from workbench.app.window import MainWindow
from workbench.schema.catalogue import Catalogue
from workbench.store import Store, default_root

if TYPE_CHECKING:
    from workbench.app.pages.draw import DrawPage
    from workbench.app.pages.runs import RunsPage
    from workbench.app.pages.train import TrainPage

PAINT_PATIENCE_MS = 1_000


class Workbench(QObject):
    """The whole window with everything behind it.

    Only the first page is made before the window is seen; the others, and pyqtgraph with them,
    follow at once.

    Args:
        launch: starts a worker process.
        root: folder of the runs; the user's own where None.

    Attributes:
        data, train, draw, runs: the pages; all but the first from `complete` on.
        opener: shows a file on the page that it is for.

    Signals:
        painted(): the window was seen for the first time; the worker starts now.
        completed(): every page is there.
    """

    painted = Signal()
    completed = Signal()
    train: TrainPage
    draw: DrawPage
    runs: RunsPage

    def __init__(
        self, launch: Launch, root: Path | None = None, faults: Faults | None = None
    ) -> None:
        super().__init__()
        root = root or default_root()
        self.store = Store(root)
        self.catalogue = Catalogue.load()
        self.draft = Draft(self.catalogue, root / "draft.json")
        self.link = EngineLink(launch, self)
        self.window = MainWindow(store=root)
        self.context = Context(self.link, self.store, self.catalogue, self.draft, self.window)
        self.reporter = Reporter(self.context, faults, self)
        self.data = DataPage(self.context)
        self.window.add_page(self.data)
        self._closing: list[Callable[[], None]] = []
        self._missing = [self._make_train, self._make_draw, self._make_runs]
        self._first = _FirstPaint(self.window)
        self._first.painted.connect(self._painted)
        self.opener = Opener(self)

    def show(self) -> None:
        """Show the window; the worker is started after the first paint."""
        self.window.show()
        self.window.stack.setFocus()  # else Qt rings whatever comes first in its own order
        self._first.wait()

    def complete(self) -> None:
        """Make the pages that are still missing, now."""
        while self._missing:
            self._make_one()

    @Slot()
    def _go_on(self) -> None:
        """Make one more page, and let the window breathe before the next."""
        if self._missing:
            self._make_one()
            QTimer.singleShot(0, self, self._go_on)

    def _make_one(self) -> None:
        self._missing.pop(0)()
        if not self._missing:
            self._join()

    def _make_train(self) -> None:
        from workbench.app.pages.train import TrainPage

        self.train = TrainPage(self.context)
        self.window.add_page(self.train)

    def _make_draw(self) -> None:
        from workbench.app.pages.draw import DrawPage

        self.draw = DrawPage(self.context)
        self.window.add_page(self.draw)
        self._closing.append(self.draw.close_page)

    def _make_runs(self) -> None:
        from workbench.app.pages.runs import RunsPage

        self.runs = RunsPage(self.context)
        self.window.add_page(self.runs)
        self._closing.append(self.runs.close_page)

    def _join(self) -> None:
        self.train.draw_asked.connect(self._draw_with)
        self.runs.draw_asked.connect(self._draw_with)
        self.runs.open_asked.connect(self._open_run)
        self.runs.resumed.connect(self.train.open_run)
        self.runs.cloned.connect(self._show_settings)
        self.runs.train_asked.connect(self._show_settings)
        self.completed.emit()

    def close(self) -> None:
        """Save what trains, end the worker, and let go of everything."""
        self.reporter.closing()
        self.draft.save()
        self._missing.clear()  # what a timer still holds comes too late
        for close_page in self._closing:
            close_page()
        self.link.close()
        self.window.deleteLater()

    @Slot(str)
    def _draw_with(self, run: str) -> None:
        self.draw.picker.pick(run)
        self.window.show_page(self.draw.title)

    @Slot(str)
    def _open_run(self, run: str) -> None:
        self.train.open_run(run)
        self.window.show_page(self.train.title)

    @Slot()
    def _show_settings(self) -> None:
        self.train.prepare_another()
        self.window.show_page(self.train.title)

    @Slot()
    def _painted(self) -> None:
        self.link.start()
        self.reporter.start()
        self.painted.emit()
        QTimer.singleShot(0, self, self._go_on)


def main(launch: Launch, arguments: Sequence[str] = (), file: Path | None = None) -> int:
    """Open the window and return when it is closed.

    Args:
        launch: `workbench.worker.launch`, which this package must not import.
        file: to be opened in it.
    """
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication([sys.argv[0], *arguments])
    app.setApplicationName("fewshot-workbench")
    app.setApplicationDisplayName("Few-Shot Workbench")
    app.setDesktopFileName("fewshot-workbench")
    faults = Faults()
    faults.install()
    workbench = Workbench(launch, faults=faults)
    collector = Collector(app)
    workbench.completed.connect(collector.settle)
    app.installEventFilter(workbench.opener)
    if file is not None:
        workbench.opener.open(file)
    interrupted = _Interrupts(workbench.window)
    workbench.show()
    collector.start()
    code = app.exec()
    interrupted.close()
    workbench.close()
    collector.stop()
    faults.uninstall()
    return code


class _FirstPaint(QObject):
    """Tells when a window has been painted once.

    Signals:
        painted(): it has, or long enough has passed.
    """

    painted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window: MainWindow | None = window
        window.installEventFilter(self)

    def wait(self) -> None:
        """A window that nobody can see, on another desktop say, is not painted: do not wait for
        ever."""
        QTimer.singleShot(PAINT_PATIENCE_MS, self, self._tell)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._window is not None:
            QTimer.singleShot(0, self, self._tell)
        return False

    @Slot()
    def _tell(self) -> None:
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None
            self.painted.emit()


class _Interrupts(QObject):
    """Ctrl+C in the terminal, or a polite kill, closes the window as its cross does.

    Python runs signal handlers between two of its own steps; while Qt waits there are none, so a
    socket wakes it.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._before = signal.set_wakeup_fd(self._bell.fileno())
        self._notifier = QSocketNotifier(self._ear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._rung)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)

    def close(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before)
        self._bell.close()
        self._ear.close()

    @Slot()
    def _rung(self) -> None:
        self._ear.recv(64)
        self._window.close()
