"""How long a person waits for a good model: seconds of training until validation reaches a goal.

    python -m benchmarks.seconds --omniglot images_background.zip
    python -m benchmarks.seconds --omniglot images_background.zip --rows protonet --goal 90

The rows and their settings are those of `benchmarks.accuracy`; all cores, validations included.
Each validation is 5-way 1-shot on the same 200 tasks of the 5 alphabets set aside, normalised
as the method recommends: by running averages for prototypical networks, by the support set for
MAML. A cosine schedule ends where the row's budget ends, so a goal is reached on the way there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.pools import fresh_processes
from benchmarks.rows import COMMON, ROWS, row_called

GOALS = {"protonet": 95.0, "maml": 85.0}
VALIDATIONS = 40  # in a budget
TASKS = 200  # of a validation


@dataclass(frozen=True)
class Waited:
    """One seed of one row; nothing of what was never reached."""

    row: str
    seed: int
    goal: float
    curve: tuple[tuple[int, float, float], ...]  # tasks, seconds, percent

    @property
    def reached(self) -> tuple[int, float, float] | None:
        return next((point for point in self.curve if point[2] >= self.goal), None)


def measure(name: str, seed: int, goal: float, omniglot: str) -> Waited:
    """Train until the goal, or to the end of the budget; in a process of its own."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.protocol import Event, RunValidated
    from workbench.services.experiment import resolve
    from workbench.services.training import start
    from workbench.store import Store

    row = row_called(name)
    values = COMMON | {"dataset": "omniglot", "dataset.path": omniglot, "training.seed": seed}
    values |= {"algorithm": row.algorithm, **row.settings}
    batch = resolve(values).training.meta_batch
    steps = max(row.budgets) // batch
    values |= {"training.steps": steps, "validation.every": steps // VALIDATIONS}
    values |= {"validation.tasks": TASKS, "validation.save_every": steps}
    curve: list[tuple[int, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        run = start(resolve(values), Store(Path(folder)))

        def on_event(event: Event) -> None:
            if isinstance(event, RunValidated):
                curve.append((event.step * batch, run.trainer.seconds, 100 * event.value))
                now = f"{curve[-1][1]:,.0f} s, {curve[-1][0]:,} tasks, {curve[-1][2]:.1f} %"
                print(f"{name}, seed {seed}: {now}", flush=True)
                if curve[-1][2] >= goal:
                    run.ask("abort")

        run.execute(on_event)
    return Waited(name, seed, goal, tuple(curve))


def report(found: Sequence[Waited]) -> None:
    """A line for each seed, and the median of each row."""
    for one in found:
        best = max(value for _, _, value in one.curve)
        tasks, seconds, _ = one.reached or (0, float("nan"), 0)
        words = f"{seconds:,.0f} s, {tasks:,} tasks" if one.reached else f"never; best {best:.1f} %"
        print(f"{one.row}, seed {one.seed}, to {one.goal:g} %: {words}")
    for name in dict.fromkeys(one.row for one in found):
        same = [one.reached for one in found if one.row == name]
        if all(same):
            print(f"{name}: median {np.median([one[1] for one in same if one]):,.0f} s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--omniglot", required=True, help="images_background.zip or its folder")
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(GOALS))
    parser.add_argument("--goal", type=float, help="percent; by default each row's own")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    with fresh_processes(1) as pool:
        found = [
            pool.submit(
                measure, row, seed, given.goal or GOALS.get(row, 85.0), given.omniglot
            ).result()
            for row in given.rows
            for seed in range(given.seeds)
        ]
    report(found)
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=1))


if __name__ == "__main__":
    main()
