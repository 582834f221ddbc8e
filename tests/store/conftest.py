"""Runs on disk, second processes, and disks that are full."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from workbench.store import RunWriter, Store

PROJECT = Path(__file__).parents[2]
CONFIG = {"algorithm": {"name": "maml"}, "dataset": {"name": "omniglot"}, "task": {"n_way": 5}}
ENVIRONMENT = {"torch": "2.15.0", "threads": 1}


def saves(content: bytes) -> Callable[[BinaryIO], None]:
    """What `RunWriter.checkpoint` takes."""

    def write(file: BinaryIO) -> None:
        file.write(content)

    return write


@pytest.fixture
def store(store_dir: Path) -> Store:
    return Store(store_dir)


@pytest.fixture
def writer(store: Store) -> Iterator[RunWriter]:
    """A run that is being trained by this process."""
    with store.create(CONFIG, ENVIRONMENT) as writer:
        yield writer


Python = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def python() -> Iterator[Python]:
    """Starts a second process that runs a script with arguments; none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: Any, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        command = [*before, sys.executable, "-c", script, *map(str, arguments)]
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def output(process: subprocess.Popen[str]) -> str:
    """What a process said before it ended well."""
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    return said.strip()


def line(process: subprocess.Popen[str]) -> str:
    """The next line that a process says."""
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    if not said and process.poll() is not None:
        assert process.stderr is not None
        pytest.fail(process.stderr.read())
    return said
