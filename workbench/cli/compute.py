"""The commands that compute: `train`, `evaluate`, `adapt`. Importing this loads torch."""

from __future__ import annotations

import contextlib
import math
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from workbench.cli.arguments import Request
from workbench.cli.console import Console, percent, table
from workbench.cli.look import open_run as find_run
from workbench.cli.pictures import Asked, Taught, ask, from_task, teach
from workbench.cli.progress import PreparationBar, TrainingBar
from workbench.engine.cost import measure
from workbench.engine.device import tune_malloc
from workbench.engine.session import Session
from workbench.errors import ConfigError, TrainingError
from workbench.protocol import Adapt, Adapted, Evaluated, RunEnded, Score
from workbench.services import training as trainings
from workbench.services.adaptation import adapt as adapt_to
from workbench.services.evaluation import evaluate as score
from workbench.services.experiment import resolve
from workbench.services.runs import OpenRun, from_cache, open_run
from workbench.services.training import TrainingRun
from workbench.store import Best, Store
from workbench.store.hints import hints
from workbench.store.record import recorded


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
    with PreparationBar(console) as bar:
        if request.options.resume is not None:
            run = find_run(store, request.options.resume).run
            training = trainings.resume(run, store, progress=bar)
        else:
            training = trainings.start(resolve(request.values), store, progress=bar)
    for note in training.session.notes:
        console.note(f"note: {note}")
    with _first_interrupt_stops(training, console), TrainingBar(console, training) as events:
        console.note(f"{training.run}: {store.root / 'runs' / training.run}")
        ended = training.execute(events)
    for hint in hints(recorded(store.open(ended.run))):
        console.note(f"hint: {hint.message} {hint.advice}")
    if ended.status == "failed":
        raise TrainingError("{reason}", reason=ended.reason, hint=ended.hint)
    console.result(_trained(store, ended), _trained_words(store, ended))


def _estimate(request: Request, console: Console) -> None:
    config = resolve(request.values)
    with PreparationBar(console) as bar:
        session = Session(config, from_cache(config, bar))
    cost = measure(session, lambda: None)
    words = (
        f"About {_seconds(cost.seconds)}: {_seconds(cost.step_seconds)} for each of "
        f"{config.training.steps:,} steps, {_seconds(cost.validation_seconds)} for a validation. "
        f"Memory for the tasks under way: about {cost.memory / 2**20:,.0f} MB."
    )
    console.result(asdict(cost), words)


def evaluate(request: Request, console: Console) -> None:
    """`evaluate RUN --split validation|test`."""
    opened = _open(request, console)
    with PreparationBar(console) as bar:
        found = score(opened, request.options.split, tasks=request.options.tasks, progress=bar)
    metric = metric_of(opened)
    console.result(evaluated_object(found, metric), _evaluated_words(found, metric))


def adapt(request: Request, console: Console) -> None:
    """`adapt RUN --support DIR --query PATH …`, or `adapt RUN --task FILE`."""
    options = request.options
    if options.task is None and not (options.support and options.query):
        hint = "Give --support DIR and --query PATH …, or --task FILE."
        raise ConfigError.of("", "There is nothing to learn from, or nothing to ask.", hint)
    opened = _open(request, console)
    spec = opened.session.spec
    if options.task is not None:
        taught, asked = from_task(options.task, spec)
    else:
        taught = teach(options.support, spec)
        asked = ask(options.query, taught, spec)
    command = Adapt(
        0, opened.run, taught.images, taught.labels, asked.images, request.options.steps
    )
    checkpoint = opened.checkpoint
    found = adapt_to(opened.session, checkpoint.step, checkpoint.state, command)
    console.result(_adapted(found, taught, asked), _adapted_words(found, taught, asked))


def metric_of(opened: OpenRun) -> str:
    """What a run's scores are: "accuracy", or "mean_squared_error" of a regression."""
    kind = opened.session.spec.kind
    return "accuracy" if kind == "classification" else "mean_squared_error"


