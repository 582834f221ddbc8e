"""Figures of the accuracy table: kept in a file as they are found, averaged, compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PRESENTATION = "presentation_"  # a metric of readers of sequences, before its number
MODES = ("inductive", "transductive")
# Student's t at 97.5 % for 1, 2, ... degrees of freedom: a few seeds know little of their spread.
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
HEADS = (
    "method",
    "training tasks",
    *MODES,
    "untrained",
    "each seed",
    "training, one core",
    "peak MB",
    "commit",
)


@dataclass(frozen=True)
class Figure:
    """One seed of one row at one budget: accuracies of each test task, by mode."""

    row: str
    seed: int
    budget: int
    mark: str  # of the settings and the test tasks: equal marks measure the same
    commit: str
    seconds: float
    memory: float  # MB at the peak of its process
    per_task: Mapping[str, Sequence[float]]
    metrics: Mapping[str, float]  # what the method measures besides


def kept(path: Path | None) -> list[Figure]:
    """The figures of a file that `keep` wrote; none where there is no file."""
    if path is None or not path.exists():
        return []
    return [Figure(**json.loads(line)) for line in path.read_text().splitlines()]


def keep(path: Path | None, figure: Figure) -> None:
    """Add a figure to a file, a line for each."""
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(figure)) + "\n")


def interval(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Mean and half of its 95 % interval, by Student's t for up to eleven values; a single value
    has none (nan)."""
    numbers, count = np.asarray(values), len(values)
    if count < 2:
        return float(numbers.mean()), float("nan")
    factor = STUDENT[count - 2] if count - 2 < len(STUDENT) else 1.96
    return float(numbers.mean()), float(factor * numbers.std(ddof=1) / np.sqrt(count))


def table(figures: Sequence[Figure], against: str = "") -> list[list[str]]:
    """The figures as cells under `HEADS`, in a last column less those of the row `against`, where
    one is named; the heads are the first line."""
    lines = [[*HEADS, *([f"less {against}"] if against else [])]]
    for row, budget in sorted({(one.row, one.budget) for one in figures if one.budget}):
        same = [one for one in figures if (one.row, one.budget) == (row, budget)]
        same.sort(key=lambda one: one.seed)
        untrained = [one for one in figures if (one.row, one.budget) == (row, 0)]
        cells = [_cell(same, mode) for mode in MODES] + [_cell(untrained, "inductive")]
        seeds = ", ".join(f"{100 * np.mean(one.per_task['inductive']):.1f}" for one in same)
        minutes = np.mean([one.seconds for one in same]) / 60
        memory = max(one.memory for one in same)
        commits = ", ".join(sorted({one.commit for one in same}))
        cost = [f"{minutes:.1f} min", f"{memory:,.0f}"]
        less = [difference(figures, row, budget, against)] if against else []
        lines.append([row, f"{budget:,}", *cells, seeds, *cost, commits, *less])
    return lines


def presentations(figures: Sequence[Figure]) -> list[str]:
    """What readers of sequences answer when a class is shown for the first, second, … time, in
    percent, the mean over seeds, as sentences."""
    sentences = []
    for row, budget in sorted({(one.row, one.budget) for one in figures if one.budget}):
        same = [one for one in figures if (one.row, one.budget) == (row, budget)]
        names = [name for name in same[0].metrics if name.startswith(PRESENTATION)]
        means = [100 * np.mean([one.metrics[name] for one in same]) for name in names]
        if means:
            each = ", ".join(f"{mean:.1f}" for mean in means)
            sentences.append(f"{row}, {budget:,} tasks, by presentation: {each}")
    return sentences


def difference(figures: Sequence[Figure], row: str, budget: int, name: str) -> str:
    """How many points a row is above the row `name` at the same budget; empty where no seed has
    both.

    A difference is taken task by task and averaged for each seed, whose tasks share two trained
    models; its interval is that over seeds, or over tasks where there is a single seed.
    """
    found = {(one.row, one.budget, one.seed): one.per_task["inductive"] for one in figures}
    pairs = [
        100 * (np.array(found[row, budget, seed]) - np.array(found[name, budget, seed]))
        for seed in sorted({one.seed for one in figures})
        if row != name and (row, budget, seed) in found and (name, budget, seed) in found
    ]
    if not pairs:
        return ""
    seeds = np.array([one.mean() for one in pairs])
    mean, half = interval(seeds if len(pairs) > 1 else pairs[0])
    return f"{mean:+.1f} ± {half:.1f}"


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """Lines, heads first, as Markdown."""
    rows = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(figures: Sequence[Figure], mode: str) -> str:
    if not figures:
        return "–"
    mean, half = interval(100 * np.concatenate([one.per_task[mode] for one in figures]))
    return f"{mean:.1f} ± {half:.1f}"
