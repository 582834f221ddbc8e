"""Tasks of files are scored as a split's own are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.worlds import session
from workbench.engine.episodes import CHUNK
from workbench.engine.evaluate import Evaluation, evaluate
from workbench.engine.files import FromFiles
from workbench.engine.session import Session
from workbench.errors import ConfigError, DataError
from workbench.oneshot import load_tasks
from workbench.taskfile import Example, TaskFile


def finished(place: Session, **options: object) -> Evaluation:
    running = evaluate(place, place.initial_state(), "test", 3, **options)  # type: ignore[arg-type]
    while True:
        try:
            next(running)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


def as_file(task) -> TaskFile:  # type: ignore[no-untyped-def]  # a Task
    def example(pixels: torch.Tensor) -> Example:
        return Example((255 * pixels).round().numpy().astype(np.uint8))

    shots = [
        tuple(example(x) for x, y in zip(task.support_x, task.support_y, strict=True) if y == way)
        for way in range(task.n_way)
    ]
    queries = [(example(x), int(y)) for x, y in zip(task.query_x, task.query_y, strict=True)]
    return TaskFile(
        tuple(f"class {way}" for way in range(task.n_way)), tuple(shots), tuple(queries)
    )


def test_tasks_of_a_split_have_the_same_scores_when_they_come_from_files() -> None:
    place = session()
    files = [as_file(task) for task in place.tasks("test", 0, CHUNK)][:3]
    own, read = finished(place), finished(place, chunk=FromFiles(place, files))
    assert read.inductive.per_task == own.inductive.per_task
    assert read.transductive.per_task == own.transductive.per_task


def test_what_cannot_be_answered_or_scored_is_refused() -> None:
    place = session()
    task = as_file(place.tasks("test", 0, 1)[0])
    wide = replace(task, names=("a",) * 9, shots=(task.shots[0],) * 9)
    with pytest.raises(ConfigError, match="9 classes; this run tells"):
        FromFiles(place, [wide])
    with pytest.raises(DataError, match="does not say what its queries are"):
        FromFiles(place, [replace(task, queries=((task.queries[0][0], None),))])
    with pytest.raises(DataError, match="Task 2 does not say what its queries are"):
        FromFiles(place, [task, replace(task, shots=((), *task.shots[1:]))])
    with pytest.raises(DataError, match="Task 1 teaches nothing"):
        FromFiles(place, [replace(task, shots=((),) * 3)])


def test_a_class_without_an_example_is_left_out() -> None:
    place = session()
    task = as_file(place.tasks("test", 0, 1)[0])
    more = replace(task, names=("nobody drew this", *task.names), shots=((), *task.shots))
    more = replace(more, queries=tuple((image, 1 + truth) for image, truth in task.queries))
    (plain, _), (left, _) = (FromFiles(place, [one])(0)[0] for one in (task, more))
    assert left.n_way == 3
    assert torch.equal(left.query_y, plain.query_y)
    assert torch.equal(left.support_x, plain.support_x)


def test_omniglots_one_shot_runs_are_tasks_of_twenty_letters() -> None:
    """Real ones, scored by a method of any ways; guessing names one letter of twenty."""
    real = Path(__file__).parents[3] / "shared" / "data" / "omniglot" / "one_shot_runs.zip"
    if not real.exists():
        pytest.skip("one_shot_runs.zip is not beside the project")
    place = session(
        algorithm="protonet", training__n_way=3, backbone__width=32, norm__eval="support"
    )
    read = load_tasks(real)
    assert {len(task.names) for task in read} == {20}
    found = finished(place, chunk=FromFiles(place, read))
    assert found.inductive.value > 0.1
