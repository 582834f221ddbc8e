"""A run as a row of the table: its words, what it is sorted and found by. No Qt but its locale."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.app.pages.train.figures import ALIVE, RunFacts, duration, measure, short, whole
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import flatten
from workbench.schema.values import as_text
from workbench.store import Best, RunStatus, RunSummary

STATUS_FILTERS: Mapping[str, tuple[str, tuple[RunStatus, ...]]] = {
    "all": ("All", tuple(RunStatus)),
    "running": ("Running", (RunStatus.RUNNING,)),
    "done": ("Done", (RunStatus.DONE,)),
    "paused": ("Paused", (RunStatus.PAUSED,)),
    "failed": ("Failed", (RunStatus.FAILED, RunStatus.DIED)),
    "stopped": ("Stopped", (RunStatus.STOPPED,)),
}
"""What the filter offers: its label and the states it lets through. A run that died has failed."""


@dataclass(frozen=True)
class RunRow:
    """What the table knows of a run.

    Attributes:
        algorithm, dataset: titles; `short_algorithm` fits beside a number: "MAML".
        task: "5 × 1", ways by shots; "10-shot" for a regression.
        device: "CPU", "GPU 0"; empty while unknown.
        values: its settings, flat.
        haystack: all that the filter looks through, in lower case.
    """

    summary: RunSummary
    facts: RunFacts
    algorithm: str
    dataset: str
    task: str
    task_sort: tuple[int, int]
    device: str
    values: Mapping[str, Any]
    haystack: tuple[str, ...]

    @property
    def run(self) -> str:
        return self.summary.run

    @property
    def number(self) -> int:
        return self.summary.number

    @property
    def regression(self) -> bool:
        return self.facts.regression

    @property
    def alive(self) -> bool:
        return self.summary.status in ALIVE

    @property
    def title(self) -> str:
        """As a curve is named: "41 · MAML"."""
        return f"{self.number} · {self.algorithm}"

    @property
    def status_word(self) -> str:
        """The state in words; a run that trains says how far it is. Empty for the usual word."""
        summary = self.summary
        if summary.status is RunStatus.RUNNING and summary.steps:
            share = min(1.0, summary.step / summary.steps)
            return f"Running, {math.floor(100 * share)} %"
        return ""

    @property
    def askable(self) -> bool:
        """Whether it has weights to draw with or to score."""
        return self.summary.checkpoint_step is not None


def row_of(summary: RunSummary, catalogue: Catalogue, device: str = "") -> RunRow:
    """A run as the table shows it.

    Args:
        device: where it computed, as its environment says.
    """
    facts = RunFacts.of(summary, catalogue)
    values = flatten(summary.config)
    data = catalogue.option("dataset", str(values.get("dataset.name", "")))
    dataset = data.title if data else str(values.get("dataset.name", ""))
    n_way, k_shot = values.get("task.n_way"), values.get("task.k_shot")
    task = f"{k_shot}-shot" if facts.regression else f"{n_way} × {k_shot}"
    asked = str(values.get("device", ""))
    where = device_title(device or ("" if asked == "auto" else asked))
    words = (
        f"run {summary.number}",
        summary.run,
        facts.algorithm,
        dataset,
        where,
        summary.status.value,
        f"{k_shot}-shot" if facts.regression else f"{n_way}-way {k_shot}-shot",
        summary.notes,
        *summary.tags,
        *(f"{key}={as_text(value)}" for key, value in values.items()),
    )
    return RunRow(
        summary=summary,
        facts=facts,
        algorithm=facts.algorithm,
        dataset=dataset,
        task=task,
        task_sort=(_int(n_way), _int(k_shot)),
        device=where,
        values=values,
        haystack=tuple(word.lower() for word in words if word),
    )


def device_title(name: str) -> str:
    """Give "CPU" for cpu, "GPU 0" for cuda:0, "GPU" for mps."""
    kind, _, number = name.partition(":")
    if kind in ("cuda", "mps"):
        return f"GPU {number}".rstrip()
    return kind.upper() if kind == "cpu" else name


def matches(row: RunRow, text: str) -> bool:
    """Whether each word of `text` occurs in the run; "inner_steps=5" is the whole value."""
    return all(
        any(part.endswith(word) if "=" in word else word in part for part in row.haystack)
        for word in text.lower().split()
    )


def counts(rows: Iterable[RunRow]) -> dict[str, int]:
    """How many runs each choice of the status filter would show."""
    found = [row.summary.status for row in rows]
    return {
        key: sum(status in states for status in found)
        for key, (_, states) in STATUS_FILTERS.items()
    }


def chosen(rows: Sequence[RunRow], text: str, status: str) -> list[RunRow]:
    """The rows that both filters let through."""
    states = STATUS_FILTERS[status][1]
    return [row for row in rows if row.summary.status in states and matches(row, text)]


def ordered(rows: Sequence[RunRow], column: str, down: bool) -> list[RunRow]:
    """Rows sorted by a column; those without a value come last either way."""
    keyed = [(sort_key(row, column), row) for row in rows]
    with_value = [pair for pair in keyed if pair[0] is not None]
    with_value.sort(key=lambda pair: pair[0], reverse=down)
    return [row for _, row in with_value] + [row for key, row in keyed if key is None]


def sort_key(row: RunRow, column: str) -> Any:
    """What a row is sorted by in a column; None where it has no value there."""
    return _KEYS.get(column, _KEYS["number"])(row)


def best_words(row: RunRow) -> tuple[str, str]:
    """The best validation as "95.6" and "± 0.9 %"; an error without a unit."""
    best = row.summary.best
    if best is None or math.isnan(best.value):
        return "–", ""
    words = measure(best.value, best.interval, row.regression)
    value, plus_minus, rest = words.partition(" ± ")
    return (value, f"± {rest}") if plus_minus else (words, "")


def last_words(row: RunRow) -> str:
    """The last validation: "95.6", or an error."""
    last = row.summary.last
    if last is None or math.isnan(last.value):
        return "–"
    return short(last.value) if row.regression else f"{100 * last.value:.1f}"


def standing(row: RunRow) -> tuple[str, str]:
    """How a run stands, as a sentence and what is worth adding."""
    summary = row.summary
    title, step = f"Run {summary.number}", whole(summary.step)
    match summary.status:
        case RunStatus.RUNNING:
            return f"{title} trains: step {step} of {whole(summary.steps)}.", ""
        case RunStatus.PAUSED:
            return f"{title} is paused at step {step} of {whole(summary.steps)}.", ""
        case RunStatus.DONE:
            return f"{title} is done: {step} steps in {duration(summary.duration_s)}.", ""
        case RunStatus.STOPPED:
            return f"{title} was stopped at step {step}.", checkpoint_words(summary)
        case RunStatus.DIED:
            return f"{title} died near step {step}: its process ended.", checkpoint_words(summary)
    reason = summary.reason[:1].lower() + summary.reason[1:] if summary.reason else "no reason"
    return f"{title} failed at step {step}: {reason}", checkpoint_words(summary)


def checkpoint_words(summary: RunSummary) -> str:
    """Say "Last good checkpoint: step 1,000."."""
    if summary.checkpoint_step is None:
        return "It had saved no checkpoint."
    return f"Last good checkpoint: step {whole(summary.checkpoint_step)}."


def resume_words(summary: RunSummary) -> str:
    """What the link that goes on with a run says; empty where it cannot go on."""
    if summary.status not in (RunStatus.STOPPED, RunStatus.FAILED, RunStatus.DIED):
        return ""
    if summary.checkpoint_step is None:
        return "Start it again"
    return f"Resume from {whole(summary.checkpoint_step)}"


def _value(best: Best | None) -> float | None:
    return None if best is None or math.isnan(best.value) else best.value


def _best_step(row: RunRow) -> int | None:
    return row.summary.best.step if row.summary.best else None


_KEYS: Mapping[str, Callable[[RunRow], Any]] = {
    "number": lambda row: row.number,
    "star": lambda row: row.summary.starred,
    "algorithm": lambda row: row.algorithm.lower(),
    "dataset": lambda row: row.dataset.lower(),
    "task": lambda row: row.task_sort,
    "status": lambda row: list(RunStatus).index(row.summary.status),
    "best": lambda row: _value(row.summary.best),
    "step": _best_step,
    "last": lambda row: _value(row.summary.last),
    "duration": lambda row: row.summary.duration_s,
    "device": lambda row: row.device or None,
    "tags": lambda row: ", ".join(row.summary.tags).lower() or None,
}


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
