"""Experiments as TOML files. A file may extend another and says only what differs from it.

extends = "base.toml"          # relative to this file

[algorithm]
name = "maml"
inner_lr = 0.4
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import ConfigError, DataError
from workbench.schema.catalogue import PRESET, Catalogue
from workbench.schema.layers import overlay
from workbench.schema.places import place
from workbench.schema.rows import Row

EXTENDS = "extends"


def read(path: Path, catalogue: Catalogue) -> dict[str, Any]:
    """The settings of a file and of those that it extends, as dotted keys.

    Relative paths in a file are relative to that file.

    Raises:
        ConfigError: a file is not there, is not TOML, or extends itself.
    """
    return _read(path.absolute(), catalogue, ())


def write(path: Path, catalogue: Catalogue, values: Mapping[str, Any]) -> None:
    """Write every setting that applies, each under a sentence that says what it is.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(text(catalogue, values), encoding="utf-8")


def text(catalogue: Catalogue, values: Mapping[str, Any]) -> str:
    """What `write` writes; `read` gives the same experiment back."""
    complete = catalogue.complete(values)
    tables: dict[str, list[str]] = {}
    for row in catalogue.rows(values):
        table, _, key = row.key.rpartition(".")
        tables.setdefault(table, []).extend(_lines(row, key, complete[row.key]))
    # Settings without a table come first: TOML would take them for the last table's.
    parts = [tables.pop("", [])] + [[f"[{table}]", *lines] for table, lines in tables.items()]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _read(path: Path, catalogue: Catalogue, above: Sequence[Path]) -> dict[str, Any]:
    if path in above:
        chain = " → ".join(file.name for file in (*above, path))
        raise ConfigError.of(
            "", f"A settings file extends itself: {chain}.", "Take one `extends` out."
        )
    tree = _parse(path, above)
    base = tree.pop(EXTENDS, None)
    values = catalogue.expand({k: v for k, v in tree.items() if k != PRESET})
    values = {key: _beside(path, catalogue, key, value) for key, value in values.items()}
    if PRESET in tree:
        values = {PRESET: tree[PRESET], **values}
    if base is None:
        return values
    if not isinstance(base, str):
        raise ConfigError.of("", f"`extends` in {path.name} is {base!r}; it must be a file name.")
    return overlay(_read((path.parent / base).absolute(), catalogue, (*above, path)), values)


def _parse(path: Path, above: Sequence[Path]) -> dict[str, Any]:
    asked = f", which {above[-1].name} extends" if above else ""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError.of("", f"There is no file {path}{asked}.", "Check its name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError.of("", f"The file {path}{asked} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        hint = 'A line reads `key = value`; text stands in quotes, as in name = "maml".'
        raise ConfigError.of("", f"{path.name} is not TOML: {error}.", hint) from None


def _beside(path: Path, catalogue: Catalogue, key: str, value: Any) -> Any:
    if key not in catalogue.path_keys or not isinstance(value, str) or not value:
        return value
    try:
        found = place(value)
    except DataError as error:
        raise ConfigError.of(key, error.message, error.hint) from None
    return str(found if found.is_absolute() else path.parent / found)


def _lines(row: Row, key: str, value: Any) -> list[str]:
    words = row.help + (f" Range: {row.range_words}." if row.range_words else "")
    if value is None and row.default is None:
        # Absent is the only way to say "nothing" in TOML.
        return [f"# {words}", f"# {key} ="]
    return [f"# {words}", f"{key} = {_literal(value)}"]


def _literal(value: Any) -> str:
    if value is None:
        return '"none"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_literal(part) for part in value) + "]"
    if isinstance(value, (int, float)):
        return repr(value)
    # JSON's text is TOML's, but for one character that JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
