"""The figures of a run in words. No Qt here but its locale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QLocale

from workbench.app.pages.train.feed import Columns
from workbench.protocol import RunProgress
from workbench.schema.catalogue import Catalogue
from workbench.store import RunStatus, RunSummary

NOTHING = "–"
RECENT_ROWS = 200  # what the speed and the time left are measured over
ALIVE = (RunStatus.RUNNING, RunStatus.PAUSED)


@dataclass(frozen=True)
class RunFacts:
    """What a run's settings say, as far as the page shows it.

    Attributes:
        title: "Run 42".
        subject: "MAML on Omniglot, 5-way 1-shot".
        regression: whether the measure is an error instead of an accuracy.
        chance: accuracy of guessing; NaN for a regression.
        trained_on: how training tasks differ from those of a validation, "20-way"; else empty.
        inner_steps: in training; 0 for a method without an inner loop.
    """

    title: str
    algorithm: str
    subject: str
    regression: bool
    chance: float
    trained_on: str
    steps: int
    meta_batch: int
    inner_steps: int
    seed: int
    device: str
    threads: int
    validation_tasks: int

    @classmethod
    def of(cls, summary: RunSummary, catalogue: Catalogue) -> RunFacts:
        config = summary.config
        algorithm, dataset = _plugin(config, "algorithm"), _plugin(config, "dataset")
        method = catalogue.option("algorithm", algorithm)
        data = catalogue.option("dataset", dataset)
        regression = data is not None and data.kind == "regression"
        n_way, k_shot = (_part(config, "task", key) for key in ("n_way", "k_shot"))
        task = f"{k_shot}-shot" if regression else f"{n_way}-way {k_shot}-shot"
        method_title = method.title if method else algorithm
        return cls(
            title=f"Run {summary.number}",
            algorithm=method_title,
            subject=f"{method_title} on {data.title if data else dataset}, {task}",
            regression=regression,
            chance=1 / n_way if n_way and not regression else math.nan,
            trained_on=_trained_on(config),
            steps=summary.steps or int(_part(config, "training", "steps") or 0),
            meta_batch=int(_part(config, "training", "meta_batch") or 0),
            inner_steps=int(_part(config, "algorithm", "inner_steps") or 0),
            seed=int(_part(config, "training", "seed") or 0),
            device=str(config.get("device", "")),
            threads=int(_part(config, "training", "threads") or 0),
            validation_tasks=int(_part(config, "validation", "tasks") or 0),
        )


@dataclass(frozen=True)
class RunFigures:
    """How far a run is. Seconds and rates are NaN while unknown."""

    step: int
    steps: int
    tasks: int
    seconds: float
    seconds_left: float
    tasks_per_second: float

    @property
    def fraction(self) -> float:
        return min(1.0, self.step / self.steps) if self.steps else 0.0


def figures_of(
    facts: RunFacts, summary: RunSummary, train: Columns, progress: RunProgress | None
) -> RunFigures:
    """The newest of what the store and the worker say."""
    step, tasks = summary.step, summary.tasks
    seconds = summary.duration_s
    if len(train):
        step = max(step, int(train.last("step")))
        tasks = max(tasks, int(_or_zero(train.last("tasks"))))
        seconds = max(seconds, _or_zero(train.last("seconds")))
    left, speed = measured(train, facts.steps)
    if progress is not None and progress.run == summary.run and progress.step >= step:
        step, tasks = progress.step, max(tasks, progress.tasks)
        seconds = max(seconds, progress.seconds)
        speed = progress.tasks_per_second if math.isnan(speed) else speed
        left = progress.seconds_left if math.isfinite(progress.seconds_left) else left
    if summary.status not in ALIVE:
        left = math.nan
    return RunFigures(step, facts.steps, tasks, seconds, left, speed)


def measured(train: Columns, steps: int) -> tuple[float, float]:
    """Seconds left and tasks per second, from the recent rows; NaN before there are two."""
    rows = min(len(train), RECENT_ROWS)
    if rows < 2:
        return math.nan, math.nan
    step, tasks, seconds = (train[name][-rows:] for name in ("step", "tasks", "seconds"))
    duration, walked = seconds[-1] - seconds[0], step[-1] - step[0]
    if not (duration > 0 and walked > 0):
        return math.nan, math.nan
    return float((steps - step[-1]) * duration / walked), float((tasks[-1] - tasks[0]) / duration)


def run_title(run: str) -> str:
    """Give "Run 42" for "0042-maml-omniglot"."""
    number = run.partition("-")[0]
    return f"Run {int(number)}" if number.isdigit() else run


def duration(seconds: float) -> str:
    """Say it in two units: "42 s", "15 min 42 s", "1 h 15 min", "2 d 3 h"."""
    if not math.isfinite(seconds):
        return NOTHING
    whole = max(0, round(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def brief(seconds: float) -> str:
    """A short time: "75.5 ms", "1.23 s", "2 min 5 s"."""
    if not math.isfinite(seconds) or seconds >= 100:
        return duration(seconds)
    return f"{short(1000 * seconds)} ms" if seconds < 1 else f"{short(seconds)} s"


def ends_at(seconds_left: float, now: datetime) -> str:
    """Say "ends 14:45", with the day where it is another; empty while unknown."""
    if not math.isfinite(seconds_left):
        return ""
    end = datetime.fromtimestamp(now.timestamp() + seconds_left, now.tzinfo)
    hour = f"{end:%H:%M}"
    return f"ends {hour}" if end.date() == now.date() else f"ends {end:%d %b} {hour}"


def whole(value: float) -> str:
    """Group the digits: "12,480"."""
    return QLocale().toString(int(value))


def measure(value: float, interval: float, regression: bool) -> str:
    """Say "95.6 ± 0.9 %", or "0.412 ± 0.015" for an error."""
    if math.isnan(value):
        return NOTHING
    if regression:
        return f"{short(value)} ± {short(interval)}" if math.isfinite(interval) else short(value)
    spread = f" ± {100 * interval:.1f}" if math.isfinite(interval) else ""
    return f"{100 * value:.1f}{spread} %"


def short(value: float) -> str:
    """Three figures: 0.184, 1.23, 12.3; 1.2e-05 where that would be zero."""
    if not math.isfinite(value):
        return NOTHING if math.isnan(value) else str(value)
    size = abs(value)
    if size and size < 1e-3:
        return f"{value:.1e}"
    return f"{value:.3f}" if size < 1 else f"{value:.2f}" if size < 10 else f"{value:.1f}"


def speed(tasks_per_second: float) -> str:
    """Say "212", or "3.4" where that says more."""
    if not math.isfinite(tasks_per_second):
        return NOTHING
    return whole(tasks_per_second) if tasks_per_second >= 100 else f"{tasks_per_second:.1f}"


def _trained_on(config: Mapping[str, Any]) -> str:
    words = []
    for key, word in (("n_way", "way"), ("k_shot", "shot")):
        own = _part(config, "training", key)
        if own is not None and own != _part(config, "task", key):
            words.append(f"{own}-{word}")
    return " ".join(words)


def _part(config: Mapping[str, Any], section: str, key: str) -> Any:
    inside = config.get(section)
    return inside.get(key) if isinstance(inside, Mapping) else None


def _plugin(config: Mapping[str, Any], root: str) -> str:
    return str(_part(config, root, "name") or config.get(root, ""))


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
