"""What can go wrong through nobody's programming mistake.

An error says what, with both numbers, and what to do next. It is a template and its values, so that
it can be translated and its parts styled where it is shown. Wrong code is not a WorkbenchError: it
may crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self


class WorkbenchError(Exception):
    """A sentence for the person at the screen, and a hint what to do next.

    Args:
        template: the sentence, with `{name}` where a value belongs.
        hint: what to do next; may hold the same names.
        values: what the names stand for.

    Example:
        >>> str(DataError("{have} classes; {need} are needed.", have=3, need=5))
        '3 classes; 5 are needed.'
    """

    def __init__(self, template: str, *, hint: str = "", **values: Any) -> None:
        self.template = template
        self.values = values
        self.message = template.format(**values) if values else template
        self.hint = hint.format(**values) if values else hint
        super().__init__(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors travel between processes; the default would drop the keyword arguments.
        return (_rebuild, (type(self), self.template, self.hint, self.values))


def _rebuild(
    kind: type[WorkbenchError], template: str, hint: str, values: dict[str, Any]
) -> WorkbenchError:
    error = kind.__new__(kind)
    WorkbenchError.__init__(error, template, **values)
    error.hint = hint
    return error


class DataError(WorkbenchError):
    """The data set or a task cannot be what was asked for."""


class StoreError(WorkbenchError):
    """A run cannot be written, read or found."""


class DeviceError(WorkbenchError):
    """The device is not there, is full, or has failed."""


class TrainingError(WorkbenchError):
    """Training cannot go on: the loss is not a number, say."""


class Cancelled(WorkbenchError):  # noqa: N818 - no error: what a person wanted
    """The person stopped a long piece of work. Nothing half-made is left behind."""

    def __init__(self, template: str = "Cancelled.", *, hint: str = "", **values: Any) -> None:
        super().__init__(template, hint=hint, **values)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the settings, tied to its row.

    Attributes:
        path: the dotted key of the setting, such as `task.queries`; empty when no single row is to
            blame.
        message: what is wrong, with both numbers.
        hint: what to do next.
        remedy: a value that would mend `path`, offered as a button; None when there is none.
    """

    path: str
    message: str
    hint: str = ""
    remedy: Any = None


class ConfigError(WorkbenchError):
    """The settings were wrong: all the problems, not the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [f"{p.path}: {p.message}" if p.path else p.message for p in self.problems]
        super().__init__("{text}", text="\n".join(lines))
        self.hint = "\n".join(dict.fromkeys(p.hint for p in self.problems if p.hint))

    @classmethod
    def of(cls, path: str, message: str, hint: str = "", remedy: Any = None) -> Self:
        """One problem."""
        return cls([Problem(path, message, hint, remedy)])

    def __reduce__(self) -> tuple[Any, ...]:
        return (ConfigError, (self.problems,))
