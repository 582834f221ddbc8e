"""Messages about a model that answers what a person drew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.protocol.base import Command, Event, Floats, Images, Ints


@dataclass(frozen=True)
class Adapt(Command):
    """Adapt a run's latest weights to a support set and answer the queries; answered by `Adapted`.

    Attributes:
        run: a run's id, or "untrained:RUN" for the same model before training.
        support_x: (S, C, H, W) uint8 images, or (S, features) float32 for regression.
        support_y: (S,) class numbers, or (S, outputs) targets.
        query_x: (Q, …) likewise; may be empty.
        steps: inner steps; None is the run's own number for evaluation.
    """

    run: str
    support_x: Images | Floats
    support_y: Ints | Floats
    query_x: Images | Floats
    steps: int | None = None


@dataclass(frozen=True)
class LayOut(Command):
    """Lay features out on a plane by t-SNE; answered by `LaidOut`.

    Attributes:
        features: (M, D).
    """

    features: Floats


@dataclass(frozen=True)
class Adapted(Event):
    """The answer to a drawing.

    Attributes:
        run, step: whose weights, after which outer step; the run may be training still.
        steps: the inner steps that are answered: 0 (before adaptation) … the last; all of a few,
            an even choice of many. (0,) alone for a method without an inner loop.
        answers: (len(steps), Q, N) probabilities, or (…, Q, outputs) predictions.
        support_loss: (len(steps),); nan for a method without an inner loop.
        embedding: (S + Q, D) features after the last step, support first; None where a method has
            none.
        normalisation: the inductive mode that was used; "none" where no layer is normalised
            over a batch.
        milliseconds: from receiving the command to having the answer.
        saved: milliseconds that it would have taken longer, had not an earlier question adapted the
            model already.
        support_right: (len(steps),) share of the support set that is answered right; None for a
            method without an inner loop, and for regression.
        moved: of "head" and "body", (len(steps),): how far the weights are from where the inner
            loop began, as a share of their length then; nan where that was 0. Empty where a method
            adapts otherwise.
        rates: learned inner rates, lowest, mean and highest, of "head", "body", or what a method
            calls them. Empty where none is learned.
        weights: (S,) how much each example counted in the inner loop, 1 on average; None where a
            method does not weigh them.
    """

    run: str
    step: int
    steps: tuple[int, ...]
    answers: Floats
    support_loss: Floats
    embedding: Floats | None
    normalisation: str
    milliseconds: float
    saved: float = 0.0
    support_right: Floats | None = None
    moved: Mapping[str, Floats] = field(default_factory=dict)
    rates: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    weights: Floats | None = None


@dataclass(frozen=True)
class LaidOut(Event):
    """`places`: (M, 2) of features, in their order."""

    places: NDArray[np.float64]
