"""What the commands that compute say at the end: an object for JSON, and words."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.cli.console import percent, table
from workbench.cli.pictures import Asked, Taught
from workbench.engine.cost import Cost
from workbench.protocol import Adapted, Evaluated, RunEnded, Score
from workbench.schema.experiment import NORM_WORDS
from workbench.services.evaluation import Forgotten
from workbench.services.runs import OpenRun
from workbench.store import Best, Store


@dataclass(frozen=True)
class ScoredTask:
    """One task of a file: its name, how many of its queries were right, of how many."""

    task: str
    accuracy: float
    queries: int


def scored_tasks(run: str, tasks: Sequence[ScoredTask]) -> dict[str, Any]:
    """Scores of tasks from files for JSON."""
    mean, interval = _over_tasks(tasks)
    return {
        "run": run,
        "accuracy": mean,
        "interval": None if math.isnan(interval) else interval,
        "tasks": [asdict(task) for task in tasks],
    }


def scored_tasks_words(tasks: Sequence[ScoredTask]) -> str:
    """The same in words."""
    rows = [(one.task, f"{100 * one.accuracy:.1f} %", f"{one.queries:,}") for one in tasks]
    lines = table(("task", "right", "queries"), rows)
    return f"{lines}\nAll {len(rows)}: {_value(*_over_tasks(tasks), 'accuracy')}"


def _over_tasks(tasks: Sequence[ScoredTask]) -> tuple[float, float]:
    return _mean_and_half([task.accuracy for task in tasks])


def _mean_and_half(values: Sequence[float]) -> tuple[float, float]:
    """And half of its 95 % interval; nan for one value."""
    if len(values) < 2:
        return values[0], math.nan
    return statistics.mean(values), 1.96 * statistics.stdev(values) / math.sqrt(len(values))


def estimated_words(cost: Cost, steps: int) -> str:
    """What a run will take."""
    return (
        f"About {_seconds(cost.seconds)}: {_seconds(cost.step_seconds)} for each of "
        f"{steps:,} steps, {_seconds(cost.validation_seconds)} for a validation. "
        f"Memory for the tasks under way: about {cost.memory / 2**20:,.0f} MB."
    )


def metric_of(opened: OpenRun) -> str:
    """What a run's scores are: "accuracy", or "mean_squared_error" of a regression."""
    kind = opened.session.spec.kind
    return "accuracy" if kind == "classification" else "mean_squared_error"


def evaluated_object(found: Evaluated, metric: str) -> dict[str, Any]:
    """An evaluation for JSON."""
    return {
        "run": found.run,
        "split": found.split,
        "step": found.step,
        "inductive": _score_object(found.inductive, metric),
        "transductive": _score_object(found.transductive, metric),
        "metrics": dict(found.metrics),
    }


def forgotten_object(found: Forgotten, metric: str) -> dict[str, Any]:
    """What is forgotten for JSON."""
    parts = {
        name: {metric: mean, "interval": None if math.isnan(interval) else interval}
        for name, mean, interval in _forgotten(found)
    }
    about = {"run": found.run, "split": found.split, "step": found.step}
    how = {"length": found.length, "normalisation": found.normalisation}
    return {**about, "sequences": len(found.kept), **how, **parts}


def forgotten_words(found: Forgotten, metric: str) -> str:
    """The same in words."""
    head = (
        f"{found.run}, {found.split} split, weights of step {found.step:,}: "
        f"{len(found.kept):,} sequences of {found.length} tasks, inductive "
        f"({NORM_WORDS[found.normalisation]})"
    )
    rows = [(name, _value(mean, interval, metric)) for name, mean, interval in _forgotten(found)]
    return f"{head}\n{table(('', metric.replace('_', ' ')), rows)}"


def _forgotten(found: Forgotten) -> list[tuple[str, float, float]]:
    """Name, mean over sequences and half of its 95 % interval."""
    lost = [a - b for a, b in zip(found.learned, found.kept, strict=True)]
    parts = (("learned", found.learned), ("kept", found.kept), ("forgotten", lost))
    return [(name, *_mean_and_half(values)) for name, values in parts]


