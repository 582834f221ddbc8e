"""A question that a drawing asks, and the answer as the page shows it. Plain values, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workbench.app.canvas import Board
from workbench.app.canvas.board import Support
from workbench.app.canvas.sheet import Sheet
from workbench.app.pages.draw.trail import Trail
from workbench.protocol import Adapted

NORMALISATION = {
    "support": "normalised by the support set",
    "support_plus_one": "normalised by the support set and this query",
    "query_batch": "normalised by the queries",
    "running": "normalised by running statistics",
    "per_step": "normalised by statistics of each step",
    "none": "",
}


@dataclass(frozen=True, eq=False)
class Question:
    """Attributes:
    support: what is taught.
    query: what is asked, and query_x the same as (1, C, H, W) uint8.
    asked: when the last stroke ended, by `time.perf_counter`; 0 where nobody is waiting.
    """

    run: str
    support: Support
    query: Sheet
    query_x: NDArray[np.uint8]
    asked: float = 0.0

    @classmethod
    def of(
        cls,
        run: str,
        board: Board,
        size: int,
        most: int | None = None,
        asked: float = 0.0,
        channels: int = 1,
    ) -> Self | None:
        """The question that a board asks; None while there is too little on it.

        Args:
            size: side of the model's images in pixels.
            channels: of the model's images.
            most: only so many of the drawn classes, the first ones.
        """
        support = board.support(size, channels)
        if most is not None and len(support.rows) > most:
            kept = support.y < most
            support = Support(support.x[kept], support.y[kept], support.rows[:most])
        if len(support.rows) < 2 or board.query.empty:
            return None
        query_x = board.query.planes(size, board.pen_width, channels)[None]
        return cls(run, support, board.query, query_x, asked)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model says to a question.

    Attributes:
        run, step: whose weights, after which outer step.
        rows: of each answer the row of the board.
        steps: the M inner steps that are known, 0 (before adaptation) first; (0,) alone for a
            method without an inner loop. A "moment" is an index into them.
        probabilities: (M, N).
        support_loss: (M,), nan where it is not known.
        support_map, query_map: (S, 2) and (Q, 2) places on the map, of the query after each stroke;
            None: no features.
        labels: (S,) board row of each support example.
        milliseconds: the model's own time, adapting included.
        query: what was asked.
        features: (S + Q, D) that the places were made of, the query's last; None likewise.
        apart: (S,) how far the query's features are from those of each support example; None
            likewise.
        support_right: (M,) share of the support set answered right; None where there is no loop.
        moved, rates, weights: as `Adapted` has them.
    """

    run: str
    step: int
    rows: tuple[int, ...]
    steps: tuple[int, ...]
    probabilities: NDArray[np.float32]
    support_loss: NDArray[np.float32]
    support_map: NDArray[np.float64] | None
    query_map: NDArray[np.float64] | None
    labels: tuple[int, ...]
    normalisation: str
    milliseconds: float
    asked: float
    query: Sheet
    features: NDArray[np.float32] | None
    apart: NDArray[np.float64] | None
    support_right: NDArray[np.float32] | None
    moved: Mapping[str, NDArray[np.float32]]
    rates: Mapping[str, tuple[float, float, float]]
    weights: NDArray[np.float32] | None

    @classmethod
    def of(cls, question: Question, event: Adapted, trail: Trail) -> Self:
        """Read what the worker says; the trail remembers where the query was."""
        support = question.support
        probabilities = event.answers[:, -1, : len(support.rows)]
        losses = np.full(len(probabilities), np.nan, np.float32)
        known = np.asarray(event.support_loss, np.float32)[: len(losses)]
        losses[: len(known)] = known
        features = _features(question, event.embedding, trail)
        count = len(support.y)
        places = None if features is None else principal_plane(features, count)
        return cls(
            run=question.run,
            step=event.step,
            rows=support.rows,
            steps=event.steps,
            probabilities=probabilities,
            support_loss=losses,
            support_map=None if places is None else places[:count],
            query_map=None if places is None else places[count:],
            labels=tuple(support.rows[label] for label in support.y),
            normalisation=NORMALISATION.get(event.normalisation, event.normalisation),
            milliseconds=event.milliseconds + event.saved,
            asked=question.asked,
            query=question.query,
            features=features,
            apart=None if features is None else distances(features, count),
            support_right=event.support_right,
            moved=event.moved,
            rates=event.rates,
            weights=event.weights,
        )

    @property
    def has_loop(self) -> bool:
        return len(self.steps) > 1

    def nearest(self, count: int) -> list[tuple[int, float]]:
        """The support examples nearest to the query and how far each is, nearest first; none where
        there are no features."""
        if self.apart is None:
            return []
        order = np.argsort(self.apart, kind="stable")[:count]
        return [(int(index), float(self.apart[index])) for index in order]

    def heaviest(self, count: int) -> list[tuple[int, float]]:
        """The support examples that counted most in the inner loop and how much, most first; none
        where all counted alike."""
        if self.weights is None or np.ptp(self.weights) < 1e-6:
            return []
        order = np.argsort(-self.weights, kind="stable")[:count]
        return [(int(index), float(self.weights[index])) for index in order]

    @property
    def last(self) -> int:
        """The last moment."""
        return len(self.steps) - 1

    def best(self, moment: int = -1) -> tuple[int, float]:
        """Board row and probability of the most likely class."""
        index = int(self.probabilities[moment].argmax())
        return self.rows[index], float(self.probabilities[moment, index])

    def of_row(self, row: int, moment: int = -1) -> float | None:
        """Probability of the class in a row of the board; None where it was not asked about."""
        return float(self.probabilities[moment, self.rows.index(row)]) if row in self.rows else None


def _features(
    question: Question, features: NDArray[np.float32] | None, trail: Trail
) -> NDArray[np.float32] | None:
    """Of the support set and of the query after each of its strokes, (S + Q, D)."""
    if features is None:
        return None
    support = question.support
    way = trail.follow(question.run, support, question.query, features[-1])
    return np.concatenate((features[: len(support.y)], way))


def distances(features: NDArray[np.float32], support: int) -> NDArray[np.float64]:
    """Euclidean, of the last of (S + Q, D) features to each of the first S."""
    points = features.astype(np.float64)
    return np.asarray(np.sqrt(((points[:support] - points[-1]) ** 2).sum(axis=1)))


def principal_plane(features: NDArray[np.float32], support: int) -> NDArray[np.float64]:
    """Places on the plane in which the support examples differ most, (S + Q, D) to (S + Q, 2).

    The plane is that of the support alone, so that it stays while the query is being drawn. The
    sign of each axis is fixed by its largest coordinate.
    """
    points = features.astype(np.float64)
    points = points - points[:support].mean(axis=0)
    _, _, axes = np.linalg.svd(points[:support], full_matrices=False)
    axes = axes[:2] if len(axes) > 1 else np.vstack((axes, np.zeros_like(axes)))
    largest = np.abs(axes).argmax(axis=1)
    signs = np.sign(axes[np.arange(2), largest])
    return np.asarray(points @ (axes * np.where(signs == 0, 1, signs)[:, None]).T)
