"""A person's own arrays as the program keeps images: uint8, (M, C, H, W), in a bank on disk.

The folder of that bank is a data set like any other:

    folder = save_arrays((images, labels), root)
    resolve({"dataset": "arrays", "dataset.path": str(folder)})
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.bank import Bank, ClassInfo
from workbench.errors import DataError

Images = NDArray[np.uint8]  # (M, C, H, W)
Classes = dict[str, Images]  # by name

SPLITS = ("train", "validation", "test")
_HELD_OUT = 5  # every fifth class validates, another fifth tests


def save_arrays(data: Any, root: Path) -> Path:
    """Write arrays to a bank under `root`; the same arrays are written once.

    Args:
        data: (images, labels); or class name → images; or "train", "validation", "test" → either of
            these. Without splits every fifth class validates and another fifth tests.
        root: the folder in which the bank's folder is made.

    Returns:
        The bank's folder.

    Raises:
        DataError: the arrays are no images with classes, or cannot be written.
    """
    splits = _splits(data)
    classes = [
        (ClassInfo(name, split), images)
        for split in SPLITS
        for name, images in splits.get(split, {}).items()
    ]
    shapes = {images.shape[1:] for _, images in classes}
    if len(shapes) > 1:
        raise DataError(
            "The images have {count} different sizes: {shapes}.",
            count=len(shapes),
            shapes=", ".join(_by(shape) for shape in sorted(shapes)),
            hint="Bring them all to one size first.",
        )
    bank = Bank.of(classes)
    folder = root / f"arrays-{_digest(bank)}"
    try:
        Bank.open(folder)
    except DataError:
        bank.save(folder)
    return folder


def as_images(array: Any) -> Images:
    """Images as (M, C, H, W) uint8.

    Args:
        array: numpy's or torch's, (M, C, H, W) or (M, H, W); uint8, or float from 0 to 1, which is
            kept in 256 levels.

    Raises:
        DataError: it is something else.
    """
    images = to_numpy(array)
    if images.ndim == 3:
        images = images[:, None]
    if images.ndim != 4 or 0 in images.shape:
        raise DataError(
            "Images have the shape {shape}; (M, H, W) or (M, C, H, W) is needed.",
            shape=_by(to_numpy(array).shape),
            hint="Add or take out a dimension.",
        )
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    if images.dtype.kind not in "fbiu":
        raise DataError("Images hold {dtype}; numbers are needed.", dtype=images.dtype)
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):  # also where one of them is not a number
        raise DataError(
            "Images range from {low:g} to {high:g}; uint8, or floats from 0 to 1, are needed.",
            low=low,
            high=high,
            hint="Scale them to 0 … 1, or convert them to uint8.",
        )
    return np.rint(images.astype(np.float32) * 255).astype(np.uint8)


def as_labels(array: Any, count: int) -> NDArray[Any]:
    """Labels as a one-dimensional array.

    Raises:
        DataError: they are not one for each of `count` images.
    """
    labels = to_numpy(array)
    if labels.ndim != 1 or len(labels) != count:
        raise DataError(
            "There are {count} images and {labels} labels.",
            count=count,
            labels=_by(labels.shape),
            hint="Give one label for each image.",
        )
    return labels


def to_numpy(array: Any) -> NDArray[Any]:
    """A numpy array of an array, a list, or a tensor on any device."""
    if hasattr(array, "detach"):
        array = array.detach().cpu().numpy()
    return np.asarray(array)


def _splits(data: Any) -> dict[str, Classes]:
    if isinstance(data, Mapping) and data and set(data) <= set(SPLITS):
        return {str(split): _classes(part) for split, part in data.items()}
    classes = _classes(data)
    parts: dict[str, Classes] = {split: {} for split in SPLITS}
    order = ("train", "validation", "train", "test", "train")
    for number, (name, images) in enumerate(classes.items()):
        parts[order[number % _HELD_OUT]][name] = images
    return parts


def _classes(data: Any) -> Classes:
    if isinstance(data, Mapping):
        classes = {str(name): as_images(images) for name, images in data.items()}
    elif isinstance(data, Sequence) and len(data) == 2:
        images = as_images(data[0])
        labels = as_labels(data[1], len(images))
        classes = {str(name): images[labels == name] for name in np.unique(labels)}
    else:
        raise DataError(
            "Data are {kind}; (images, labels), or a mapping of class names to images, are needed.",
            kind=type(data).__name__,
        )
    if not classes:
        raise DataError("There are no classes in these data.")
    return classes


def _digest(bank: Bank) -> str:
    """The same for the same images, classes and splits."""
    digest = hashlib.sha256(np.ascontiguousarray(bank.images).data)
    digest.update(bank.starts.tobytes())
    digest.update(repr((bank.images.shape, bank.classes)).encode())
    return digest.hexdigest()[:16]


def _by(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape)) or "no"