def trained(store: Store, ended: RunEnded) -> dict[str, Any]:
    """A run that has ended, for JSON."""
    summary = store.open(ended.run).summary()
    return {
        "run": summary.run,
        "status": summary.status.value,
        "reason": summary.reason,
        "steps": summary.step,
        "tasks": summary.tasks,
        "seconds": summary.duration_s,
        "validation": _best_object(summary.last),
        "best": _best_object(summary.best),
        "folder": str(store.root / "runs" / summary.run),
    }


def _best_object(best: Best | None) -> dict[str, Any] | None:
    if best is None:
        return None
    metric = "accuracy" if best.metric == "accuracy" else "mean_squared_error"
    return {"step": best.step, metric: best.value, "interval": best.interval}


def trained_words(store: Store, ended: RunEnded) -> str:
    """The same in words, and what to do next."""
    summary = store.open(ended.run).summary()
    line = f"{summary.run} is {summary.status.value} after {summary.step:,} steps"
    line += f" and {_seconds(summary.duration_s)}."
    if summary.reason:
        line += f" {summary.reason}"
    if summary.best is not None:
        best = summary.best
        line += f"\nBest validation: {_value(best.value, best.interval, best.metric)}"
        line += f" at step {best.step:,}."
    return f"{line}\nNext: fewshot-workbench evaluate {summary.number}"


def _score_object(found: Score, metric: str) -> dict[str, Any]:
    return {
        metric: found.value,
        "interval": found.interval,
        "tasks": found.tasks,
        "before": None if math.isnan(found.before) else found.before,
        "normalisation": found.mode,
        "trace": list(found.trace),
    }


def evaluated_words(found: Evaluated, metric: str) -> str:
    """The same in words."""
    rows = [
        (
            name,
            _value(one.value, one.interval, metric),
            "–" if math.isnan(one.before) else _value(one.before, math.nan, metric),
            f"{one.tasks:,}",
            one.mode,
        )
        for name, one in (("inductive", found.inductive), ("transductive", found.transductive))
    ]
    head = f"{found.run}, {found.split} split, weights of step {found.step:,}"
    heads = ("", metric.replace("_", " "), "before", "tasks", "normalisation")
    besides = [(name.replace("_", " "), f"{value:.3f}") for name, value in found.metrics.items()]
    parts = [head, table(heads, rows), *([table(("besides", "mean"), besides)] if besides else [])]
    return "\n".join(parts)


def adapted(found: Adapted, taught: Taught, asked: Asked) -> dict[str, Any]:
    """Answers to queries for JSON."""
    answers = found.answers[-1]
    queries = [
        {
            "image": str(file),
            "answer": taught.names[int(row.argmax())],
            "probabilities": dict(zip(taught.names, map(float, row), strict=True)),
        }
        for file, row in zip(asked.files, answers, strict=True)
    ]
    return {
        "run": found.run,
        "step": found.step,
        "classes": list(taught.names),
        "queries": queries,
        "accuracy": asked.accuracy(answers),
        "normalisation": found.normalisation,
        "milliseconds": found.milliseconds,
    }


def adapted_words(found: Adapted, taught: Taught, asked: Asked) -> str:
    """The same in words."""
    rows = [
        (_short(file), taught.names[int(row.argmax())], *(f"{100 * p:.1f} %" for p in row))
        for file, row in zip(asked.files, found.answers[-1], strict=True)
    ]
    lines = table(("image", "answer", *taught.names), rows)
    accuracy = asked.accuracy(found.answers[-1])
    if accuracy is not None:
        lines += f"\nRight: {100 * accuracy:.1f} % of {len(asked.files)}"
    return lines


def _value(value: float, interval: float, metric: str) -> str:
    if metric == "accuracy":
        return f"{100 * value:.1f} %" if math.isnan(interval) else percent(value, interval)
    return f"{value:.3g}" if math.isnan(interval) else f"{value:.3g} ± {interval:.2g}"


def _seconds(seconds: float) -> str:
    if 0 < seconds < 1:
        return f"{1000 * seconds:.3g} ms"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def _short(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
