"""The commands that compute: `train`, `evaluate`, `adapt`. Importing this loads torch."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Literal

from workbench.cli import reports
from workbench.cli.arguments import Request
from workbench.cli.console import Console
from workbench.cli.look import open_run as find_run
from workbench.cli.pictures import Asked, Taught, ask, from_task, teach
from workbench.cli.progress import PreparationBar, TrainingBar
from workbench.engine.cost import measure
from workbench.engine.device import tune_malloc
from workbench.engine.session import Session
from workbench.errors import ConfigError, DataError, TrainingError
from workbench.oneshot import load_tasks
from workbench.protocol import Adapt, Adapted
from workbench.services import training as trainings
from workbench.services.adaptation import adapt as adapt_to
from workbench.services.audits import audit
from workbench.services.evaluation import evaluate as score
from workbench.services.evaluation import evaluate_list, forget
from workbench.services.experiment import resolve
from workbench.services.runs import OpenRun, from_cache, open_run
from workbench.services.training import TrainingRun
from workbench.sources import ImageData
from workbench.store import Store
from workbench.store.hints import hints
from workbench.store.record import recorded
from workbench.taskfile import load_task
from workbench.tasklist import load_tasks as load_list


def train(request: Request, console: Console) -> None:
    """`train`, `train --resume RUN` and `train --estimate`.

    Raises:
        TrainingError: the run failed; its folder keeps what there was.
    """
    for note in request.notes:
        console.note(f"note: {note}")
    if request.options.estimate:
        _estimate(request, console)
        return
    store = Store(request.store_root)
    leaks: list[str] = []
    with PreparationBar(console) as bar:
        if request.options.resume is not None:
            run = find_run(store, request.options.resume).run
            training = trainings.resume(run, store, progress=bar)
        else:
            training = trainings.start(
                resolve(request.values),
                store,
                progress=bar,
                look=lambda session: leaks.extend(_leaks(request, session, bar)),
            )
    for note in training.session.notes:
        console.note(f"note: {note}")
    for leak in leaks:
        console.note(f"warning: the split leaks, so that scores will flatter: {leak}.")
    with _first_interrupt_stops(training, console), TrainingBar(console, training) as events:
        console.note(f"{training.run}: {store.root / 'runs' / training.run}")
        ended = training.execute(events)
    for hint in hints(recorded(store.open(ended.run))):
        console.note(f"hint: {hint.message} {hint.advice}")
    if ended.status == "failed":
        raise TrainingError("{reason}", reason=ended.reason, hint=ended.hint)
    console.result(reports.trained(store, ended), reports.trained_words(store, ended))


def _leaks(request: Request, session: Session, bar: PreparationBar) -> list[str]:
    """What of the training side is held out too, before anything is made or trained."""
    if not isinstance(session.data, ImageData):
        return []
    return [one.text for one in audit(request.values, session.data, bar) if one.leaks]


def _estimate(request: Request, console: Console) -> None:
    config = resolve(request.values)
    with PreparationBar(console) as bar:
        session = Session(config, from_cache(config, bar))
    cost = measure(session, lambda: None)
    console.result(asdict(cost), reports.estimated_words(cost, config.training.steps))


def evaluate(request: Request, console: Console) -> None:
    """`evaluate RUN --split validation|test`, perhaps with `--sequences N`; `evaluate RUN --task
    FILE` or `--episodes FILE`."""
    opened = _open(request, console)
    if request.options.task is not None:
        _score_tasks(request.options.task, opened, console)
        return
    if request.options.episodes is not None:
        _score_list(request, opened, console)
        return
    if request.options.sequences is not None:
        _score_sequences(request, opened, console)
        return
    with PreparationBar(console) as bar:
        found = score(opened, request.options.split, tasks=request.options.tasks, progress=bar)
    metric = reports.metric_of(opened)
    console.result(reports.evaluated_object(found, metric), reports.evaluated_words(found, metric))


def _score_sequences(request: Request, opened: OpenRun, console: Console) -> None:
    """What a run forgets."""
    count = request.options.sequences
    with PreparationBar(console) as bar:
        found = forget(opened, request.options.split, count, progress=bar)
    metric = reports.metric_of(opened)
    console.result(reports.forgotten_object(found, metric), reports.forgotten_words(found, metric))


def _score_list(request: Request, opened: OpenRun, console: Console) -> None:
    """Score a run on a list of tasks."""
    listed = load_list(request.options.episodes)
    with PreparationBar(console) as bar:
        found = evaluate_list(opened, listed, tasks=request.options.tasks, progress=bar)
    if found.note:
        console.note(f"note: {found.note}")
    metric = reports.metric_of(opened)
    console.result(reports.evaluated_object(found, metric), reports.evaluated_words(found, metric))


def _score_tasks(path: Path, opened: OpenRun, console: Console) -> None:
    """Score a run on tasks that lie in files, inductively."""
    found = []
    for task in load_tasks(path):
        name = task.title or path.name
        taught, asked = from_task(task, name, opened.session.spec)
        accuracy = asked.accuracy(_answers(opened, taught, asked, None).answers[-1])
        if accuracy is None:
            raise DataError(
                "{name} does not say what its queries are.", name=name, hint="Ask it with adapt."
            )
        found.append(reports.ScoredTask(name, accuracy, len(asked.files)))
    console.result(reports.scored_tasks(opened.run, found), reports.scored_tasks_words(found))


def _answers(opened: OpenRun, taught: Taught, asked: Asked, steps: int | None) -> Adapted:
    command = Adapt(0, opened.run, taught.images, taught.labels, asked.images, steps)
    checkpoint = opened.checkpoint
    return adapt_to(opened.session, checkpoint.step, checkpoint.state, command)


def adapt(request: Request, console: Console) -> None:
    """`adapt RUN --support DIR --query PATH …`, or `adapt RUN --task FILE`."""
    options = request.options
    if options.task is None and not (options.support and options.query):
        hint = "Give --support DIR and --query PATH …, or --task FILE."
        raise ConfigError.of("", "There is nothing to learn from, or nothing to ask.", hint)
    opened = _open(request, console)
    spec = opened.session.spec
    if options.task is not None:
        taught, asked = from_task(load_task(options.task), options.task.name, spec)
    else:
        taught = teach(options.support, spec)
        asked = ask(options.query, taught, spec)
    found = _answers(opened, taught, asked, options.steps)
    console.result(
        reports.adapted(found, taught, asked), reports.adapted_words(found, taught, asked)
    )


COMMANDS: Mapping[str, Callable[[Request, Console], None]] = {
    "train": train,
    "evaluate": evaluate,
    "adapt": adapt,
}


def _open(request: Request, console: Console) -> OpenRun:
    """The run with the weights that validation liked best, or its last ones."""
    store = Store(request.store_root)
    reader = find_run(store, request.options.run)
    which: Literal["best", "last"] = "best" if reader.summary().best is not None else "last"
    with PreparationBar(console) as bar:
        return open_run(store, reader.run, which=which, progress=bar)


@contextlib.contextmanager
def _first_interrupt_stops(training: TrainingRun, console: Console) -> Iterator[None]:
    """Ctrl+C stops after this step, with a checkpoint; a second one stops at once."""

    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)
        training.ask("stop")
        console.note("Stopping after this step; press Ctrl+C again to stop at once.")

    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


tune_malloc()  # before the first tensor
