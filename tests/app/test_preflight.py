"""No window can open: one line says why, names the packages, and points to the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.app.preflight import packages_missing, problem

ROOT = Path(__file__).parents[2]


def all_but(*missing: str) -> Callable[[str], bool]:
    return lambda library: library not in missing


def ask(environment: dict[str, str], *missing: str, answers: bool = True) -> str | None:
    return problem(environment, "linux", loads=all_but(*missing), connects=lambda: answers)


@pytest.mark.parametrize(
    "environment",
    [
        {"DISPLAY": ":0"},
        {"WAYLAND_DISPLAY": "wayland-0"},
        {"QT_QPA_PLATFORM": "offscreen"},
        {"QT_QPA_PLATFORM": "offscreen:enable_fonts"},
    ],
)
def test_a_complete_machine_has_no_problem(environment: dict[str, str]) -> None:
    assert ask(environment) is None


def test_no_display_is_said_in_one_line_that_points_to_the_command_line() -> None:
    assert ask({}) == (
        "No display: neither DISPLAY nor WAYLAND_DISPLAY is set. "
        "To train without a window: fewshot-workbench train"
    )


def test_all_missing_libraries_are_named_at_once_as_packages() -> None:
    sentence = ask({"DISPLAY": ":0"}, "libxcb-cursor.so.0", "libxcb-icccm.so.4", "libEGL.so.1")
    assert sentence == (
        "Qt misses system libraries: install libegl1 libxcb-cursor0 libxcb-icccm4. "
        "To train without a window: fewshot-workbench train"
    )


def test_without_a_display_the_libraries_of_x11_are_not_asked_for() -> None:
    assert ask({"QT_QPA_PLATFORM": "offscreen"}, "libxcb-cursor.so.0") is None


def test_wayland_does_where_x11_lacks_a_library() -> None:
    both = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
    assert ask(both, "libxcb-cursor.so.0") is None


def test_a_display_that_does_not_answer_is_named() -> None:
    sentence = ask({"DISPLAY": ":77"}, answers=False)
    assert sentence is not None
    assert sentence.startswith("The display ':77' does not answer.")


def test_other_systems_bring_their_own_display() -> None:
    assert problem({}, "win32") is None
    assert problem({}, "darwin") is None


def test_this_machine_can_run_the_tests_without_a_display() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("the packages are those of Linux")
    assert packages_missing("offscreen") == []


def test_the_program_without_a_display_prints_one_line_and_fails() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("other systems bring their own display")
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    outcome = subprocess.run(
        [sys.executable, "main.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert outcome.stdout == ""
    assert outcome.stderr.count("\n") == 1
    assert "fewshot-workbench train" in outcome.stderr
