"""What window and worker say to each other about data before anything is trained on them: the rest
of `workbench.protocol`, by the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.leaks import Statement
from workbench.protocol import Command, Event, Floats, Ints, Split

if TYPE_CHECKING:  # which needs the library of images
    from workbench.survey import Survey


@dataclass(frozen=True)
class Inquiry(Command):
    """A question about data."""


@dataclass(frozen=True)
class SaveTasks(Inquiry):
    """Write the first tasks of a split to a file, see `workbench.tasklist`; answered by
    `TasksSaved`."""

    values: Mapping[str, Any]
    split: Split
    count: int
    path: str


@dataclass(frozen=True)
class TasksSaved(Event):
    """So many tasks are in that file."""

    path: str
    count: int


@dataclass(frozen=True)
class OpenTasks(Inquiry):
    """Read a list of tasks; answered by `TasksOpened`. `PreviewTask.listed` shows them."""

    path: str


@dataclass(frozen=True)
class TasksOpened(Event):
    """What that list says of itself.

    Attributes:
        dataset: name of the data set that they are of.
        split: whose classes they were drawn from; empty where it does not say.
        ways: classes of the widest task.
    """

    path: str
    count: int
    dataset: str
    split: str
    ways: int


@dataclass(frozen=True)
class AuditData(Inquiry):
    """Look at every image for what leaks over the split, see `workbench.leaks`; answered by
    `DataAudited`."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class DataAudited(Event):
    """What was checked of the images."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class LocateData(Inquiry):
    """Ask which data sets can be made ready from this computer alone; answered by `DataLocated`.

    Attributes:
        sets: settings of each by its name.
    """

    sets: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class DataLocated(Event):
    """Whether each is here."""

    here: Mapping[str, bool]


@dataclass(frozen=True)
class SurveyData(Inquiry):
    """Look at a file or folder before anything is made of it; answered by `DataSurveyed`."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class DataSurveyed(Event):
    """What was understood; None where the data set is always the same and needs no question."""

    survey: Survey | None


@dataclass(frozen=True)
class MapImages(Inquiry):
    """Lay images out on a plane, so that alike ones lie together; answered by `Progress`, then
    `ImagesMapped`.

    Attributes:
        classes: whose images; of many an even choice.
    """

    values: Mapping[str, Any]
    classes: tuple[int, ...]
    method: Literal["pca", "tsne"]


@dataclass(frozen=True)
class ImagesMapped(Event):
    """Where they lie: numbers (P,) of images in the bank, and their places (P, 2)."""

    images: Ints
    places: Floats
