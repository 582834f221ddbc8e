"""What a data set calls its classes, as its facts say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from workbench.errors import DataError


@dataclass(frozen=True)
class Words:
    """What a data set calls its classes, their groups, and the images of a class."""

    one: str = "class"
    group: str = "group"
    image: str = "image"

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Words:
        """As the data set's facts say."""
        known = {"one": "noun", "group": "group", "image": "image"}
        return cls(**{name: facts[key] for name, key in known.items() if key in facts})

    @property
    def many(self) -> str:
        return plural(self.one)

    @property
    def groups(self) -> str:
        return plural(self.group)

    def count(self, number: int) -> str:
        """Say how many: "26 characters"."""
        return f"{number:,} {self.one if number == 1 else self.many}"


def plural(noun: str) -> str:
    """The plural of a noun.

    >>> plural("class"), plural("character")
    ('classes', 'characters')
    """
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def some(names: Sequence[str], most: int) -> str:
    """The first of many names.

    >>> some(["ant", "bee", "cat", "dog"], 2), some(["ant", "bee"], 2)
    ('ant, bee and 2 more', 'ant, bee')
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def tell_apart(classes: Iterable[tuple[str, str]], most: int) -> None:
    """Refuse classes (group, name) whose names differ in capitals alone.

    Raises:
        DataError: there are some; it names at most so many.
    """
    alike: dict[tuple[str, str], set[str]] = {}
    for group, name in classes:
        alike.setdefault((group, normalize("NFC", name).casefold()), set()).add(name)
    twins = [name for names in alike.values() if len(names) > 1 for name in sorted(names)]
    if twins:
        raise DataError(
            "Classes whose names differ in capitals alone: {names}.",
            names=some(sorted(twins), most),
            hint="On Windows and macOS their folders would be one: rename all but one of each.",
        )


def size(count: int) -> str:
    """Bytes in words.

    >>> size(15_927_098), size(4_996_278_331)
    ('16 MB', '5.0 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6)):,} MB"


def plain(name: str) -> str:
    """A folder's name as words, in one line.

    >>> plain("Japanese_(hiragana)"), plain("in  one_line ")
    ('Japanese (hiragana)', 'in one line')
    """
    return in_one_line(name.replace("_", " "))


def in_one_line(name: str) -> str:
    """A name without the line breaks that a table may put into it."""
    return " ".join(name.split())


def class_key(group: str, name: str) -> str:
    """A class as the settings name it: group/name. What separates such names in a list, and a key
    from its new name, is written as in an address.

    >>> class_key("Greek", "alpha"), class_key("", "a, b=c")
    ('Greek/alpha', 'a%2C b%3Dc')
    """
    key = f"{group}/{name}" if group else name
    return _coded(key)


def with_name(renamed: Sequence[str], key: str, name: str) -> tuple[str, ...]:
    """A list of renamed classes in which that class has another name, or its own where it is
    empty."""
    others = [one for one in renamed if one.partition("=")[0] != key]
    return (*others, f"{key}={_coded(name)}") if name else tuple(others)


def names_of(renamed: Sequence[str]) -> dict[str, str]:
    """New names by the keys of classes.

    >>> names_of(with_name((), "Greek/alpha", "A = B"))
    {'Greek/alpha': 'A = B'}
    """
    parts = (one.partition("=") for one in renamed)
    return {key.strip(): _decoded(name.strip()) for key, _, name in parts if name.strip()}


_CODES = {"%": "%25", ",": "%2C", "=": "%3D"}


def _coded(text: str) -> str:
    return "".join(_CODES.get(letter, letter) for letter in text)


def _decoded(text: str) -> str:
    for letter, code in reversed(_CODES.items()):
        text = text.replace(code, letter)
    return text
