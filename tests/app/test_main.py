"""The whole window: it opens at once, says what is wrong with the machine, and leaves no trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.app.data.worlds import drop
from workbench.__main__ import is_file_name
from workbench.app.faults import Faults
from workbench.app.main import Workbench
from workbench.app.reporter import unwritable
from workbench.app.shell.memory import user_settings
from workbench.protocol import RunEnded, RunStarted
from workbench.taskfile import load_task
from workbench.worker import launch

PATIENCE_MS = 120_000


def no_worker() -> tuple[Connection, BaseProcess]:
    raise OSError(11, "Resource temporarily unavailable")


@pytest.fixture
def open_workbench(
    qtbot: QtBot, dressed: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Workbench]]:
    """Opens a window whose worker cannot start, unless a test brings one."""
    monkeypatch.setenv("FEWSHOT_WORKBENCH_HOME", str(tmp_path))
    user_settings().clear()
    opened: list[Workbench] = []

    def open_one(
        launch: Callable[[], tuple[Connection, BaseProcess]] = no_worker,
        root: Path = tmp_path,
        faults: Faults | None = None,
        file: Path | None = None,
    ) -> Workbench:
        made = Workbench(launch, root, faults)
        opened.append(made)
        if file is not None:
            made.opener.open(file)
        with qtbot.waitSignal(made.completed, timeout=PATIENCE_MS):
            made.show()
        return made

    yield open_one
    for made in opened:
        made.window.close()
        made.close()
    user_settings().clear()


def said(workbench: Workbench) -> list[str]:
    return [f"{m.tone}: {m.text} {m.hint}".strip() for m in workbench.window.messages.messages()]


def test_a_window_opens_without_torch_and_its_plots_come_after_the_first_paint() -> None:
    script = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from workbench.app.main import Workbench\n"
        "app = QApplication([])\n"
        "def refuse(): raise OSError(1, 'no')\n"
        "made = Workbench(refuse)\n"
        "early = {name.split('.')[0] for name in sys.modules}\n"
        "made.completed.connect(app.quit)\n"
        "made.show()\n"
        "app.exec()\n"
        "late = {name.split('.')[0] for name in sys.modules}\n"
        "made.window.close(); made.close()\n"
        "print(sorted(early & {'torch', 'pyqtgraph', 'pydantic'}), 'torch' in late)\n"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.stdout.split() == ["[]", "False"], done.stderr


def test_every_page_is_there_with_its_key(open_workbench: Callable[..., Workbench]) -> None:
    workbench = open_workbench()
    for title in ("Data", "Train", "Draw", "Runs"):
        workbench.window.show_page(title)
        assert workbench.window.current_page() == title


def test_a_worker_that_cannot_start_is_said_and_offers_a_restart(
    qtbot: QtBot, open_workbench: Callable[..., Workbench]
) -> None:
    workbench = open_workbench()
    qtbot.waitUntil(lambda: workbench.link.state == "stopped", timeout=PATIENCE_MS)
    assert "Engine stopped" in workbench.window.status.texts()
    assert any("Resource temporarily unavailable" in text for text in said(workbench))


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_worker_killed_from_outside_is_noticed_and_restarted_from_the_status_bar(
    qtbot: QtBot, open_workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    workbench = open_workbench(lambda: launch(tmp_path))
    qtbot.waitUntil(
        lambda: workbench.data.sets.all["sinusoid"].ready is not None, timeout=PATIENCE_MS
    )
    workbench.link.event.emit(RunStarted(0, "0007-maml-glyphs"))
    os.kill(workbench.link.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: workbench.link.state == "stopped", timeout=PATIENCE_MS)
    words = said(workbench)
    assert any("ended from outside" in text and text.startswith("bad") for text in words)
    assert any("Run 7 · maml glyphs died" in text for text in words)
    workbench.window.status.restart_requested.emit()
    qtbot.waitUntil(lambda: workbench.link.pid > 0, timeout=PATIENCE_MS)
    assert workbench.link.state == "starting"


def test_a_run_that_the_closing_window_stopped_is_spoken_of_at_the_next_start(
    open_workbench: Callable[..., Workbench],
) -> None:
    first = open_workbench()
    first.link.event.emit(RunStarted(0, "0007-maml-glyphs"))
    first.reporter.closing()
    second = open_workbench()
    assert any("0007-maml-glyphs was saved and stopped" in text for text in said(second))
    third = open_workbench()
    assert not any("0007-maml-glyphs" in text for text in said(third))


def test_a_run_that_ended_is_not_spoken_of(open_workbench: Callable[..., Workbench]) -> None:
    first = open_workbench()
    first.link.event.emit(RunStarted(0, "0007-maml-glyphs"))
    first.link.event.emit(RunEnded(0, "0007-maml-glyphs", "done"))
    first.reporter.closing()
    assert not any("0007" in text for text in said(open_workbench()))


def test_a_home_that_cannot_be_written_to_still_gives_a_window_and_says_what_to_do(
    open_workbench: Callable[..., Workbench],
) -> None:
    nowhere = Path("/proc/1/nowhere") if sys.platform.startswith("linux") else Path("Z:/nowhere")
    assert unwritable(nowhere)
    words = said(open_workbench(root=nowhere))
    assert any(
        text.startswith("bad: Nothing can be saved") and "FEWSHOT_WORKBENCH_HOME" in text
        for text in words
    )


def test_a_place_that_is_asked_about_stays_as_it_was(tmp_path: Path) -> None:
    assert unwritable(tmp_path / "not" / "made") == ""
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_caught_is_logged_and_said_from_any_thread(
    qtbot: QtBot, open_workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    before = sys.excepthook, threading.excepthook
    faults = Faults(tmp_path / "log")
    faults.install()
    try:
        workbench = open_workbench(faults=faults)
        error = ZeroDivisionError("division by zero")
        sys.excepthook(ZeroDivisionError, error, None)
        thread = threading.Thread(target=lambda: sys.excepthook(KeyError, KeyError("x"), None))
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: any("KeyError" in text for text in said(workbench)))
    finally:
        faults.uninstall()
        sys.excepthook, threading.excepthook = before
    assert any("ZeroDivisionError: division by zero" in text for text in said(workbench))
    assert faults.file is not None
    assert "ZeroDivisionError: division by zero" in faults.file.read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    faults = Faults(tmp_path / "file" / "log")
    faults.log("nobody reads this")
    assert faults.file is None


def test_a_task_file_that_is_named_at_the_start_is_on_the_draw_page(
    qtbot: QtBot, open_workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    file = next((Path(__file__).parents[2] / "resources" / "examples").glob("*.fewshot"))
    workbench = open_workbench(file=file)
    assert workbench.window.current_page() == "Draw"
    assert [one.name for one in workbench.draw.desk.board.classes] == list(load_task(file).names)
    workbench.window.show_page("Data")
    drop(workbench.data, file)
    assert workbench.window.current_page() == "Draw"
    for name, words in (("no.fewshot", "There is no file"), ("a.docx", "a.docx is no file that")):
        (tmp_path / "a.docx").write_bytes(b"PK")
        workbench.opener.open(tmp_path / name)
        assert any(text.startswith("bad") and words in text for text in said(workbench))


def test_a_list_or_a_folder_that_is_named_at_the_start_goes_to_the_data_page(
    qtbot: QtBot, open_workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_text("{}")
    workbench = open_workbench(lambda: launch(tmp_path), file=tmp_path / "x.json")
    assert workbench.window.current_page() == "Data"
    qtbot.waitUntil(
        lambda: any("x.json is no list of tasks" in text for text in said(workbench)),
        timeout=PATIENCE_MS,
    )
    (tmp_path / "animals").mkdir()
    workbench.window.show_page("Runs")
    workbench.opener.open(tmp_path / "animals")
    assert workbench.window.current_page() == "Data"
    assert workbench.data.sets.current == "image_folder"
    qtbot.waitUntil(workbench.data.source.problem.isVisible, timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("word", "file"),
    [
        ("greek.fewshot", True),
        ("./train", True),
        ("/home/ada/tasks.json", True),
        ("train", False),
        ("trian", False),
        ("--version", False),
        ("--store=/tmp/x", False),
    ],
)
def test_a_word_with_a_dot_or_a_separator_is_a_file_and_no_command(word: str, file: bool) -> None:
    assert is_file_name(word) is file
