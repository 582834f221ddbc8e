"""How long a model takes to answer a drawing: the first after it was taught, and a further one.

    python -m benchmarks.answers
    python -m benchmarks.answers --methods maml leo --shots 1 5

5-way, Conv-4 with what each method recommends, one query of 28x28, on one core; the median of
several. Weights are those before training, which cost the same. The window's part is not in it:
that is `benchmarks.window`.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import replace

WAYS = 5


def milliseconds(method: str, shots: int, repeats: int) -> tuple[float, float]:
    """Of the first question and of a further one."""
    import numpy as np
    import torch

    from workbench.engine.session import Session
    from workbench.protocol import Adapt
    from workbench.services.adaptation import AdaptedModels
    from workbench.services.experiment import resolve
    from workbench.services.runs import from_cache, silent

    torch.set_num_threads(1)
    task = {"task.n_way": WAYS, "task.k_shot": shots}
    config = resolve({"algorithm": method, "dataset": "glyphs", "device": "cpu", **task})
    session = Session(config, from_cache(config, silent))
    state, random = session.initial_state(), np.random.default_rng(0)
    first, further = [], []
    for _ in range(repeats + 1):
        pictures = random.integers(0, 256, (WAYS * shots + 2, 1, 28, 28), dtype=np.uint8)
        labels = np.repeat(np.arange(WAYS), shots)
        command = Adapt(0, "run", pictures[:-2], labels, pictures[-2:-1])
        models = AdaptedModels()
        first.append(models.answer(session, 0, state, command).milliseconds)
        command = replace(command, query_x=pictures[-1:])
        further.append(models.answer(session, 0, state, command).milliseconds)
    return statistics.median(first[1:]), statistics.median(further[1:])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--methods", nargs="+", default=["maml", "anil", "reptile", "protonet"])
    parser.add_argument("--shots", nargs="+", type=int, default=[1, 5])
    parser.add_argument("--repeats", type=int, default=9)
    given = parser.parse_args()
    print("| method | shots | first, ms | further, ms |\n|---|---|---|---|")
    for method in given.methods:
        for shots in given.shots:
            first, further = milliseconds(method, shots, given.repeats)
            print(f"| {method} | {shots} | {first:.0f} | {further:.1f} |", flush=True)


if __name__ == "__main__":
    main()
