"""The shell: rail, pages, status bar, palette. It knows of no engine; it is told what to show.

window = MainWindow(settings, store)
window.add_page(page)                     anything with `title`, `icon` and `widget`
window.set_engine_state("ready")          starting, ready, busy, stopped
window.set_run_state(RunState("Run 42 · MAML", "running", "step 12,480 of 20,000", 0.62))
window.set_device("GPU 0 · 2.1 of 12.0 GB"); window.set_disk("412 GB free")
window.add_message("Checkpoint saved at step 12,000", "ok")
window.add_command("Start training", start, "Ctrl+Return", icon="play")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QSettings, Qt, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.app.shell.focus import next_panel
from workbench.app.shell.holder import PageHolder
from workbench.app.shell.memory import Memory
from workbench.app.shell.messages import MessageLog, MessagesPage
from workbench.app.shell.palette import Command, CommandPalette
from workbench.app.shell.rail import Rail
from workbench.app.shell.settings import SettingsPage
from workbench.app.shell.statusbar import RunState, StatusBar
from workbench.app.theme import apply, theme
from workbench.app.theme.rescale import rescale
from workbench.app.widgets import PageHead, Panel, Splitter, UndoBar
from workbench.app.widgets.notices import announce

__all__ = ["MainWindow", "PageLike", "RunState"]

SMALLEST = (1280, 720)
USUAL = (1440, 900)
NARROW = 1360


class PageLike(Protocol):
    """What the window asks of a page. `widgets.Page` is one."""

    title: str
    icon: str

    @property
    def widget(self) -> QWidget: ...


class MainWindow(QMainWindow):
    """Signals:
    page_changed(str): the page of that title is shown.
    engine_restart_requested(): the person pressed Restart.
    closing(): the window goes away; whoever owns a process ends it.
    """

    page_changed = Signal(str)
    engine_restart_requested = Signal()
    closing = Signal()

    def __init__(self, settings: QSettings | None = None, store: Path | None = None) -> None:
        super().__init__()
        self._memory = Memory(settings)
        self._pages: dict[str, PageLike] = {}
        self._holders: dict[str, PageHolder] = {}
        self._order: list[str] = []
        self._before = ""
        self._commands: list[Command] = []
        self._last_commands: list[Command] = []
        self._run_commands: list[Command] = []
        self._run_page = "Train"
        self.setWindowTitle("Few-Shot Workbench")
        self._restore_look()
        self.rail = Rail()
        self.rail.chosen.connect(self.show_page)
        self.stack = QStackedWidget()
        self.status = StatusBar()
        self.status.restart_requested.connect(self.engine_restart_requested)
        self.status.messages_requested.connect(self._show_messages)
        self.messages = MessageLog(parent=self)
        self.messages.unread_changed.connect(self._count_messages)
        whole = self._build()
        self.palette_box = CommandPalette(whole)
        self.undo_bar = UndoBar(whole)
        self.settings_page = SettingsPage(store)
        self.settings_page.look_changed.connect(self.set_look)
        self._add(MessagesPage(self.messages), bottom=True)
        self._add(self.settings_page, bottom=True)
        self._bind_keys()
        self._show_look()
        self._restore_geometry()

    @property
    def memory(self) -> Memory:
        """What is remembered from one use of the program to the next."""
        return self._memory

    # ------------------------------------------------------------ pages

    def add_page(self, page: PageLike) -> None:
        """Add a page at the end of the rail. The first one is shown; the page of last time as soon
        as it is there.
        """
        self._add(page)
        title = page.title
        number = len(self._order)
        self._add_key(f"Ctrl+{number}", lambda: self.show_page(title))
        self._commands.append(
            Command(title, "Page", lambda: self.show_page(title), f"Ctrl+{number}", page.icon)
        )
        if number == 1 or self._memory.page() == title:
            self.show_page(title)

    @Slot(str)
    def show_page(self, title: str) -> None:
        """Show the page of that title."""
        shown = self.current_page()
        if shown in self._order:
            self._before = shown
        self.stack.setCurrentWidget(self._holders[title])
        self.rail.set_current(title)
        if title == "Messages":
            self.messages.mark_read()
        if title != shown:
            self.page_changed.emit(title)

    def current_page(self) -> str:
        widget = self.stack.currentWidget()
        return next((t for t, holder in self._holders.items() if holder is widget), "")

    def page(self, title: str) -> PageLike:
        return self._pages[title]

    # ------------------------------------------------------------ what it is told

    def set_engine_state(self, state: str, detail: str = "") -> None:
        """`state`: starting, ready, busy, stopped. `detail` replaces the usual words."""
        self.status.set_engine_state(state, detail)

    def set_run_state(self, run: RunState | None) -> None:
        """What the status bar and the dot on Train say; None when no run is in progress."""
        self.status.set_run_state(run)
        tones = {
            "running": "ok",
            "paused": "warn",
            "stopping": "warn",
            "failed": "bad",
            "died": "bad",
        }
        self.rail.set_dot(self._run_page, tones.get(run.status, "") if run is not None else "")

    def set_device(self, text: str) -> None:
        self.status.set_device(text)

    def set_disk(self, text: str, tone: str = "text2") -> None:
        self.status.set_disk(text, tone)

    def add_message(self, text: str, tone: str = "info", hint: str = "", icon: str = "") -> None:
        """Note something. `tone`: info, ok, warn, bad; what is bad is announced to screen readers
        too.
        """
        self.messages.add(text, tone, hint, icon)
        if self.current_page() == "Messages":
            self.messages.mark_read()
        if tone == "bad":
            announce(self, f"{text} {hint}".strip())

    def offer_undo(self, text: str, undo: Callable[[], None]) -> None:
        """Say what was done, with Undo beside it for 10 s."""
        self.undo_bar.offer(text, undo)

    # ------------------------------------------------------------ palette

    def add_command(
        self, title: str, run: Callable[[], object], keys: str = "", icon: str = "arrow-right"
    ) -> None:
        """An action for the palette; `keys` are only shown, the page binds them."""
        self._commands.append(Command(title, "Action", run, keys, icon))

    def set_run_commands(self, runs: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """The runs that the palette finds, each with what happens when it is chosen."""
        self._run_commands = [Command(t, "Run", run, icon="list") for t, run in runs]

    @Slot()
    def open_palette(self) -> None:
        self.palette_box.open([*self._commands, *self._last_commands, *self._run_commands])

    # ------------------------------------------------------------ look

    @Slot(str, int, bool)
    def set_look(self, scheme: str, scale: int, less_motion: bool) -> None:
        """Dress the program, and remember it."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        theme().reduced_motion = less_motion
        rescale(self, scale / theme().scale)
        apply(app, scheme, scale)
        self._memory.keep_look(scheme, scale, less_motion)
        self._show_look()
        self._set_narrow()

    @Slot()
    def reset_layout(self) -> None:
        """Panels as they were on the first day."""
        for panel in self.findChildren(Panel):
            if panel.is_maximised():
                panel.toggle_maximised()
        for splitter in self.findChildren(Splitter):
            splitter.reset()

    # ------------------------------------------------------------ Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_narrow()
        self.palette_box.retheme()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._memory.keep(self, self.current_page())
        self.closing.emit()
        super().closeEvent(event)

    # ------------------------------------------------------------ inside

    def _build(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.stack, 1)
        column.addLayout(row, 1)
        column.addWidget(self.status)
        self.setCentralWidget(whole)
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.setMinimumSize(min(SMALLEST[0], screen.width()), min(SMALLEST[1], screen.height()))
        return whole

    def _add(self, page: PageLike, bottom: bool = False) -> None:
        self._pages[page.title] = page
        keys = "Ctrl+," if page.title == "Settings" else ""
        if not bottom:
            self._order.append(page.title)
            keys = f"Ctrl+{len(self._order)}"
        self._holders[page.title] = PageHolder(page.widget)
        self.stack.addWidget(self._holders[page.title])
        self.rail.add(page.title, page.icon, bottom, keys)
        for head in page.widget.findChildren(PageHead):
            head.find_requested.connect(self.open_palette)
        self._memory.place_splitters(page.widget)

    def _bind_keys(self) -> None:
        self._add_key("Ctrl+K", self.open_palette)
        self._add_key("Ctrl+,", lambda: self.show_page("Settings"))
        self._add_key("F6", self.focus_next_panel)
        self._add_key("Esc", self._back)
        for title, icon in (("Messages", "bell"), ("Settings", "settings")):
            self._last_commands.append(
                Command(title, "Page", lambda t=title: self.show_page(t), icon=icon)  # type: ignore[misc]
            )
        self.add_command("Reset layout", self.reset_layout, icon="layout-grid")
        for scheme, icon in (("light", "sun"), ("dark", "moon"), ("system", "monitor")):
            words = "As the system" if scheme == "system" else scheme.capitalize()
            self.add_command(
                f"Colours: {words}",
                lambda s=scheme: self.set_look(s, theme().scale, theme().reduced_motion),  # type: ignore[misc]
                icon=icon,
            )

    def _add_key(self, keys: str, run: Callable[[], object]) -> None:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda _checked=False: run())
        self.addAction(action)

    @Slot()
    def focus_next_panel(self) -> None:
        """Put the focus into the next panel of the page, in reading order."""
        if not self.current_page():
            return
        page = self._pages[self.current_page()].widget
        target = next_panel(page, QApplication.focusWidget())
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _back(self) -> None:
        if self.palette_box.isVisible():
            self.palette_box.close_palette()
            return
        for panel in self.findChildren(Panel):
            if panel.is_maximised():
                panel.toggle_maximised()
                return
        if self.current_page() not in self._order and self._before:
            self.show_page(self._before)

    @Slot()
    def _show_messages(self) -> None:
        self.show_page("Messages")

    @Slot(int, bool)
    def _count_messages(self, unread: int, bad: bool) -> None:
        self.status.set_messages(unread, bad)
        self.rail.set_dot("Messages", ("bad" if bad else "accent") if unread else "")

    def _set_narrow(self) -> None:
        narrow = self.width() * 100 / theme().scale < NARROW
        if narrow != self.rail.is_narrow():
            self.rail.set_narrow(narrow)

    def _restore_look(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            scheme, scale, theme().reduced_motion = self._memory.look()
            apply(app, scheme, scale)

    def _show_look(self) -> None:
        here = theme()
        self.settings_page.show_look(here.scheme, here.scale, here.reduced_motion)

    def _restore_geometry(self) -> None:
        if self._memory.place(self):
            return
        room = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(USUAL[0], room.width()), min(USUAL[1], room.height()))
