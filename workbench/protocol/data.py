"""Messages about data sets and the tasks that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.protocol.base import Command, Event, Floats, Images, Ints, Split


@dataclass(frozen=True)
class PrepareData(Command):
    """Make a data set ready (generate, download, unpack, cache); answered by `Progress`, then
    `DataReady`."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class PreviewTask(Command):
    """Draw one task exactly as training or evaluation would; answered by `TaskPreviewed`.

    Attributes:
        listed: file of a list of tasks, whose task of that number is wanted instead.
    """

    values: Mapping[str, Any]
    split: Split
    index: int
    listed: str = ""


@dataclass(frozen=True)
class DataClass:
    """One class of a data set: its name, the group (alphabet) it belongs to, and how many images it
    has."""

    name: str
    group: str
    images: int


@dataclass(frozen=True)
class DataReady(Event):
    """A data set lies ready. The window opens `folder` with `bank.Bank.open` and looks for itself.

    Attributes:
        kind: "classification" or "regression".
        folder: of the bank; empty for regression.
        splits: class numbers of train, validation and test; empty for regression.
        notes: what was skipped or is worth knowing, as sentences.
        description: figures of a regression family, such as its ranges, for the preview.
        split_given: its files say on which side each class is, whatever the settings do.
        partial: this is a first look at a part of it; the whole is on its way, and so is the final
            answer.
    """

    kind: Literal["classification", "regression"]
    folder: str
    splits: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()
    description: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False
    split_given: bool = False


@dataclass(frozen=True)
class TaskPreviewed(Event):
    """One task as the network will see it.

    Attributes:
        support_x, query_x: uint8 images, or float32 numbers.
        support_y, query_y: class numbers or targets.
        class_names: of classes 0 … N-1.
        curve: for regression, (points, 2): the truth.
    """

    support_x: Images | Floats
    support_y: Ints | Floats
    query_x: Images | Floats
    query_y: Ints | Floats
    class_names: tuple[str, ...]
    curve: Floats | None = None
