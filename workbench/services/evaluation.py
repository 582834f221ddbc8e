"""The number at the end: a run scored on the fixed tasks of a split, inductively and
transductively."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal, cast, get_args

from workbench.engine.episodes import Split as Drawn
from workbench.engine.evaluate import Evaluation, modes
from workbench.engine.evaluate import evaluate as score
from workbench.engine.files import FromFiles
from workbench.engine.replay import Replay, trained_on
from workbench.engine.sequence import Following, forgetting
from workbench.engine.session import Session
from workbench.errors import ConfigError
from workbench.protocol import Evaluated
from workbench.schema.experiment import NormMode
from workbench.services.runs import OpenRun, silent
from workbench.sources import Progress
from workbench.taskfile import TaskFile
from workbench.tasklist import TaskList

Split = Literal["validation", "test"]
LENGTH = 20  # tasks of a sequence


def evaluate(
    opened: OpenRun,
    split: Split,
    *,
    tasks: int | None = None,
    progress: Progress = silent,
    request: int = 0,
) -> Evaluated:
    """Score a run.

    Args:
        opened: with the weights to score: the best checkpoint for a figure that will be quoted.
        tasks: T; as the run's settings say if None.
        progress: told after every few tasks; may raise Cancelled.

    Raises:
        ConfigError: the data set has no such split.
    """
    session = opened.session
    _check_split(session, split)
    total = tasks or session.config.evaluation.tasks
    running = score(session, opened.checkpoint.state, split, total)
    return _followed(running, opened, split, total, progress, request)


def evaluate_list(
    opened: OpenRun,
    listed: TaskList,
    *,
    tasks: int | None = None,
    progress: Progress = silent,
    request: int = 0,
) -> Evaluated:
    """Score a run on listed tasks; those of a split give the bits of that split.

    Args:
        tasks: only so many of them, from the first.

    Raises:
        ConfigError: the run cannot answer such tasks.
        DataError: they are of other data than the run's.
    """
    split = listed.split if listed.split in get_args(Drawn) else "test"
    total = min(tasks or len(listed.tasks), len(listed.tasks))
    session = opened.session
    chunk = Replay(session, listed, cast(Drawn, split))
    running = score(session, opened.checkpoint.state, "test", total, chunk=chunk)
    found = _followed(running, opened, cast(Drawn, split), total, progress, request)
    seen = trained_on(session, listed)
    if not seen:
        return found
    noun = "class" if seen == 1 else "classes"
    note = f"The run trained on {seen:,} {noun} of these tasks: this is no score on new ones."
    return replace(found, note=note)


def evaluate_files(
    opened: OpenRun,
    tasks: Sequence[TaskFile],
    *,
    progress: Progress = silent,
    request: int = 0,
) -> Evaluated:
    """Score a run on tasks of files: drawn ones, or Omniglot's one-shot runs.

    Raises:
        ConfigError: the run cannot answer such tasks.
        DataError: one of them does not say all that is asked.
    """
    chunk = FromFiles(opened.session, tasks)
    running = score(opened.session, opened.checkpoint.state, "test", len(tasks), chunk=chunk)
    return _followed(running, opened, "test", len(tasks), progress, request)


@dataclass(frozen=True)
class Forgotten:
    """What a run keeps of the tasks of sequences; accuracies, or errors of a regression.

    Attributes:
        length: tasks of a sequence.
        normalisation: of the queries; an inductive mode.
        learned, kept: of each sequence the mean over its tasks, just after each was met and at the
            end.
    """

    run: str
    split: Split
    step: int
    length: int
    normalisation: NormMode
    learned: tuple[float, ...]
    kept: tuple[float, ...]


def forget(
    opened: OpenRun, split: Split, sequences: int, *, progress: Progress = silent
) -> Forgotten:
    """Let a run meet sequences of tasks, each task from where the one before has ended.

    Raises:
        ConfigError: the data set has no such split, or the method begins every task anew.
    """
    session, algorithm = opened.session, opened.session.algorithm
    _check_split(session, split)
    if not algorithm.goes_on:
        raise ConfigError.of(
            "algorithm.name",
            f"With {algorithm.title} every task begins anew, so there is nothing to forget.",
            "Choose a run of MAML, FAME or another method that goes on from the weights it has "
            "adapted.",
        )
    inductive, _ = modes(session)
    found = []
    for number in range(sequences):
        progress(number, sequences, f"Meeting sequences of {split} tasks")
        batch = session.tasks(split, number, LENGTH)
        noise = session.noise(split, number, batch, None)
        following = cast(Following, algorithm)
        found.append(forgetting(following, opened.checkpoint.state, list(batch), noise, inductive))
    learned = tuple(fmean(one.learned) for one in found)
    kept = tuple(fmean(one.kept) for one in found)
    return Forgotten(opened.run, split, opened.checkpoint.step, LENGTH, inductive, learned, kept)


def _check_split(session: Session, split: Split) -> None:
    if not session.has_split(split):
        raise ConfigError.of(
            "dataset", f"This data set has no {split} classes.", "Change its split."
        )


def _followed(
    running: Generator[int, None, Evaluation],
    opened: OpenRun,
    split: Drawn,
    total: int,
    progress: Progress,
    request: int,
) -> Evaluated:
    while True:
        try:
            progress(next(running), total, f"Scoring {split} tasks")
        except StopIteration as stop:
            found: Evaluation = stop.value
            step = opened.checkpoint.step
            both = found.inductive, found.transductive
            return Evaluated(request, opened.run, split, step, *both, metrics=found.metrics)
