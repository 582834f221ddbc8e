"""What FAME forgets of twenty tasks met one after the other, beside MAML, sequence by sequence.

    python -m benchmarks.forgetting --omniglot images_background.zip
    python -m benchmarks.forgetting --omniglot images_background.zip --penalties 1 10 100

Both train for the same budget with the same settings on the same tasks. Then each meets sequences
of 5-way 1-shot test tasks, each task from where the one before has ended and all with the same five
outputs; FAME begins a sequence with an empty memory. Learned: accuracy on a task just after it was
met. Kept: on the same queries at the end of the sequence. An interval is 1.96 standard errors over
the sequences of all seeds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pools import fresh_processes
from benchmarks.rows import COMMON

LENGTH = 20


@dataclass(frozen=True)
class Sequences:
    """Of one seed of one method: means over the tasks of each sequence."""

    method: str
    seed: int
    learned: tuple[float, ...]
    kept: tuple[float, ...]


def measure(
    method: str, penalties: Sequence[float], seed: int, budget: int, count: int, omniglot: str
) -> list[Sequences]:
    """Train, then meet the sequences, once for each penalty; in a process of its own."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.engine.session import Session
    from workbench.services.experiment import resolve
    from workbench.services.training import start
    from workbench.store import Store

    values = COMMON | {"dataset": "omniglot", "dataset.path": omniglot, "algorithm": method}
    values |= {"training.seed": seed, "training.threads": 1, "validation.tasks": 2}
    steps = max(budget // resolve(values).training.meta_batch, 1)
    values |= {"training.steps": steps, "validation.every": steps, "validation.save_every": steps}
    config = resolve(values)
    with tempfile.TemporaryDirectory() as folder:
        run = start(config, Store(Path(folder)))
        run.execute(_ignore)
        learned = run.trainer.published[1]
    found = []
    for penalty in penalties if method == "fame" else [None]:
        chosen = {} if penalty is None else {"algorithm.penalty": penalty}
        session = Session(resolve(values | chosen), run.trainer.session.data)
        name = method if penalty is None else f"{method}, λ = {penalty:g}"
        found.append(Sequences(name, seed, *_sequences(session, learned, count)))
        print(f"{name}, seed {seed}: kept {100 * np.mean(found[-1].kept):.1f} %", flush=True)
    return found


def _ignore(event: object) -> None:
    pass


def _sequences(session: Any, first: Any, count: int) -> tuple[tuple[float, ...], ...]:
    from workbench.engine.evaluate import modes
    from workbench.engine.sequence import forgetting

    (inductive, _), learned, kept = modes(session), [], []
    for number in range(count):
        batch = session.tasks("test", number, LENGTH)
        noise = session.noise("test", number, batch, None)
        found = forgetting(session.algorithm, first, batch, noise, inductive)
        learned.append(float(np.mean(found.learned)))
        kept.append(float(np.mean(found.kept)))
    return tuple(learned), tuple(kept)


def table(found: Sequence[Sequences]) -> str:
    """As Markdown, in percent; the last column against MAML, sequence by sequence."""
    names = list(dict.fromkeys(one.method for one in found))
    plain = _values(found, "maml")
    lines = ["| method | learned | kept | forgotten | kept, less MAML |", "|---" * 5 + "|"]
    for name in names:
        learned, kept = _values(found, name)
        cells = [learned, kept, learned - kept, kept - plain[1]]
        words = [f"{values.mean():.1f} ± {_half(values):.1f}" for values in cells]
        lines.append(f"| {name} | {' | '.join(words[: 3 if name == 'maml' else 4])} |")
    return "\n".join(lines)


def _values(found: Sequence[Sequences], name: str) -> NDArray[np.float64]:
    """(2, sequences): learned and kept, in percent."""
    same = sorted((one for one in found if one.method == name), key=lambda one: one.seed)
    return 100 * np.concatenate([np.array([one.learned, one.kept]) for one in same], axis=1)


def _half(values: NDArray[np.float64]) -> float:
    return float(1.96 * values.std(ddof=1) / np.sqrt(len(values)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--omniglot", required=True, help="images_background.zip or its folder")
    parser.add_argument("--budget", type=int, default=2000, help="training tasks of each")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sequences", type=int, default=30, help="of each seed")
    parser.add_argument("--penalties", nargs="+", type=float, default=[1.0], help="FAME's λ")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time, a core each")
    given = parser.parse_args()
    with fresh_processes(given.jobs) as pool:
        jobs = [
            pool.submit(
                measure,
                method,
                given.penalties,
                seed,
                given.budget,
                given.sequences,
                given.omniglot,
            )
            for seed in range(given.seeds)
            for method in ("maml", "fame")
        ]
        found = [one for job in jobs for one in job.result()]
    print(table(found))
    print(f"{given.budget:,} training tasks, sequences of {LENGTH} test tasks")


if __name__ == "__main__":
    main()
