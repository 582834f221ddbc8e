"""The settings of tasks: their shape, the classes that take part, and what happens to images."""

from __future__ import annotations

from typing import Literal

from workbench.schema.config import Config, setting


class TaskConfig(Config, title="Task"):
    """What one few-shot problem looks like."""

    n_way: int = setting(
        5,
        ge=2,
        le=1000,
        suggest=(2, 60),
        label="Ways",
        symbol="N",
        unit="classes in a task",
        applies="classification",
        help="How many classes the model must tell apart in one task.",
    )
    k_shot: int = setting(
        1,
        ge=1,
        le=1000,
        suggest=(1, 20),
        label="Shots",
        symbol="K",
        unit="labelled examples of each",
        help="How many labelled examples of each class the model may learn from; for regression, "
        "how many points.",
    )
    queries: int = setting(
        15,
        ge=1,
        le=1000,
        suggest=(1, 50),
        label="Queries",
        symbol="Q",
        unit="examples of each to answer",
        help="Examples of each class that the adapted model must name. More of them make the outer "
        "gradient steadier and each step slower.",
    )
    least_ways: int | None = setting(
        None,
        ge=2,
        le=1000,
        label="Fewest ways",
        applies="classification",
        advanced=True,
        help="With a number here, each step draws how many classes its tasks have, from this many "
        "up to the ways.",
    )
    least_shots: int | None = setting(
        None,
        ge=1,
        le=1000,
        label="Fewest shots",
        applies="classification",
        advanced=True,
        help="With a number here, each class of a task has its own number of labelled examples, "
        "from this many up to the shots.",
    )


class ClassesConfig(Config, title="Classes"):
    """Which classes take part, and what they are called."""

    hidden: tuple[str, ...] = setting(
        (),
        label="Hidden classes",
        applies="classification",
        advanced=True,
        help="Classes that are in no split, as group/class. The Data page hides and shows them; "
        "names that the data set does not have mean nothing.",
    )
    renamed: tuple[str, ...] = setting(
        (),
        label="Renamed classes",
        applies="classification",
        advanced=True,
        help="Other names for classes, as group/class=name. Only what a person reads changes.",
    )


Augment = Literal["none", "mirror", "affine", "light", "affine_light", "mirror_affine_light"]

AUGMENT_WORDS = {
    "none": "as they are",
    "mirror": "mirrored",
    "affine": "turned, moved and zoomed",
    "light": "in other light",
    "affine_light": "turned, moved, zoomed, in other light",
    "mirror_affine_light": "all of it",
}


class AugmentConfig(Config, title="Augmentation"):
    """How images of training tasks are disturbed; those of validation and test never are."""

    support: Augment = setting(
        "none",
        choices=AUGMENT_WORDS,
        label="Disturb support",
        applies="classification",
        help="What happens to each labelled example of a training task, each in its own way.",
    )
    query: Augment = setting(
        "none",
        choices=AUGMENT_WORDS,
        label="Disturb queries",
        applies="classification",
        help="The same for the examples that the adapted model must name.",
    )
    degrees: float = setting(
        15.0,
        ge=0,
        le=180,
        label="Turn",
        unit="degrees at most",
        applies="classification",
        advanced=True,
        help="How far an image is turned, either way.",
    )
    move: float = setting(
        0.1,
        ge=0,
        le=0.5,
        unit="of its side at most",
        applies="classification",
        advanced=True,
        help="How far an image is moved, in each direction.",
    )
    zoom: float = setting(
        0.1,
        ge=0,
        le=0.9,
        unit="of its size at most",
        applies="classification",
        advanced=True,
        help="How much larger or smaller an image becomes.",
    )
    light: float = setting(
        0.2,
        ge=0,
        le=1,
        unit="of its own at most",
        applies="classification",
        advanced=True,
        help="How much brightness and contrast change.",
    )
