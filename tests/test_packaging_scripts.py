"""The scripts behind `make` say in one line what is missing, and never guess."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("sh", "dirname", "cat", "uname", "id", "mktemp", "rm")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these are shell scripts")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with the commonest tools and nothing else: no Python, no apt."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


def add_python(tools: Path, script: str) -> None:
    program = tools / "python3"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def run(tools: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(ROOT / "packaging" / script), *arguments],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_said_in_one_line(tools: Path, tmp_path: Path) -> None:
    add_python(tools, "exit 1")
    outcome = run(tools, "environment.sh", str(tmp_path / "venv"))
    assert outcome.returncode == 1
    assert outcome.stderr == (
        "Python 3.11 or newer is needed; set PYTHON=/path/to/python if it is not on the PATH.\n"
    )
    assert not (tmp_path / "venv").exists()


def test_missing_system_libraries_are_named_in_one_line_where_they_may_not_be_installed(
    tools: Path,
) -> None:
    add_python(tools, 'case "$*" in *preflight*) printf "libegl1 libxcb-cursor0" ;; esac')
    if os.uname().sysname != "Linux":
        pytest.skip("the packages are those of Linux")
    outcome = run(tools, "system-packages.sh", "xcb")
    assert outcome.stderr == (
        "Qt needs system libraries that are not here: install libegl1 libxcb-cursor0\n"
    )
    assert outcome.returncode == 0


def test_a_complete_machine_is_left_alone(tools: Path) -> None:
    add_python(tools, "exit 0")
    outcome = run(tools, "system-packages.sh", "xcb", "wayland")
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
