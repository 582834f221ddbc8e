"""Settings that several data sets declare alike, written once."""

from __future__ import annotations

from typing import Any

from workbench.schema.config import Config, setting

SEEDS = 2**31 - 1


def files(help: str, label: str = "Files") -> Any:  # noqa: A002 - as `setting` calls it
    """A file or folder that a person has; empty where none is chosen."""
    return setting("", path=True, label=label, help=help)


def image_size(default: int) -> Any:
    """The side of an image."""
    return setting(
        default,
        ge=8,
        le=224,
        suggest=(28, 84),
        unit="pixels",
        group="Pictures",
        help="Side of an image.",
    )


class Turned(Config):
    """Settings of classes that may be turned."""

    rotations: bool = setting(
        False,
        group="Splits",
        help="Training classes turned by 90, 180 and 270 degrees are classes of their own.",
    )
    rotate_held_out: bool = setting(
        False,
        label="Rotations held out too",
        group="Splits",
        advanced=True,
        help="So are those of validation and test, as in some papers; most keep them upright.",
    )


class Shares(Config):
    """Settings of classes that are dealt out by chance."""

    validation_share: float = setting(
        0.2, gt=0, lt=1, group="Splits", help="Share of the classes that validate."
    )
    test_share: float = setting(
        0.2, gt=0, lt=1, group="Splits", help="Share of the classes that test."
    )
    seed: int = setting(
        0, ge=0, le=SEEDS, group="Splits", help="Decides which classes are held out."
    )


class Dealt(Turned, Shares):
    """Settings of classes that are dealt out by chance, and may be turned."""


_FETCHED = "Where you have the files as they are published; if empty, they are downloaded once."


class FetchedSplit(Turned):
    """Settings of a published set that says which of its classes are held out."""

    path: str = files(_FETCHED)
    image_size: int = image_size(84)


class FetchedDealt(Dealt):
    """Settings of a published set whose classes are dealt out by chance."""

    path: str = files(_FETCHED)
    image_size: int = image_size(28)
