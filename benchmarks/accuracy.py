"""Accuracy on real Omniglot under one protocol, each figure beside its own untrained self.

    python -m benchmarks.accuracy --omniglot images_background.zip
    python -m benchmarks.accuracy --omniglot images_background.zip --rows mann --quick
    python -m benchmarks.accuracy --omniglot images_background.zip --rows all --figures all.jsonl
    python -m benchmarks.accuracy --omniglot images_background.zip --rows maml fame --paired maml

20 alphabets to train, 5 to validate, 5 to test, as the data set's settings list them; 5-way 1-shot;
the same fixed, seeded test tasks for every row, seed and budget. A budget is a number of training
tasks; the untrained network is that of seed 0. Weights are those at the end of the budget: nothing
is chosen on the test tasks.

A figure is the mean over seeds and tasks ± 1.96 SD / sqrt(seeds * tasks), in percent. `--paired`
adds differences to a row, taken task by task, with their 95 % interval over seeds by Student's t
(over tasks, where there is one seed). With
`--figures` each is written down as it is found, and what a file already holds is not measured
again: a long table may be interrupted and gone on with.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import resource
import subprocess
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import (
    MODES,
    Figure,
    keep,
    kept,
    markdown,
    presentations,
    table,
)
from benchmarks.pools import fresh_processes
from benchmarks.rows import COMMON, ROWS, chosen, row_called


def settings(name: str, budget: int, seed: int, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one seed of a row trains with, by the names of the settings."""
    from workbench.services.experiment import resolve

    row = row_called(name)
    values = COMMON | real(options) | {"algorithm": row.algorithm, **row.settings}
    values |= options["set"] | {"training.seed": seed, "training.threads": 1}
    steps = max(budget // resolve(values).training.meta_batch, 1)
    rarely = {"validation.every": steps, "validation.save_every": steps, "validation.tasks": 2}
    return values | rarely | {"training.steps": steps}


def real(options: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the test tasks."""
    return {"dataset": "omniglot", "dataset.path": options["omniglot"]}


def mark(name: str, budget: int, seed: int, options: Mapping[str, Any]) -> str:
    """The same for what measures the same, wherever the data lie."""
    from workbench.services.experiment import resolve, to_flat

    flat = to_flat(resolve(settings(name, budget, seed, options)))
    same = sorted((key, value) for key, value in flat.items() if key != "dataset.path")
    what = repr((same, budget, options["tasks"]))
    return hashlib.sha256(what.encode()).hexdigest()[:12]


class UnfinishedError(Exception):
    """A training did not reach its end, so there is nothing to score."""


def measure(name: str, budget: int, seed: int, options: Mapping[str, Any]) -> Figure:
    """Train one seed of a row for a budget and score it; runs in a process of its own."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.engine.session import Session
    from workbench.services.experiment import resolve
    from workbench.services.runs import from_cache, silent
    from workbench.services.training import start
    from workbench.store import Store

    values, code = settings(name, budget, seed, options), commit()
    config, tested = resolve(values), resolve(values | real(options))
    session = Session(tested, from_cache(tested, silent))
    state, seconds = session.initial_state(), 0.0
    if budget:
        with tempfile.TemporaryDirectory() as folder:
            run = start(config, Store(Path(folder)))
            ended = run.execute(_ignore)
            if ended.status != "done":
                raise UnfinishedError(f"{name} seed {seed}, {budget:,} tasks: {ended.reason}")
            state, seconds = run.trainer.published[1], run.trainer.seconds
    per_task, metrics = _score(session, state, options["tasks"])
    means = {mode: round(100 * float(np.mean(per_task[mode])), 2) for mode in MODES}
    print(f"{name} seed {seed}, {budget:,} tasks, {seconds:.0f} s: {means}", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    marked = mark(name, budget, seed, options)
    row = " ".join([name, *(f"{key}={value}" for key, value in options["set"].items())])
    return Figure(row, seed, budget, marked, code, seconds, memory, per_task, metrics)


def commit() -> str:
    """Of the code that measures, with a + where files differ from it."""
    words = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def _ignore(event: object) -> None:
    pass


def _score(session: Any, state: Any, tasks: int) -> tuple[dict[str, Any], dict[str, float]]:
    from workbench.engine.evaluate import evaluate

    running = evaluate(session, state, "test", tasks, points=2)
    while True:
        try:
            next(running)
        except StopIteration as stop:
            found = stop.value
            per_task = {mode: getattr(found, mode).per_task for mode in MODES}
            return per_task, dict(found.metrics)


def _given(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)


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
    parser.add_argument("--set", nargs="+", default=[], metavar="SETTING=VALUE", help="in each row")
    parser.add_argument("--figures", type=Path, help="a file that keeps what is found")
    parser.add_argument("--paired", metavar="ROW", default="", help="a column of differences to it")
    parser.add_argument("--csv", type=Path, help="write the table here")
    parser.add_argument("--markdown", type=Path, help="write the table here")
    given = parser.parse_args()
    options = {
        "omniglot": given.omniglot,
        "tasks": 100 if given.quick else given.tasks,
        "set": _given(given.set),
    }
    rows = chosen(parser, given.rows)
    if given.paired and given.paired not in rows:
        parser.error(f"--paired {given.paired}: that is none of the rows {', '.join(rows)}")
    share = 10 if given.quick else 1
    seeds = range(1 if given.quick else given.seeds)
    wanted = [
        (row, budget // share, seed)
        for seed in seeds
        for row in rows
        for budget in (*(given.budgets or row_called(row).budgets), 0)
        if budget or not seed
    ]
    began = time.perf_counter()
    marks = {mark(*one, options): one for one in wanted}
    figures = [one for one in kept(given.figures) if one.mark in marks]
    missing = [one for key, one in marks.items() if key not in {had.mark for had in figures}]
    unfinished: list[str] = []
    with fresh_processes(given.jobs) as pool:
        for job in as_completed([pool.submit(measure, *one, options) for one in missing]):
            try:
                figures.append(job.result())
            except UnfinishedError as error:
                unfinished.append(str(error))
                print(error, flush=True)
            else:
                keep(given.figures, figures[-1])
    lines = table(figures, given.paired)
    print(markdown(lines))
    for sentence in presentations(figures):
        print(sentence)
    print(f"{options['tasks']} test tasks, {(time.perf_counter() - began) / 60:.0f} min in all")
    if given.csv:
        with given.csv.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(lines)
    if given.markdown:
        given.markdown.write_text(f"{markdown(lines)}\n", encoding="utf-8")
    if unfinished:
        parser.exit(1, "not in the table, as their training failed:\n" + "\n".join(unfinished))


if __name__ == "__main__":
    main()
