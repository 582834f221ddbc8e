"""The one shape of data: a few-shot task, and a batch of equally shaped ones.

The letters used in every shape comment of this program:

    T  tasks in a batch               N  ways: classes in one task
    K  shots: support examples        S  support examples of one task, N * K in a balanced one
       of each class                  Q  query examples of one task
    C, H, W  image channels, height, width
    D  features of one embedded example
    G  groups of examples that share normalisation statistics

Tasks may be *folded*: a Task or a Support whose arrays begin with T holds T tasks of one shape, and
parameters that begin with T hold one model for each. Functions that know of it say so.

Arrays may be numpy's or torch's: this file imports neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

ArrayT = TypeVar("ArrayT")

Kind = Literal["classification", "regression"]


@dataclass(frozen=True)
class TaskSpec:
    """What a model must be able to answer.

    Attributes:
        kind: naming one of N classes, or predicting numbers.
        input_shape: shape of one example, (C, H, W) or (features,).
        outputs: N for classification, the width of y for regression.
        classes: all classes of training, turned ones counted; 0 for regression.
    """

    kind: Kind
    input_shape: tuple[int, ...]
    outputs: int
    classes: int = 0


@dataclass(frozen=True)
class Support(Generic[ArrayT]):
    """What a model may learn from: `x` (S, *input_shape), `y` (S,) classes 0 … N-1 or (S, outputs)
    targets.

    `n_way` may be smaller than the outputs of a model: those beyond it are masked. It is 0 for
    regression. `folded`: the arrays begin with T, for T tasks at a time.
    """

    x: ArrayT
    y: ArrayT
    n_way: int
    folded: bool = False


@dataclass(frozen=True)
class Task(Generic[ArrayT]):
    """One few-shot task.

    Attributes:
        support_x: (S, *input_shape), what the model may learn from.
        support_y: (S,) class numbers 0 … N-1, or (S, outputs) targets.
        query_x: (Q, *input_shape), what it is asked.
        query_y: (Q,) or (Q, outputs), the truth.
        n_way: classes in this task; 0 for regression.
        folded: the arrays begin with T, for T tasks at a time.
        classes: (N,) the numbers of its classes among all classes of training. None where it is not
            of training, so that nothing can be learned from the numbers of others.
    """

    support_x: ArrayT
    support_y: ArrayT
    query_x: ArrayT
    query_y: ArrayT
    n_way: int
    folded: bool = False
    classes: ArrayT | None = None

    @property
    def support(self) -> Support[ArrayT]:
        """The half that a model may learn from."""
        return Support(self.support_x, self.support_y, self.n_way, self.folded)


@dataclass(frozen=True)
class TaskBatch(Generic[ArrayT]):
    """T tasks of one shape: `support_x` is (T, S, *input_shape), and so on."""

    support_x: ArrayT
    support_y: ArrayT
    query_x: ArrayT
    query_y: ArrayT
    n_way: int
    classes: ArrayT | None = None  # (T, N)

    def __len__(self) -> int:
        return len(self.support_x)  # type: ignore[arg-type]  # an array of either library

    def __getitem__(self, index: int) -> Task[ArrayT]:
        support_x, support_y, query_x, query_y, classes = self._at(index)
        return Task(support_x, support_y, query_x, query_y, self.n_way, classes=classes)

    def part(self, tasks: slice) -> TaskBatch[ArrayT]:
        """Some of its tasks."""
        support_x, support_y, query_x, query_y, classes = self._at(tasks)
        return TaskBatch(support_x, support_y, query_x, query_y, self.n_way, classes)

    @property
    def folded(self) -> Task[ArrayT]:
        """All of it as one folded task."""
        return Task(
            self.support_x,
            self.support_y,
            self.query_x,
            self.query_y,
            self.n_way,
            folded=True,
            classes=self.classes,
        )

    def _at(self, where: int | slice) -> Any:
        parts = (self.support_x, self.support_y, self.query_x, self.query_y, self.classes)
        return (None if part is None else part[where] for part in parts)  # type: ignore[index]  # likewise

    def __iter__(self) -> Iterator[Task[ArrayT]]:
        return (self[index] for index in range(len(self)))