def evaluated_object(found: Evaluated, metric: str) -> dict[str, Any]:
    """An evaluation for JSON."""
    return {
        "run": found.run,
        "split": found.split,
        "step": found.step,
        "inductive": _score_object(found.inductive, metric),
        "transductive": _score_object(found.transductive, metric),
    }


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


def _trained(store: Store, ended: RunEnded) -> dict[str, Any]:
    summary = store.open(ended.run).summary()
    return {
        "run": summary.run,
        "status": summary.status.value,
        "reason": summary.reason,
        "steps": summary.step,
        "tasks": summary.tasks,
        "seconds": summary.duration_s,
        "validation": _best_object(summary.last),
        "best": _best_object(summary.best),
        "folder": str(store.root / "runs" / summary.run),
    }


def _best_object(best: Best | None) -> dict[str, Any] | None:
    if best is None:
        return None
    metric = "accuracy" if best.metric == "accuracy" else "mean_squared_error"
    return {"step": best.step, metric: best.value, "interval": best.interval}


def _trained_words(store: Store, ended: RunEnded) -> str:
    summary = store.open(ended.run).summary()
    line = f"{summary.run} is {summary.status.value} after {summary.step:,} steps"
    line += f" and {_seconds(summary.duration_s)}."
    if summary.reason:
        line += f" {summary.reason}"
    if summary.best is not None:
        best = summary.best
        line += f"\nBest validation: {_value(best.value, best.interval, best.metric)}"
        line += f" at step {best.step:,}."
    return f"{line}\nNext: fewshot-workbench evaluate {summary.number}"


def _score_object(found: Score, metric: str) -> dict[str, Any]:
    return {
        metric: found.value,
        "interval": found.interval,
        "tasks": found.tasks,
        "before": found.before,
        "normalisation": found.mode,
        "trace": list(found.trace),
    }


def _evaluated_words(found: Evaluated, metric: str) -> str:
    rows = [
        (
            name,
            _value(one.value, one.interval, metric),
            _value(one.before, math.nan, metric),
            f"{one.tasks:,}",
            one.mode,
        )
        for name, one in (("inductive", found.inductive), ("transductive", found.transductive))
    ]
    head = f"{found.run}, {found.split} split, weights of step {found.step:,}"
    return (
        f"{head}\n{table(('', metric.replace('_', ' '), 'before', 'tasks', 'normalisation'), rows)}"
    )


def _adapted(found: Adapted, taught: Taught, asked: Asked) -> dict[str, Any]:
    answers = found.answers[-1]
    queries = [
        {
            "image": str(file),
            "answer": taught.names[int(row.argmax())],
            "probabilities": dict(zip(taught.names, map(float, row), strict=True)),
        }
        for file, row in zip(asked.files, answers, strict=True)
    ]
    return {
        "run": found.run,
        "step": found.step,
        "classes": list(taught.names),
        "queries": queries,
        "accuracy": asked.accuracy(answers),
        "normalisation": found.normalisation,
        "milliseconds": found.milliseconds,
    }


def _adapted_words(found: Adapted, taught: Taught, asked: Asked) -> str:
    rows = [
        (_short(file), taught.names[int(row.argmax())], *(f"{100 * p:.1f} %" for p in row))
        for file, row in zip(asked.files, found.answers[-1], strict=True)
    ]
    lines = table(("image", "answer", *taught.names), rows)
    accuracy = asked.accuracy(found.answers[-1])
    if accuracy is not None:
        lines += f"\nRight: {100 * accuracy:.1f} % of {len(asked.files)}"
    return lines


def _value(value: float, interval: float, metric: str) -> str:
    if metric == "accuracy":
        return f"{100 * value:.1f} %" if math.isnan(interval) else percent(value, interval)
    return f"{value:.3g}" if math.isnan(interval) else f"{value:.3g} ± {interval:.2g}"


def _seconds(seconds: float) -> str:
    if 0 < seconds < 1:
        return f"{1000 * seconds:.3g} ms"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def _short(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


tune_malloc()  # before the first tensor
