"""The workbench in a notebook or a script: three names, on its data sets or on your own arrays.

    import workbench

    run = workbench.train(algorithm="protonet", data=(images, labels), training__steps=200)
    print(run.status, run.validation)
    print(workbench.evaluate(run, split="test").inductive)
    learner = workbench.adapt(run, support_x, support_y)
    learner.probabilities(query_x)                                   # (Q, N)

Runs go to the same store that the window and the command line use, and show up there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import ConfigError, DataError, TrainingError
from workbench.protocol import Adapt, Evaluated, Event
from workbench.schema import files
from workbench.schema.layers import overlay
from workbench.services import training
from workbench.services.adaptation import AdaptedModels
from workbench.services.evaluation import evaluate as score
from workbench.services.evaluation import evaluate_list
from workbench.services.experiment import catalogue, resolve
from workbench.services.own_data import as_images, as_labels, save_arrays, to_numpy
from workbench.services.runs import OpenRun, open_run
from workbench.store import Best, RunReader, RunSummary, Store, default_root
from workbench.tasklist import load_tasks

__all__ = ["Learner", "Run", "adapt", "evaluate", "train"]


@dataclass(frozen=True)
class Run:
    """A run in a store. Its figures are read when they are asked for.

    Attributes:
        id: such as "0042-maml-omniglot".
        root: the store's folder.
    """

    id: str
    root: Path

    @property
    def status(self) -> str:
        """How it stands: "done", "stopped", "failed", …"""
        return self.summary.status.value

    @property
    def validation(self) -> Best | None:
        """The best validation: `value` ± `interval` of `metric` at `step`."""
        return self.summary.best

    @property
    def summary(self) -> RunSummary:
        """How the run stands now."""
        return self.reader.summary()

    @property
    def reader(self) -> RunReader:
        """Everything else: `reader.metrics("train")` is a structured array of all steps."""
        return Store(self.root).open(self.id)


@dataclass(frozen=True)
class Learner:
    """A run's model taught new classes, or a new function. Made by `adapt`.

    Attributes:
        classes: what the columns of `probabilities` stand for; empty for regression.
    """

    classes: tuple[Any, ...]
    _opened: OpenRun
    _support_x: NDArray[Any]
    _support_y: NDArray[Any]
    _steps: int | None
    _models: AdaptedModels = field(default_factory=AdaptedModels)  # adapted at the first question

    def probabilities(self, query_x: Any) -> NDArray[np.float32]:
        """(Q, N) of images (Q, C, H, W) or (Q, H, W); for a regression (Q, outputs) predictions.

        Raises:
            DataError: the queries do not fit the model.
        """
        command = Adapt(
            0,
            self._opened.run,
            self._support_x,
            self._support_y,
            _examples(query_x, self._opened),
            self._steps,
        )
        checkpoint = self._opened.checkpoint
        session = self._opened.session
        found = self._models.answer(session, checkpoint.step, checkpoint.state, command)
        answers: NDArray[np.float32] = found.answers[-1]
        return answers

    def predict(self, query_x: Any) -> NDArray[Any]:
        """The most probable class of each query, (Q,); for a regression the predictions."""
        answers = self.probabilities(query_x)
        return np.array(self.classes)[answers.argmax(-1)] if self.classes else answers


def train(
    *,
    data: Any = None,
    config: str | Path | Mapping[str, Any] | None = None,
    store: str | Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    **settings: Any,
) -> Run:
    """Train a model and keep it in the store.

    Args:
        data: your own images instead of a data set: (images, labels), or class name → images, or
            "train", "validation", "test" → either of these. Images are (M, C, H, W) or (M, H, W),
            uint8 or floats from 0 to 1, numpy's or torch's.
        config: a TOML file or settings; `settings` win over it.
        store: the folder of the runs; the user's own if None.
        on_event: called with every event of `workbench.protocol`.
        **settings: dotted keys, a double underscore for each dot: `algorithm="maml"`,
            `task__n_way=5`, or `**{"task.n_way": 5}`.

    Raises:
        ConfigError: settings are wrong; all problems are named.
        DataError: the data are.
        TrainingError: training failed.
    """
    place = _store(store)
    below = files.read(Path(config), catalogue()) if isinstance(config, (str, Path)) else config
    said = {key.replace("__", "."): value for key, value in settings.items()}
    values = overlay(catalogue().expand(below or {}), catalogue().expand(said))
    if data is not None:
        if "dataset.name" in values:
            raise ConfigError.of("dataset.name", "There are both `data` and a data set.")
        folder = save_arrays(data, place.root / "data")
        values |= {"dataset.name": "arrays", "dataset.path": str(folder)}
    started = training.start(resolve(values), place)
    ended = started.execute(on_event or _nothing)
    if ended.status == "failed":
        raise TrainingError("{reason}", reason=ended.reason, hint=ended.hint)
    return Run(started.run, place.root)


def evaluate(
    run: Run | str,
    split: Literal["validation", "test"] = "test",
    *,
    tasks: int | None = None,
    episodes: str | Path | None = None,
    store: str | Path | None = None,
) -> Evaluated:
    """Score a run on fixed tasks, with the weights that validation liked best.

    Args:
        run: from `train`, or the id of a run in the store.
        tasks: how many; None is as the run's settings say, or all of the list.
        episodes: a list of tasks, a file, in place of those of the split.

    Returns:
        `inductive` and `transductive`, each with `value` ± `interval` over `tasks` tasks.

    Raises:
        StoreError: there is no such run, or nothing was saved yet.
        DataError: the list is none, or is of other data.
    """
    if episodes is not None:
        return evaluate_list(_open(run, store), load_tasks(Path(episodes)), tasks=tasks)
    return score(_open(run, store), split, tasks=tasks)


def adapt(
    run: Run | str,
    support_x: Any,
    support_y: Any,
    *,
    steps: int | None = None,
    store: str | Path | None = None,
) -> Learner:
    """Teach a run new classes from a few examples, or a new function from a few points.

    Args:
        support_x: (S, C, H, W) or (S, H, W) images as for `train`; (S, 1) numbers for a regression.
        support_y: (S,) labels of any kind; (S, 1) numbers for a regression.
        steps: inner steps; None is as the run's settings say.

    Raises:
        DataError: the examples do not fit the model.
    """
    opened = _open(run, store)
    x = _examples(support_x, opened)
    if opened.session.spec.kind == "regression":
        targets = to_numpy(support_y).astype(np.float32).reshape(len(x), -1)
        learner = Learner((), opened, x, targets, steps)
    else:
        names, numbers = np.unique(as_labels(support_y, len(x)), return_inverse=True)
        learner = Learner(tuple(names.tolist()), opened, x, numbers.astype(np.int64), steps)
    learner.probabilities(support_x[:1])  # so that what does not fit is said now
    return learner


def _examples(values: Any, opened: OpenRun) -> NDArray[Any]:
    spec = opened.session.spec
    if spec.kind == "classification":
        return as_images(values)
    numbers = to_numpy(values).astype(np.float32)
    if len(numbers) == 0:
        raise DataError("There are no examples.", hint="Give at least one.")
    return numbers.reshape(len(numbers), *spec.input_shape)


def _open(run: Run | str, store: str | Path | None) -> OpenRun:
    place = Store(run.root) if isinstance(run, Run) and store is None else _store(store)
    name = run.id if isinstance(run, Run) else run
    best = place.open(name).summary().best is not None
    return open_run(place, name, which="best" if best else "last")


def _store(store: str | Path | None) -> Store:
    return Store(Path(store).expanduser().absolute() if store is not None else default_root())


def _nothing(event: Event) -> None:
    """Nobody listens."""
