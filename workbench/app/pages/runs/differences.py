"""What tells runs apart: their settings side by side, in the words of the form. No Qt here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import NAME
from workbench.schema.rows import Row
from workbench.schema.rows import number as number_words

ABSENT = "–"


@dataclass(frozen=True)
class Difference:
    """One setting of several runs.

    Attributes:
        values: in words, a run each; "–" where the setting does not apply.
        odd: which of them stand against a majority.
    """

    key: str
    label: str
    symbol: str
    unit: str
    help: str
    group: str
    values: tuple[str, ...]
    odd: tuple[bool, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def compare(settings: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> list[Difference]:
    """All settings of some runs: choices first, then what all have, then what some have.

    Args:
        settings: flat, a run each.
    """
    rows: dict[str, Row] = {}
    worded: list[dict[str, str]] = []
    for values in settings:
        words: dict[str, str] = {}
        before = list(rows)
        for row in catalogue.rows(values):
            if row.key not in rows:
                rows[row.key] = row
            words[row.key] = in_words(values.get(row.key, row.default), row)
        worded.append(words)
        if before:
            rows = _merged(rows, before)
    found = []
    for key, row in rows.items():
        texts = tuple(words.get(key, ABSENT) for words in worded)
        found.append(
            Difference(
                key, row.label, row.symbol, row.unit, row.help, row.group, texts, _odd(texts)
            )
        )
    found.sort(key=_rank)
    return found


def _rank(found: Difference) -> int:
    """What was chosen comes first, then what applies to all, then what belongs to some."""
    if found.key.endswith(NAME) and found.key.count(".") == 1:
        return 0
    return 2 if ABSENT in found.values else 1


def against_defaults(values: Mapping[str, Any], catalogue: Catalogue) -> list[Difference]:
    """The settings of one run beside what they would be if nobody had said anything."""
    names = {key: value for key, value in values.items() if key.endswith(NAME)}
    return compare([{**catalogue.defaults(names), **names}, values], catalogue)


def in_words(value: Any, row: Row) -> str:
    """A value as a person reads it."""
    if value is None or value == "":
        return "auto" if row.nullable else ABSENT
    for choice, words in row.choices:
        if choice == value:
            return words
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(str(part) for part in value) or ABSENT
    if isinstance(value, (int, float)) and row.key.rpartition(".")[2] != "seed":
        return number_words(value)
    return str(value)


def _odd(texts: Sequence[str]) -> tuple[bool, ...]:
    """Which texts are not what more than half say; none where there is no such majority."""
    common, count = Counter(texts).most_common(1)[0] if texts else ("", 0)
    majority = 2 * count > len(texts)
    return tuple(majority and text != common for text in texts)


def _merged(rows: dict[str, Row], before: Sequence[str]) -> dict[str, Row]:
    """What was added at the end moves to the rest of its group."""
    order = list(before)
    for key in [key for key in rows if key not in before]:
        prefix = key.rpartition(".")[0]
        kin = [i for i, known in enumerate(order) if known.startswith(prefix + ".")]
        order.insert(kin[-1] + 1 if kin else len(order), key)
    return {key: rows[key] for key in order}
