"""A table of what the tasks cost where they were last seen, and draws by it. Needs numpy alone.

A bin is a class of images, or a cell of a grid over the parameters of a function. The table is
data: nobody changes one; `update` makes the next.

    P(i) = (1 - floor) value_i / sum of values + floor / #bins        shares           (1)
    w = P(uniform) / P(drawn), scaled to a mean of 1 over the step    importance       (2)
    P(S) = ∫ q e^(-q t) Π_{i in S} (1 - e^(-P(i) t)) dt               N of one task    (3)

(3) is the chance that N draws without repetition give the set S, whatever their order: let each bin
ring after an exponential time of rate P(i); S is drawn if all of it has rung before the first of
the others, whose rates add up to q. For N = 1 it is P(i) itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NumberT = TypeVar("NumberT", np.float64, np.int64)

# Classes up to which a key for each of them, in each task, costs less than looking twice.
SMALL_POOL = 4096
MANY = 512  # keys from which finding the smallest few is quicker than sorting them all


@dataclass(frozen=True)
class Table:
    """What was last seen in each bin. All arrays have one shape, (classes,) or the grid's.

    Attributes:
        losses: mean loss of the last step that had tasks there.
        changes: how far that was from the one before it.
        counts: tasks drawn there so far.
    """

    losses: Floats
    changes: Floats
    counts: Ints


@dataclass(frozen=True)
class Drawn(Generic[NumberT]):
    """The tasks chosen for one step.

    Attributes:
        tasks: positions (T, N) of classes, or parameters (T, P) of functions.
        bins: (T, N) or (T, 1), numbers of the bins of each task in the flattened table; (T, 0)
            where no table was asked.
        weights: (T,) how much each task counts; their mean is 1.
    """

    tasks: NDArray[NumberT]
    bins: Ints
    weights: Floats


def start(shape: tuple[int, ...], initial: float) -> Table:
    """A table in which every bin is as good as any other."""
    values = np.full(shape, float(initial))
    return Table(values, values.copy(), np.zeros(shape, dtype=np.int64))


def update(table: Table, bins: Ints, losses: Floats) -> Table:
    """The table after a step. Each task's loss is credited to each of its bins; tasks of one step
    that share a bin leave their mean there, so that their order does not matter.

    Args:
        bins: (T, B), distinct within a task.
        losses: (T,).
    """
    size = table.losses.size
    counts = np.bincount(bins.ravel(), minlength=size)
    sums = np.bincount(bins.ravel(), np.repeat(losses, bins.shape[1]), minlength=size)
    seen, old = counts > 0, table.losses.ravel()
    new = np.where(seen, sums / np.maximum(counts, 1), old)
    changes = np.where(seen, np.abs(new - old), table.changes.ravel())
    shape = table.losses.shape
    return Table(new.reshape(shape), changes.reshape(shape), table.counts + counts.reshape(shape))


def shares(values: Floats, floor: float) -> Floats:
    """Chances (bins,) in proportion to values, a share of them even. (1)"""
    flat = np.maximum(values.ravel(), 0)  # a loss below zero is as good as none
    even = np.full(flat.size, 1 / flat.size)
    total = flat.sum()
    return np.asarray(even if total == 0 else (1 - floor) * flat / total + floor * even)


def highest(values: Floats, epsilon: float) -> Floats:
    """Chances (bins,) of the highest value with probability 1 - epsilon, of any bin otherwise;
    equals share."""
    top = values.ravel() == values.max()
    return np.asarray((1 - epsilon) * top / top.sum() + epsilon / values.size)


def any_classes(random: np.random.Generator, pool: int, tasks: int, n_way: int) -> Ints:
    """Positions (T, N) of classes, all sets equally likely."""
    if pool <= SMALL_POOL or n_way * n_way > pool:
        return smallest(random.random((tasks, pool)), n_way)
    return distinct_rows(random, pool, tasks, n_way)


def distinct_rows(random: np.random.Generator, pool: int, tasks: int, n_way: int) -> Ints:
    """Rows drawn again until none repeats a class; at most half of them do where N² <= pool."""
    chosen = random.integers(pool, size=(tasks, n_way))
    while True:
        repeats = (np.diff(np.sort(chosen, axis=1), axis=1) == 0).any(axis=1)
        if not repeats.any():
            return chosen
        chosen[repeats] = random.integers(pool, size=(int(repeats.sum()), n_way))


def smallest(keys: Floats, count: int) -> Ints:
    """Positions (…, N) of the N smallest along the last axis of keys, in their order. The smallest
    of independent keys are a uniform draw without repetition; one call serves all tasks."""
    if keys.shape[-1] < MANY or count >= keys.shape[-1]:
        return np.argsort(keys, axis=-1)[..., :count]
    few = np.argpartition(keys, count - 1, axis=-1)[..., :count]
    order = np.argsort(np.take_along_axis(keys, few, axis=-1), axis=-1)
    return np.take_along_axis(few, order, axis=-1)


def any_parameters(
    random: np.random.Generator, ranges: tuple[tuple[float, float], ...], tasks: int
) -> Floats:
    """Parameters (T, P), uniform over their ranges."""
    low, high = np.array(ranges).T
    return random.uniform(low, high, (tasks, len(low)))


def unweighted(tasks: NDArray[NumberT]) -> Drawn[NumberT]:
    """Tasks chosen without a table."""
    return Drawn(tasks, np.zeros((len(tasks), 0), dtype=np.int64), np.ones(len(tasks)))


def draw_distinct(random: np.random.Generator, chances: Floats, tasks: int, count: int) -> Ints:
    """Bins (T, N) drawn one after the other without repetition, then put in any order: otherwise
    the label of a class would tell how likely it was."""
    rings = random.exponential(size=(tasks, len(chances))) / chances
    return random.permuted(smallest(rings, count), axis=1)


def draw_inside(
    random: np.random.Generator,
    ranges: tuple[tuple[float, float], ...],
    shape: tuple[int, ...],
    bins: Ints,
) -> Floats:
    """Parameters (T, P), uniform inside the cells `bins` (T,) of a grid over `ranges`."""
    low, high = np.array(ranges).T
    place = np.stack(np.unravel_index(bins, shape), axis=1)  # (T, P)
    inside = (place + random.random(place.shape)) / shape
    return np.asarray(low + inside * (high - low))


def log_chances(chances: Floats, bins: Ints) -> Floats:
    """Logarithms (T,) of the chances that each row of bins (T, N) had, in any order. (3)"""
    if bins.shape[1] == len(chances):
        return np.zeros(len(bins))
    mine = chances[bins]  # (T, N)
    others = 1 - mine.sum(1, keepdims=True)
    # With t = e^s / q the integrand dies fast at both ends: the trapezoid rule is exact to
    # rounding once its step is well below the width of the peak, about 1 / sqrt(N).
    count = bins.shape[1]
    step = min(0.25, 0.6 / math.sqrt(count))
    s = np.arange(-40, math.log(count + 12 * math.sqrt(count) + 45), step)
    rung = -np.expm1(-(mine / others)[..., None] * np.exp(s))  # (T, N, nodes)
    terms = s - np.exp(s) + np.log(rung).sum(1)
    return np.asarray(_log_sum(terms) + math.log(step))


def importance(chances: Floats, bins: Ints) -> Floats:
    """How much likelier (T,) a uniform draw is to give these bins, scaled to a mean of 1. (2)"""
    ratios = log_ratios(chances, bins)
    weights = np.exp(ratios - ratios.max())
    return np.asarray(weights / weights.mean())


def log_ratios(chances: Floats, bins: Ints) -> Floats:
    """Logarithms (T,) of (2) before it is scaled."""
    size, count = len(chances), bins.shape[1]
    sets = math.lgamma(size + 1) - math.lgamma(count + 1) - math.lgamma(size - count + 1)
    return -sets - log_chances(chances, bins)


def figures(table: Table) -> dict[str, float]:
    """What the plots show of a table: mean and standard deviation of its losses, and Spearman's
    correlation of counts with losses."""
    return {
        "table_mean": float(table.losses.mean()),
        "table_spread": float(table.losses.std()),
        "table_correlation": spearman(table.counts, table.losses),
    }


def spearman(first: NDArray[np.generic], second: NDArray[np.generic]) -> float:
    """Correlation of the ranks; equals share the mean of theirs. nan where all are equal."""
    a, b = (ranks - ranks.mean() for ranks in (_ranks(first), _ranks(second)))
    length = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / length if length else math.nan


def _ranks(values: NDArray[np.generic]) -> Floats:
    _, places, counts = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places.ravel()])


def _log_sum(terms: Floats) -> Floats:
    most = terms.max(-1)
    return np.asarray(most + np.log(np.exp(terms - most[:, None]).sum(-1)))
