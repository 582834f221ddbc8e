"""Accuracy on real Omniglot under one protocol, each figure beside its own untrained self.

    python -m benchmarks.accuracy --omniglot images_background.zip
    python -m benchmarks.accuracy --omniglot images_background.zip --rows protonet --quick
    python -m benchmarks.accuracy --omniglot images_background.zip --rows all --csv table.csv
    python -m benchmarks.accuracy --omniglot images_background.zip --rows maml fame --paired maml

20 alphabets to train, 5 to validate, 5 to test, as the data set's settings list them; 5-way 1-shot;
the same fixed, seeded test tasks for every row, seed and budget. A budget is a number of training
tasks; 0 is the untrained network. Weights are those at the end of the budget: nothing is chosen on
the test tasks.

A figure is the mean over seeds and tasks ± 1.96 SD / sqrt(seeds * tasks), in percent.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

COMMON = {
    "task.n_way": 5,
    "task.k_shot": 1,
    "task.queries": 15,
    "device": "cpu",
}
MODES = ("inductive", "transductive")


@dataclass(frozen=True)
class Row:
    """A method, how it differs from its defaults, and the budgets in training tasks."""

    algorithm: str
    budgets: tuple[int, ...]
    settings: Mapping[str, Any]


# Fewer queries in training than in the test: four tasks for the time of three.
MAML = {"training.meta_batch": 4, "training.optimizer.lr": 2e-3, "training.queries": 5}
COSINE = {"training.schedule": "cosine"}
ROWS = {
    "maml": Row("maml", (8000, 2000), COSINE | MAML | {"backbone.downsample": "pool"}),
    "protonet": Row("protonet", (2000,), COSINE),
    # Trained on invented alphabets alone, tested on real ones.
    "protonet-glyphs": Row("protonet", (2000,), COSINE | {"dataset": "glyphs"}),
}
BRIEF = 2000
HEADS = (
    "method",
    "training tasks",
    *MODES,
    "untrained",
    "each seed",
    "training, one core",
    "peak MB",
)


@dataclass(frozen=True)
class Figure:
    """One seed of one row at one budget: accuracies of each test task, by mode."""

    row: str
    seed: int
    budget: int
    seconds: float
    memory: float  # MB at the peak of its process
    per_task: Mapping[str, tuple[float, ...]]


def measure(name: str, budget: int, seed: int, options: Mapping[str, Any]) -> Figure:
    """Train one seed of a row for a budget and score it; runs in a process of its own."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.engine.session import Session
    from workbench.services.experiment import resolve
    from workbench.services.runs import from_cache, silent
    from workbench.services.training import start
    from workbench.store import Store

    row = row_called(name)
    real = {"dataset": "omniglot", "dataset.path": options["omniglot"]}
    values = COMMON | real | {"algorithm": row.algorithm, **row.settings}
    values |= {"training.seed": seed, "training.threads": 1}
    steps = max(budget // resolve(values).training.meta_batch, 1)
    often = {"validation.every": steps, "validation.save_every": steps}
    config = resolve(values | often | {"training.steps": steps})
    tested = resolve(values | often | real)
    session = Session(tested, from_cache(tested, silent))
    state, seconds = session.initial_state(), 0.0
    if budget:
        with tempfile.TemporaryDirectory() as folder:
            run = start(config, Store(Path(folder)))
            run.execute(_ignore)
            state, seconds = run.trainer.published[1], run.trainer.seconds
    per_task = _score(session, state, options["tasks"])
    means = {mode: round(100 * float(np.mean(per_task[mode])), 2) for mode in MODES}
    print(f"{name} seed {seed}, {budget:,} tasks: {means}", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figure(name, seed, budget, seconds, memory, per_task)


def row_called(name: str) -> Row:
    """A row by its name; any other method with what it recommends, in the brief budget."""
    return ROWS.get(name) or Row(name, (BRIEF,), {})


def _ignore(event: object) -> None:
    pass


def _score(session: Any, state: Any, tasks: int) -> dict[str, tuple[float, ...]]:
    from workbench.engine.evaluate import evaluate

    running = evaluate(session, state, "test", tasks, points=2)
    while True:
        try:
            next(running)
        except StopIteration as stop:
            found = stop.value
            return {
                "inductive": found.inductive.per_task,
                "transductive": found.transductive.per_task,
            }


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half of its 95 % interval, in percent."""
    numbers = 100 * np.array(values)
    return float(numbers.mean()), float(1.96 * numbers.std(ddof=1) / np.sqrt(len(numbers)))


def table(figures: Sequence[Figure]) -> list[list[str]]:
    """The figures as cells under `HEADS`."""
    lines = []
    for row, budget in sorted({(one.row, one.budget) for one in figures if one.budget}):
        same = [one for one in figures if (one.row, one.budget) == (row, budget)]
        untrained = [one for one in figures if (one.row, one.budget) == (row, 0)]
        cells = [_cell(same, mode) for mode in MODES] + [_cell(untrained, "inductive")]
        seeds = ", ".join(f"{100 * np.mean(one.per_task['inductive']):.1f}" for one in same)
        minutes = np.mean([one.seconds for one in same]) / 60
        memory = max(one.memory for one in same)
        lines.append([row, f"{budget:,}", *cells, seeds, f"{minutes:.1f} min", f"{memory:,.0f}"])
    return lines


def paired(figures: Sequence[Figure], name: str) -> list[str]:
    """How far every other row is from the row `name` at the same budget, as sentences.

    A difference is taken task by task and averaged for each seed, whose tasks share two trained
    models; its interval is that over seeds, or over tasks where there is a single seed.
    """
    found = {(one.row, one.budget, one.seed): one.per_task["inductive"] for one in figures}
    sentences = []
    for row, budget in sorted({(row, size) for row, size, _ in found if row != name and size}):
        pairs = [
            np.array(scores) - np.array(found[name, budget, seed])
            for (other, size, seed), scores in found.items()
            if (other, size) == (row, budget) and (name, budget, seed) in found
        ]
        if pairs:
            over = [float(one.mean()) for one in pairs] if len(pairs) > 1 else list(pairs[0])
            mean, half = interval(over)
            what = f"{len(pairs)} seeds" if len(pairs) > 1 else "the tasks of one seed"
            words = f"{mean:+.2f} ± {half:.2f} points over {what}"
            sentences.append(f"{row} - {name}, {budget:,} tasks: {words}")
    return sentences


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """The same as Markdown."""
    rows = [HEADS, ["---"] * len(HEADS), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(figures: Sequence[Figure], mode: str) -> str:
    mean, half = interval([value for one in figures for value in one.per_task[mode]])
    return f"{mean:.1f} ± {half:.1f}"


def _rows(parser: argparse.ArgumentParser, names: Sequence[str]) -> list[str]:
    from workbench.interfaces import ALGORITHMS

    methods = [name for name in ALGORITHMS if "classification" in ALGORITHMS[name].traits.kinds]
    known = [*ROWS, *(name for name in methods if name not in ROWS)]
    unknown = set(names) - {*known, "all"}
    if unknown:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return known if "all" in names else list(names)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--omniglot", required=True, help="images_background.zip or its folder")
    parser.add_argument("--rows", nargs="+", default=list(ROWS), help="rows, methods, or all")
    parser.add_argument("--budgets", nargs="+", type=int, help="these instead of the rows' own")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=1000, help="test tasks")
    parser.add_argument("--jobs", type=int, default=2, help="seeds at a time, a core each")
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the budget, 100 test tasks"
    )
    parser.add_argument("--json", type=Path, help="write every task's accuracy here")
    parser.add_argument("--paired", metavar="ROW", help="differences to this row, task by task")
    parser.add_argument("--csv", type=Path, help="write the table here")
    given = parser.parse_args()
    options = {
        "omniglot": given.omniglot,
        "tasks": 100 if given.quick else given.tasks,
        "shrink": 10 if given.quick else 1,
    }
    seeds = 1 if given.quick else given.seeds
    began = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    rows = _rows(parser, given.rows)
    if given.paired and given.paired not in rows:
        parser.error(f"--paired {given.paired}: that is none of the rows {', '.join(rows)}")
    with ProcessPoolExecutor(given.jobs, mp_context=context, max_tasks_per_child=1) as pool:
        jobs = [
            pool.submit(measure, row, budget // options["shrink"], seed, options)
            for row in rows
            for budget in (*(given.budgets or row_called(row).budgets), 0)
            for seed in range(seeds)
        ]
        figures = [job.result() for job in jobs]
    print(markdown(table(figures)))
    for sentence in paired(figures, given.paired) if given.paired else []:
        print(sentence)
    print(f"{options['tasks']} test tasks, {(time.perf_counter() - began) / 60:.0f} min in all")
    if given.csv:
        with given.csv.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADS, *table(figures)])
    if given.json:
        given.json.write_text(json.dumps([asdict(figure) for figure in figures]))


if __name__ == "__main__":
    main()
