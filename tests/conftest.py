"""What every test may rely on: no display, a home of its own, nothing left running by another."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

# Before anything imports Qt or asks for the user's folders; child processes inherit it.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
_HOME = tempfile.TemporaryDirectory(prefix="workbench-tests-", ignore_cleanup_errors=True)
for _name in ("DATA", "CONFIG", "CACHE", "STATE", "RUNTIME"):
    _folder = Path(_HOME.name, _name.lower())
    _folder.mkdir(mode=0o700)
    os.environ[f"XDG_{_name}_DIR" if _name == "RUNTIME" else f"XDG_{_name}_HOME"] = str(_folder)

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
GRACE = 5.0  # seconds that a thread or a process which was told to end may take


def _real_data(name: str) -> Path:
    place = SHARED_DATA / "omniglot" / name
    if not place.is_file():
        pytest.skip(f"the real data is not here: ../shared/data/omniglot/{name}")
    return place


@pytest.fixture(scope="session")
def omniglot_path() -> Path:
    """The official `images_background.zip`; the test is skipped where it is absent."""
    return _real_data("images_background.zip")


@pytest.fixture(scope="session")
def strokes_path() -> Path:
    """The official `strokes_background.zip`; the test is skipped where it is absent."""
    return _real_data("strokes_background.zip")


@pytest.fixture
def store_dir(tmp_path: Path) -> Path:
    """A folder for a store that belongs to this test alone; it exists and is empty."""
    place = tmp_path / "store"
    place.mkdir()
    return place


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs CUDA where there is none; import torch only if a test asks the question."""
    on_gpu = [item for item in items if item.get_closest_marker("gpu")]
    if not on_gpu:
        return
    import torch

    if not torch.cuda.is_available():
        for item in on_gpu:
            item.add_marker(pytest.mark.skip(reason="there is no CUDA device"))


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread, a process or a window behind, and say where it stands."""
    threads, children, windows = set(threading.enumerate()), _children(), _windows()
    yield
    left = _left_after_grace(threads, children)
    left += [f"window {_title(window)}" for window in _windows() - windows]
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


def _left_after_grace(threads: set[threading.Thread], children: set[int]) -> list[str]:
    deadline = time.monotonic() + GRACE
    while True:
        new_threads = [t for t in threading.enumerate() if t not in threads and not _expected(t)]
        new_children = _children() - children
        if not (new_threads or new_children) or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return [_describe(thread) for thread in new_threads] + [
        f"process {pid}: {_command(pid)}" for pid in sorted(new_children)
    ]


def _expected(thread: threading.Thread) -> bool:
    # tqdm keeps one for all its bars; Python names foreign threads, as Qt's, that once ran Python.
    return type(thread).__name__ in {"TMonitor", "_DummyThread"}


def _describe(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    where = traceback.format_stack(frame)[-1].strip() if frame else "ending"
    return f"thread {thread.name}: {where}"


def _children() -> set[int]:
    """The ids of this process's living children, Python's own helpers left out."""
    active_children()  # collects those that ended
    if not Path("/proc/self/stat").exists():
        return {child.pid for child in active_children() if child.pid is not None}
    ids = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return {pid for pid in ids if _lives_under(pid, os.getpid())}


def _lives_under(pid: int, parent: int) -> bool:
    try:
        # After the name in brackets, which may hold anything: the state, then the parent.
        state, its_parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:  # it ended meanwhile
        return False
    return int(its_parent) == parent and state != "Z" and "resource_tracker" not in _command(pid)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return "ended"


def _windows() -> set[object]:
    """The visible top-level windows, if Qt is in use at all."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    application = widgets.QApplication.instance() if widgets else None
    if not isinstance(application, widgets.QApplication if widgets else ()):
        return set()
    return {window for window in application.topLevelWidgets() if window.isVisible()}


def _title(window: object) -> str:
    title = getattr(window, "windowTitle", lambda: "")()
    return f"{type(window).__name__} {title!r}"
