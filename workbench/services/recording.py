"""What a run's folder keeps beside its rows, for plots and hints."""

from __future__ import annotations

import contextlib
import time

from workbench.engine.episodes import QUARTER_TURNS
from workbench.engine.session import Session
from workbench.engine.train import Trainer, Validated
from workbench.errors import StoreError
from workbench.sources import ImageData
from workbench.store import RunWriter
from workbench.store.tables import TableAxes, TableAxis, write_axes, write_table

TABLE_SECONDS = 1.0  # between two tables of a run that trains


class TableKeeper:
    """Lets others see the sampler's table while a run trains; does nothing where there is none.

    A table that finds no room on the disk is no reason to lose the run.
    """

    def __init__(self, writer: RunWriter, trainer: Trainer) -> None:
        self._folder, self._trainer = writer.folder, trainer
        self._written = -TABLE_SECONDS

    def begin(self) -> None:
        """Say what the cells stand for, and what is in them."""
        if self._trainer.table is not None:
            with contextlib.suppress(StoreError):
                write_axes(self._folder, table_axes(self._trainer.session))
            self.keep(now=True)

    def keep(self, now: bool = False) -> None:
        """Write the table; unless `now`, at most once a second."""
        table, moment = self._trainer.table, time.monotonic()
        if table is None or not (now or moment - self._written >= TABLE_SECONDS):
            return
        self._written = moment
        with contextlib.suppress(StoreError):
            write_table(self._folder, self._trainer.published[0], table.losses, table.counts)


def table_axes(session: Session) -> TableAxes:
    """What the cells of a sampler's table stand for."""
    data = session.data
    if isinstance(data, ImageData):
        return TableAxes(classes=tuple(_class_names(data)))
    ranges = zip(data.parameter_names, data.parameter_ranges, strict=True)
    return TableAxes(tuple(TableAxis(name, low, high) for name, (low, high) in ranges))


def write_inner(writer: RunWriter, event: Validated) -> None:
    """Note how the losses moved over the inner steps of a validation, if there were any."""
    evaluation = event.evaluation
    if len(evaluation.trace_steps) > 1:
        writer.record("inner", {"step": event.step, **evaluation.losses})


def write_rates(writer: RunWriter, trainer: Trainer) -> None:
    """Note the learned inner rates of each weight: the lowest, the mean, the highest."""
    step, state = trainer.published
    row: dict[str, float] = {"step": step}
    for name, rate in trainer.session.algorithm.inner_rates(state).items():
        found = {"low": rate.min(), "mean": rate.mean(), "high": rate.max()}
        row |= {f"{name}:{part}": float(value) for part, value in found.items()}
    if len(row) > 1:
        writer.record("rates", row)


def _class_names(data: ImageData) -> list[str]:
    """The classes of training in the order of their pool: all as they are, then all turned."""
    names = [data.bank.classes[number].title for number in data.splits["train"]]
    turns = range(1, QUARTER_TURNS if data.rotations else 1)
    return names + [f"{name}, turned {90 * turn}°" for turn in turns for name in names]
