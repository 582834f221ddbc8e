"""A few-shot task as one file: what is taught, what is asked, and the strokes where it was drawn.

    save_task(task, Path("greek.fewshot"))
    task = load_task(Path("greek.fewshot"))

A zip archive that any program opens:

    task.json     {"format": 1, "title": …, "pen_width": …,
                   "classes": [{"name": …, "shots": ["support/0-0.png", …]}, …],
                   "queries": [{"image": "query/0.png", "class": 0 or null}, …],
                   "strokes": {"support/0-0.png": [[[x, y], …], …], …},
                   "widths": {"support/0-0.png": [[w, …], …], …}}
    *.png         8-bit grey or colour, pixel for pixel as a network is given them: ink is light

Strokes are in 0..1 of a square sheet, x to the right, y downwards; pen_width is in units of a
105-pixel sheet, and a stroke that was drawn with pressure is w times as wide at each point.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench import archives, ink, pictures
from workbench.archives import Files
from workbench.errors import DataError
from workbench.ink import Stroke

FORMAT = 1
SUFFIX = ".fewshot"
MOST_SIDE = 4096  # pixels
MOST_IMAGES = 10_000
BEYOND = (ArithmeticError, RecursionError)  # endless numbers, lists in lists in lists
MOST_PIXELS = 1 << 28  # of all images: a file may name one a thousand times
HINT = "A task file is written by Save task on the Draw page; save it again, or choose another."


@dataclass(frozen=True, eq=False)
class Example:
    """One image.

    Attributes:
        pixels: (C, H, W) uint8, ink and light high, with one or three channels.
        strokes: from which it was drawn, (P, 2) or (P, 3) each; empty where it was not.
    """

    pixels: NDArray[np.uint8]
    strokes: tuple[Stroke, ...] = ()


@dataclass(frozen=True, eq=False)
class TaskFile:
    """What a task file holds.

    Attributes:
        names: of the classes.
        shots: of each class its examples.
        queries: each with the number of its class, None where nobody says.
        pen_width: of every stroke.
    """

    names: tuple[str, ...]
    shots: tuple[tuple[Example, ...], ...]
    queries: tuple[tuple[Example, int | None], ...] = ()
    title: str = ""
    pen_width: float = ink.PEN_WIDTH

    def examples(self) -> Iterator[tuple[str, Example]]:
        """Every example and the name of its image."""
        for number, own in enumerate(self.shots):
            for shot, example in enumerate(own):
                yield f"support/{number}-{shot}.png", example
        for number, (example, _) in enumerate(self.queries):
            yield f"query/{number}.png", example


def of_arrays(
    names: Sequence[str],
    support: tuple[NDArray[np.uint8], NDArray[np.int64]],
    query: tuple[NDArray[np.uint8], NDArray[np.int64]],
    title: str = "",
) -> TaskFile:
    """A task of images (M, C, H, W) and class numbers (M,), taught and asked."""
    images, labels = support
    shots = tuple(
        tuple(Example(image) for image in images[labels == number]) for number in range(len(names))
    )
    queries = tuple((Example(image), int(label)) for image, label in zip(*query, strict=True))
    return TaskFile(tuple(names), shots, queries, title)


def save_task(task: TaskFile, path: Path) -> None:
    """Write a task; the file is either the old one or the new one, never half.

    Raises:
        DataError: it cannot be written.
    """
    half = path.with_name(f".{path.name}.part-{uuid.uuid4().hex[:8]}")
    try:
        with half.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("task.json", json.dumps(_contents(task), ensure_ascii=False))
                for name, example in task.examples():
                    archive.writestr(name, _png(example.pixels), zipfile.ZIP_STORED)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise DataError(
            "The task cannot be written to {path}: {reason}.",
            path=path,
            reason=error.strerror or str(error),
            hint="Choose another place, or make room.",
        ) from error
    finally:
        with contextlib.suppress(OSError):  # a name that is too long, say: it was never made
            half.unlink()


def load_task(path: Path) -> TaskFile:
    """Read a task.

    Raises:
        DataError: it is no task file, is damaged, or of a later version of this program.
    """
    with archives.opened(path, 0, HINT) as files:
        if "task.json" not in files.names:
            raise DataError("{path} holds no task.json.", path=path, hint=HINT)
        try:
            found = json.loads(files.read("task.json"))
            if found["format"] != FORMAT:
                raise DataError(
                    "{path} has format {have}; this program reads {want}.",
                    path=path,
                    have=found["format"],
                    want=FORMAT,
                    hint="Open it with a newer version of the workbench.",
                )
            drawn = _Images(files, found.get("strokes", {}), found.get("widths", {}))
            return _task(found, drawn)
        except (ValueError, LookupError, TypeError, AttributeError, *BEYOND) as error:
            raise DataError(
                "{path} is no task that can be understood: {reason}.",
                path=path,
                reason=str(error) or type(error).__name__,
                hint=HINT,
            ) from None


class _Images:
    """The examples of a file by the names of their images."""

    def __init__(self, files: Files, strokes: Mapping[str, Any], widths: Mapping[str, Any]) -> None:
        self._files, self._strokes, self._widths = files, strokes, widths
        self._read = self._pixels = 0

    def __call__(self, name: str) -> Example:
        self._read += 1
        if self._read > MOST_IMAGES:
            raise ValueError(f"it names more than {MOST_IMAGES:,} images")
        if name not in self._files.names:
            raise ValueError(f"it names {name}, which is not in it")
        places = self._strokes.get(name, ())
        widths = self._widths.get(name) or [()] * len(places)
        drawn = tuple(ink.of_lists(*both) for both in zip(places, widths, strict=True))
        return Example(_pixels(self._files.read(name), name, self._count), drawn)

    def _count(self, pixels: int) -> None:
        self._pixels += pixels
        if self._pixels > MOST_PIXELS:
            raise _TooLargeError(f"its images have more than {MOST_PIXELS:,} pixels")


def _task(found: Mapping[str, Any], example: _Images) -> TaskFile:
    classes = found["classes"]
    queries = []
    for query in found.get("queries", ()):
        number = query.get("class")
        if number is not None and not 0 <= int(number) < len(classes):
            raise ValueError(f"a query is of class {number}, of {len(classes)}")
        queries.append((example(query["image"]), None if number is None else int(number)))
    width = float(found.get("pen_width", ink.PEN_WIDTH))
    return TaskFile(
        names=tuple(str(one["name"]) for one in classes),
        shots=tuple(tuple(example(name) for name in one["shots"]) for one in classes),
        queries=tuple(queries),
        title=str(found.get("title", "")),
        pen_width=width if 0.5 <= width <= 20 else ink.PEN_WIDTH,
    )


def _contents(task: TaskFile) -> dict[str, Any]:
    drawn = {
        name: [ink.to_lists(stroke) for stroke in example.strokes]
        for name, example in task.examples()
        if example.strokes
    }
    return {
        "format": FORMAT,
        "title": task.title,
        "pen_width": task.pen_width,
        "classes": [
            {"name": name, "shots": [f"support/{n}-{shot}.png" for shot in range(len(own))]}
            for n, (name, own) in enumerate(zip(task.names, task.shots, strict=True))
        ],
        "queries": [
            {"image": f"query/{n}.png", "class": label} for n, (_, label) in enumerate(task.queries)
        ],
        "strokes": {name: [places for places, _ in own] for name, own in drawn.items()},
        "widths": {
            name: [widths for _, widths in own]
            for name, own in drawn.items()
            if any(widths for _, widths in own)
        },
    }


def _png(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    picture = pixels[0] if len(pixels) == 1 else np.moveaxis(pixels, 0, -1)
    Image.fromarray(np.ascontiguousarray(picture)).save(out, "PNG")
    return out.getvalue()


class _TooLargeError(ValueError):
    """It would fill the memory."""


def _pixels(data: bytes, name: str, count: Callable[[int], None]) -> NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if max(picture.size) > MOST_SIDE:
                raise _TooLargeError(f"{name} has {picture.width} x {picture.height} pixels")
            count(picture.width * picture.height)
            grey = picture.mode in ("L", "1", "I;16", "I")
            found = np.asarray(pictures.eight_bits(picture).convert("L" if grey else "RGB"))
    except _TooLargeError:
        raise
    except (*pictures.DAMAGED, Image.DecompressionBombError):
        raise ValueError(f"{name} is not a readable image") from None
    return np.ascontiguousarray(found[None] if grey else np.moveaxis(found, -1, 0))
