"""Settings as command-line flags, from the catalogue: `--task.n_way 5`, `--algorithm maml`.

The flags of whatever is chosen are taken out of the arguments before argparse sees the rest, so
that an unknown one can be answered with the nearest, or with the option that it belongs to.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.errors import ConfigError, Problem
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import NAME
from workbench.schema.rows import Row
from workbench.schema.values import as_text, nearest

FLAG = "--"


def take_settings(
    arguments: Sequence[str], catalogue: Catalogue
) -> tuple[dict[str, str], list[str]]:
    """The settings among the arguments, by dotted key, and the arguments that are left.

    Raises:
        ConfigError: a setting has no value.
    """
    settings: dict[str, str] = {}
    left: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        flag, assigned, value = word.removeprefix(FLAG).partition("=")
        key = _key(catalogue, flag) if word.startswith(FLAG) else None
        if key is None:
            left.append(word)
        elif assigned:
            settings[key] = value
        elif words and not words[0].startswith(FLAG):
            settings[key] = words.pop(0)
        elif key in catalogue.bool_keys:
            settings[key] = "true"
        else:
            raise ConfigError.of(key, f"--{flag} needs a value.", f"Write --{flag} VALUE.")
    return settings, left


def refuse_leftover(catalogue: Catalogue, values: Mapping[str, Any]) -> list[str]:
    """Sentences about settings that mean nothing for this kind of data, and are left out.

    Raises:
        ConfigError: a setting belongs to an option that is not chosen; to leave it out would be to
            do something else than was asked.
    """
    problems, notes = [], []
    complete = catalogue.complete(values)
    for key in catalogue.leftover(values):
        owners = catalogue.owners(key)
        union = next((k for k in complete if k.endswith(NAME) and _inside(key, k)), "")
        if owners and complete.get(union) not in owners:
            message = f"{complete.get(union)} has no setting {key.rpartition('.')[2]}."
            problems.append(Problem(key, message, f"It belongs to {', '.join(owners)}."))
        else:
            notes.append(f"--{key} means nothing for {complete['dataset.name']}; it is left out.")
    if problems:
        raise ConfigError(problems)
    return notes


def refuse_unknown(catalogue: Catalogue, words: Iterable[str], known: Iterable[str]) -> None:
    """Answer the arguments that nobody knows.

    Raises:
        ConfigError: there are any, each with the flag that was probably meant.
    """
    flags = {f"{FLAG}{_flag(key)}" for key in catalogue.keys} | set(known)
    problems: list[Problem] = []
    after_flag = False  # then a word is that flag's value, and no mistake of its own
    for word in words:
        flag = word.partition("=")[0]
        if not flag.startswith("-"):
            if not after_flag:
                problems.append(Problem("", f'"{word}" is one argument too many.', "See --help."))
            continue
        after_flag = True
        guess = nearest(flag, flags)
        hint = f"Did you mean {guess}?" if guess else "See --help."
        problems.append(Problem("", f"There is no flag {flag}.", hint))
    if problems:
        raise ConfigError(problems)


def show_settings(
    parser: argparse.ArgumentParser, catalogue: Catalogue, values: Mapping[str, Any]
) -> None:
    """Add the flags that apply to `values` to the help of a parser, in groups like the form's."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for row in catalogue.rows(values):
        title = row.group if row.group == row.section else f"{row.section}, {row.group.lower()}"
        if title not in groups:
            groups[title] = parser.add_argument_group(title)
        groups[title].add_argument(
            f"{FLAG}{_flag(row.key)}", metavar=_metavar(row), help=_help(row), dest=row.key
        )


def _key(catalogue: Catalogue, flag: str) -> str | None:
    for key in (flag, f"{flag}{NAME}"):
        if key in catalogue.keys:
            return key
    return None


def _flag(key: str) -> str:
    return key.removesuffix(NAME)


def _inside(key: str, name_key: str) -> bool:
    return key.startswith(name_key.removesuffix("name"))


def _metavar(row: Row) -> str:
    if row.choices:
        return "{" + ",".join(str(value) for value, _ in row.choices) + "}"
    words = {
        "int": "N",
        "float": "X",
        "bool": "true|false",
        "path": "PATH",
        "ints": "N,N",
        "floats": "X,X",
    }
    return words.get(row.type, "TEXT")


def _help(row: Row) -> str:
    parts = [row.help.rstrip(".") + "."]
    if row.range_words:
        parts.append(f"Range: {row.range_words}.")
    parts.append(f"Default: {as_text(row.default) or 'empty'}.")
    return " ".join(parts).replace("%", "%%")
