"""The window's end of the pipe, with a real worker at the other end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from workbench.app.engine_link import EngineLink
from workbench.protocol import DataReady, EngineStarting, Event, Failed, PrepareData, Progress
from workbench.worker import launch

SINUSOID = {"dataset.name": "sinusoid"}
PATIENCE_MS = 60_000


@pytest.fixture
def link(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineLink]:
    monkeypatch.setenv("FEWSHOT_WORKBENCH_HOME", str(tmp_path))
    made = EngineLink(lambda: launch(tmp_path))
    yield made
    made.close()


def answered(qtbot: QtBot, answers: list[Event]) -> Event:
    qtbot.waitUntil(
        lambda: any(not isinstance(answer, Progress) for answer in answers), timeout=PATIENCE_MS
    )
    return answers[-1]


@pytest.mark.parametrize("fixed", [(), ("of this",)], ids=["method", "partial"])
def test_an_answer_to_a_page_that_is_gone_is_heard_by_nobody(
    qtbot: QtBot, link: EngineLink, fixed: tuple[str, ...]
) -> None:
    class Page(QObject):
        def hear(self, *event: object) -> None:
            self.setObjectName("heard")  # an error where there is no object any more

    gone = Page()
    hear = partial(gone.hear, *fixed) if fixed else gone.hear
    number = link.request(PrepareData, hear, values=SINUSOID)
    shiboken6.delete(gone)
    heard: list[int] = []
    link.event.connect(lambda event: heard.append(event.request))
    link.start()
    qtbot.waitUntil(lambda: number in heard, timeout=PATIENCE_MS)


def test_a_command_sent_before_the_worker_starts_is_answered_once_it_runs(
    qtbot: QtBot, link: EngineLink
) -> None:
    answers: list[Event] = []
    number = link.request(PrepareData, answers.append, values=SINUSOID)
    link.start()
    ready = answered(qtbot, answers)
    assert isinstance(ready, DataReady)
    assert (ready.request, ready.kind) == (number, "regression")


def test_answers_arrive_on_the_thread_of_the_window(qtbot: QtBot, link: EngineLink) -> None:
    threads: list[threading.Thread] = []
    link.event.connect(lambda _event: threads.append(threading.current_thread()))
    link.start()
    qtbot.waitUntil(lambda: bool(threads), timeout=PATIENCE_MS)
    assert set(threads) == {threading.main_thread()}


def test_only_whoever_asked_gets_the_answer_and_everybody_hears_the_event(
    qtbot: QtBot, link: EngineLink
) -> None:
    heard: list[Event] = []
    first: list[Event] = []
    second: list[Event] = []
    link.event.connect(heard.append)
    link.start()
    link.request(PrepareData, first.append, values=SINUSOID)
    link.request(
        PrepareData, second.append, values={"dataset.name": "sinusoid", "dataset.x_min": 9}
    )
    assert isinstance(answered(qtbot, first), DataReady)
    refused = answered(qtbot, second)
    assert isinstance(refused, Failed)
    assert refused.hint
    assert {type(event) for event in heard} >= {EngineStarting, DataReady, Failed}


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_killed_worker_fails_what_was_asked_and_a_restart_brings_another(
    qtbot: QtBot, link: EngineLink
) -> None:
    link.start()
    with qtbot.waitSignal(link.event, timeout=PATIENCE_MS):
        pass
    answers: list[Event] = []
    link.request(PrepareData, answers.append, values={"dataset.alphabets": 900})
    qtbot.waitUntil(lambda: bool(answers), timeout=PATIENCE_MS)  # it is at work
    with qtbot.waitSignal(link.state_changed, timeout=PATIENCE_MS) as stopped:
        os.kill(link.pid, signal.SIGKILL)
    assert stopped.args == ["stopped"]
    assert link.reason == "Its process was ended from outside (signal 9)."
    lost = answered(qtbot, answers)
    assert isinstance(lost, Failed)
    assert link.reason in lost.message
    assert link.pid == 0
    link.restart()
    assert link.state == "starting"
    again: list[Event] = []
    link.request(PrepareData, again.append, values=SINUSOID)
    assert isinstance(answered(qtbot, again), DataReady)


def test_a_worker_that_cannot_be_started_is_said_and_requests_fail_afterwards(
    qtbot: QtBot,
) -> None:
    def refuse() -> tuple[object, object]:
        raise OSError(12, "Cannot allocate memory")

    link = EngineLink(refuse)  # type: ignore[arg-type]
    with qtbot.waitSignal(link.state_changed, timeout=PATIENCE_MS):
        link.start()
    assert "Cannot allocate memory" in link.reason
    answers: list[Event] = []
    link.request(PrepareData, answers.append, values=SINUSOID)
    assert answers == []  # never from within the call
    lost = answered(qtbot, answers)
    assert isinstance(lost, Failed)
    assert lost.hint == "Restart the engine."
    link.close()


def test_closing_ends_the_process_and_both_threads(qtbot: QtBot, link: EngineLink) -> None:
    link.start()
    with qtbot.waitSignal(link.event, timeout=PATIENCE_MS):
        pass
    worker = link.pid
    link.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert not [t for t in threading.enumerate() if t.name == "engine-writer"]
