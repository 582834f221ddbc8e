"""Every method learns with what it recommends: a short run on invented alphabets, small network.

A mistake in a recommendation, or in the mathematics, that shows after ten steps and not in one has
no other test: a loss that is no number at step eight, features that grow until inner steps run away.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.evaluate import evaluate
from workbench.engine.session import Session
from workbench.interfaces import ALGORITHMS
from workbench.services.experiment import resolve
from workbench.services.training import start
from workbench.store import Store

# Readers of sequences need thousands of them before they bind a label.
READERS = {"mann", "ntm"}
TASKS = 400  # of five classes; fewer where a task has more
GAIN = 0.05
SMALL = {
    "dataset": "glyphs",
    "task.n_way": 5,
    "task.k_shot": 1,
    "task.queries": 15,
    "backbone.width": 16,
    "validation.tasks": 2,
    "device": "cpu",
}


def accuracy(session: Session, state: object) -> float:
    running = evaluate(session, state, "test", 100, points=2)
    while True:
        try:
            next(running)
        except StopIteration as stop:
            return stop.value.inductive.value


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ALGORITHMS if name not in READERS])
def test_a_short_run_with_its_recommendations_is_better_than_none(
    name: str, tmp_path: Path
) -> None:
    values = SMALL | {"algorithm": name}
    training = resolve(values).training
    steps = TASKS * 5 // (training.n_way or 5) // training.meta_batch
    rarely = {"validation.every": steps, "validation.save_every": steps}
    run = start(resolve(values | rarely | {"training.steps": steps}), Store(tmp_path))
    session = run.trainer.session
    before = accuracy(session, session.initial_state())
    ended = run.execute(lambda event: None)
    assert ended.status == "done", ended.reason
    after = accuracy(session, run.trainer.published[1])
    print(f"LEARN {name} {before:.3f} {after:.3f} {run.trainer.seconds:.0f}s")
    assert after > before + GAIN
