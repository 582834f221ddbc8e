"""Rare things as lines of JSON: the events of a run, and the requests that others make of its
trainer.

The first line of a log names its version. A half-written last line waits; a damaged line is passed
over.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from workbench.store.files import VERSION, check_version, damaged, read_whole, to_json
from workbench.store.metrics import Appender

EVENTS = "events.jsonl"
REQUESTS = "requests.jsonl"

Line = dict[str, Any]


class LogWriter:
    """Appends lines to a log; makes it where there is none."""

    def __init__(self, path: Path) -> None:
        self.file = Appender(path)
        if self.file.size == 0:
            try:
                self.file.append(log_head())
            except BaseException:
                self.file.close()
                raise

    def append(self, kind: str, data: Line) -> None:
        """Write one line, visible to other processes at once."""
        self.file.append(to_line(kind, data))


def log_head() -> bytes:
    """The first line of a log."""
    return to_json({"version": VERSION})


def to_line(kind: str, data: Line) -> bytes:
    """One line: when, what kind, and whatever else."""
    return to_json({**data, "time": time.time(), "kind": kind})


def read_log(path: Path) -> list[Line]:
    """All whole lines but the first; none where there is no log.

    Raises:
        StoreError: when it is no log, or one of another version.
    """
    try:
        content = read_whole(path)
    except FileNotFoundError:
        return []
    return parse_log(path, content)


def parse_log(path: Path, content: bytes) -> list[Line]:
    """The whole lines of a log's content."""
    first, *rest = content.split(b"\n")[:-1] or [b""]
    if not first:
        return []
    head = _parse(first)
    if head is None:
        raise damaged(path)
    check_version(path, head.get("version"))
    return [line for line in map(_parse, rest) if line is not None and "kind" in line]


def _parse(text: bytes) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None
