"""Where words go: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tqdm import tqdm  # type: ignore[import-untyped]  # published without types

from workbench.errors import ConfigError, Problem, WorkbenchError

_REFRESH_S = 0.2
_REFRESH_LOG_S = 10.0  # a log file wants few lines


class Console:
    """One command's mouth.

    Args:
        as_json: print one JSON value instead of words.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, value: Any, words: str) -> None:
        """What the command was for: `value` with `--json`, `words` without."""
        text = json.dumps(_plain(value), indent=2, ensure_ascii=False) if self.as_json else words
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def note(self, words: str) -> None:
        """Worth knowing, not the result."""
        tqdm.write(words, file=sys.stderr)

    def fail(self, error: WorkbenchError) -> None:
        """Say what went wrong: lines on stderr, and with `--json` an object on stdout too."""
        problems = error.problems if isinstance(error, ConfigError) else ()
        for problem in problems or [Problem("", error.message, error.hint)]:
            place = f"{problem.path}: " if problem.path else ""
            sys.stderr.write(f"error: {place}{problem.message}\n")
            if problem.hint:
                sys.stderr.write(f"hint: {problem.hint}\n")
        if self.as_json:
            found = [{"path": p.path, "message": p.message, "hint": p.hint} for p in problems]
            self.result({"error": error.message, "hint": error.hint, "problems": found}, "")

    def bar(self, total: int, unit: str, words: str = "", done: int = 0) -> tqdm:
        """A progress bar on stderr; `total` 0 is unknown."""
        every = _REFRESH_S if sys.stderr.isatty() else _REFRESH_LOG_S
        return tqdm(
            total=total or None,
            initial=done,
            unit=unit,
            desc=words,
            file=sys.stderr,
            mininterval=every,
            dynamic_ncols=True,
        )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of words, aligned."""
    lines = [tuple(heads), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def percent(value: float, interval: float) -> str:
    """Mean ± 95 % interval of a fraction: "95.6 ± 0.9 %"."""
    return f"{100 * value:.1f} ± {100 * interval:.1f} %"


def _plain(value: Any) -> Any:
    """What JSON can hold: NaN is no JSON, and becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
