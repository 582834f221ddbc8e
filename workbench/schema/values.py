"""One value against its row: read from a flag, a form or a file, and held to its range."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from typing import Any

from workbench.errors import Problem
from workbench.schema.rows import Row, number

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_NOTHING = {"", "none", "auto"}


class _MisreadError(Exception):
    """The value is not of the row's type; the text says what it must be."""


def read(row: Row, value: Any) -> tuple[Any, Problem | None]:
    """The value as its type, and what is wrong with it.

    Text is read as the row's type, so that `"0.4"` from a flag is the number 0.4.
    """
    if row.nullable and (value is None or (isinstance(value, str) and value.lower() in _NOTHING)):
        return None, None
    try:
        typed = _typed(row, value)
    except _MisreadError as misread:
        if row.union:
            return value, _no_such_option(row, str(value))
        return value, Problem(
            row.key,
            f"{row.label} is {_quoted(value)}; it must be {misread}.",
            _hint(row),
            row.default,
        )
    return typed, _outside(row, typed)


def as_text(value: Any) -> str:
    """A value as it is written after a flag; `read` reads it back."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return ",".join(str(part) for part in value)
    return str(value)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant; empty if none is close."""
    return next(iter(difflib.get_close_matches(word, list(known), 1, 0.6)), "")


def _no_such_option(row: Row, given: str) -> Problem:
    known = [str(name) for name, _ in row.choices]
    guess = nearest(given, known)
    hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(known)}."
    message = f'There is no {row.label.lower()} called "{given}".'
    return Problem(row.key, message, hint, guess or row.default)


def _typed(row: Row, value: Any) -> Any:
    match row.type:
        case "int":
            return _whole(value)
        case "float":
            return _real(value)
        case "bool":
            return _truth(value)
        case "ints":
            return tuple(_whole(part) for part in _parts(value))
        case "floats":
            return tuple(_real(part) for part in _parts(value))
        case "strings":
            return tuple(str(part) for part in _parts(value))
        case "choice":
            return _choice(row, value)
        case _:
            if isinstance(value, (str, bytes)) or hasattr(value, "__fspath__"):
                return str(value)
            raise _MisreadError("text")


def _whole(value: Any) -> int:
    if isinstance(value, str):
        try:
            value = float(value.replace("_", "")) if not _is_digits(value) else int(value)
        except ValueError:
            raise _MisreadError("a whole number") from None
    # A boolean is a whole number to Python and a mistake to a person.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise _MisreadError("a whole number")
    return int(value)


def _is_digits(text: str) -> bool:
    return text.strip().lstrip("+-").isdigit()


def _real(value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError
        result = float(value)
    except (TypeError, ValueError):
        raise _MisreadError("a number") from None
    if not math.isfinite(result):
        raise _MisreadError("a finite number")
    return result


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE | _FALSE:
            return word in _TRUE
    elif isinstance(value, (bool, int)) and value in (0, 1):
        return bool(value)
    raise _MisreadError("true or false")


def _parts(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, (list, tuple)):
        return tuple(value)
    return (value,)


def _choice(row: Row, value: Any) -> Any:
    for known, _ in row.choices:
        if value == known or str(value) == str(known):
            return known
    known_words = [str(known) for known, _ in row.choices]
    raise _MisreadError("one of " + ", ".join(known_words))


def _outside(row: Row, value: Any) -> Problem | None:
    numbers = value if isinstance(value, tuple) else (value,)
    for each in numbers:
        if isinstance(each, bool) or not isinstance(each, (int, float)):
            continue
        rules: tuple[tuple[bool, str, float | None], ...] = (
            (row.ge is not None and each < row.ge, "the least is", row.ge),
            (row.gt is not None and each <= row.gt, "it must be above", row.gt),
            (row.le is not None and each > row.le, "the most is", row.le),
            (row.lt is not None and each >= row.lt, "it must be below", row.lt),
        )
        for broken, words, bound in rules:
            if broken and bound is not None:
                closed = words.startswith("the")
                remedy = (int(bound) if row.type == "int" else bound) if closed else row.default
                message = f"{row.label} is {number(each)}; {words} {number(bound)}."
                return Problem(row.key, message, _hint(row), remedy)
    return None


def _hint(row: Row) -> str:
    words = row.range_words
    return f"Allowed: {words}." if words else ""


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
