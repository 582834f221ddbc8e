"""Which rows stand in which section of a form, and the words for their values. No Qt here.

A row's place follows from its key: what a plug-in declares finds its place without being named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.schema.rows import Row, number

Rows = Sequence[Row]
Arrange = Callable[[Rows], "list[FormSection]"]

GROUP_SENTENCES = {
    "Inner loop": "How the model adapts to one task",
    "Metric": "How a query is compared with the classes",
}
"""Sentences of the usual groups of an algorithm; others have none."""

SUMMARY_PARTS = 4


@dataclass(frozen=True)
class FormSection:
    """A part of the form that folds.

    Attributes:
        key: stays the same while rows come and go.
        sentence: shown while open; a summary of the values is shown while folded.
        opened: at first.
    """

    key: str
    title: str
    sentence: str
    rows: tuple[Row, ...]
    opened: bool = True


def experiment_sections(rows: Rows) -> list[FormSection]:
    """The sections of the Train page; the algorithm and the device are chosen beside the form."""
    by_key = {row.key: row for row in rows}
    data_settings = _under(rows, "dataset.", but=("dataset.name",))
    own_tasks = [row for row in rows if as_the_task(row, by_key)]
    sections = [
        FormSection(
            "task",
            "Task",
            "What one few-shot problem looks like",
            (*_only(by_key, "dataset.name"), *_under(rows, "task.")),
        ),
        FormSection(
            "dataset",
            "Data",
            "The data set's own settings, as on the Data page",
            (*data_settings, *_under(rows, "classes.")),
            opened=any(row.path for row in data_settings),
        ),
        *_groups(_under(rows, "algorithm.", but=("algorithm.name",))),
        FormSection(
            "network",
            "Network",
            "What turns an example into features",
            (*_under(rows, "backbone."), *_under(rows, "norm.")),
            opened=False,
        ),
        FormSection(
            "training",
            "Outer loop",
            "How the starting point is learned",
            _under(rows, "training.", but=tuple(row.key for row in own_tasks)),
        ),
        FormSection(
            "tasks",
            "Training tasks",
            "Where they differ from the task",
            (*_under(rows, "sampler."), *own_tasks, *_under(rows, "augment.")),
            opened=False,
        ),
        FormSection(
            "validation",
            "Validation and checkpoints",
            "How often the run looks at held-out classes and saves itself",
            _under(rows, "validation."),
            opened=False,
        ),
        FormSection(
            "evaluation",
            "Evaluation",
            "The number at the end",
            _under(rows, "evaluation."),
            opened=False,
        ),
    ]
    return [section for section in sections if section.rows]


def as_the_task(row: Row, rows: Mapping[str, Row]) -> str:
    """The key that counts while `row` is empty: `task.n_way` for `training.n_way`, or nothing."""
    other = f"task.{row.key.rpartition('.')[2]}"
    return other if row.nullable and other != row.key and other in rows else ""


def placeholder(row: Row, rows: Mapping[str, Row], value_of: Callable[[str], Any]) -> str:
    """What an empty field stands for: "as the task: 5"."""
    other = as_the_task(row, rows)
    if other:
        return f"as the task: {in_words(rows[other], value_of(other))}"
    return "automatic" if row.nullable else ""


def in_words(row: Row, value: Any) -> str:
    """A value as a person reads it: "Cosine", "1,000", "on"."""
    if value is None:
        return "automatic"
    for known, words in row.choices:
        if known == value:
            return words
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, (tuple, list)):
        return ", ".join(in_words(row, part) for part in value)
    return str(value)


def summary(rows: Rows, value_of: Callable[[str], Any]) -> str:
    """The values of a folded section in a line: "Conv-4, filters 64, halve by: max-pooling"."""
    empty = (None, "", "none")  # what is left out is no news
    shown = [row for row in rows if not row.advanced and value_of(row.key) not in empty]
    return ", ".join(_part(row, value_of(row.key)) for row in shown[:SUMMARY_PARTS])


def remedy_words(row: Row | None, value: Any) -> str:
    """The word on a remedy's button: "Set to 19", "Choose Reptile", "Leave empty"."""
    if value is None or value == "":
        return "Leave empty" if row is not None and (row.nullable or value == "") else ""
    if row is None:
        return f"Set to {value}"
    verb = "Choose" if row.type == "choice" else "Turn" if row.type == "bool" else "Set to"
    return f"{verb} {in_words(row, value)}"


def _part(row: Row, value: Any) -> str:
    words = in_words(row, value)
    if row.type == "choice":
        plain = row.union and row.key.count(".") == 1  # the plug-in's own name says it
        return words if plain else f"{row.label.lower()}: {words}"
    label = row.label.lower() if not row.label[1:2].isupper() else row.label
    return f"{label} {words}"


def _groups(rows: Rows) -> list[FormSection]:
    titles = dict.fromkeys(row.group for row in rows)
    return [
        FormSection(
            f"algorithm {title}",
            title,
            GROUP_SENTENCES.get(title, ""),
            tuple(row for row in rows if row.group == title),
        )
        for title in titles
    ]


def _under(rows: Rows, prefix: str, but: tuple[str, ...] = ()) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.key.startswith(prefix) and row.key not in but)


def _only(rows: Mapping[str, Row], key: str) -> tuple[Row, ...]:
    return (rows[key],) if key in rows else ()
