"""Content that is arrays: all images in one, and a label for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.published import Content, Images

Part = tuple[NDArray[np.uint8], NDArray[np.int64]]  # (M, C, H, W), (M,) class numbers


def content(classes: Sequence[ClassInfo], parts: Sequence[Part], title: str) -> Content:
    """Content of arrays.

    Args:
        classes: by the numbers that stand in the labels.
        parts: images and labels, one after another.
        title: of the data set, for what is said.

    Raises:
        DataError: images and labels do not fit together.
    """
    for images, labels in parts:
        if len(images) != len(labels) or labels.ndim != 1 or images.ndim != 4:
            raise DataError(
                "{title} has {images:,} images of shape {shape} and {labels:,} labels.",
                title=title,
                images=len(images),
                shape=" × ".join(map(str, images.shape[1:])) or "no",
                labels=labels.size,
                hint="The files do not belong together; download them again.",
            )
        if len(labels) and not (labels.min() >= 0 and labels.max() < len(classes)):
            raise DataError(
                "{title} has labels from {low} to {high}; {count} classes are known.",
                title=title,
                low=labels.min(),
                high=labels.max(),
                count=len(classes),
                hint="The files are of another version; download them again.",
            )
    counts = sum(np.bincount(labels, minlength=len(classes)) for _, labels in parts)
    sizes = zip(classes, np.broadcast_to(counts, len(classes)).tolist(), strict=True)
    return Content(list(sizes), lambda: _images(parts))


def _images(parts: Sequence[Part]) -> Images:
    for images, labels in parts:
        yield from zip(labels.tolist(), _each(images), strict=True)


def _each(images: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    yield from images
