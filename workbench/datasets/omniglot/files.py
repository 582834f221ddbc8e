"""Where Omniglot's images are: in the official zips or their unpacked folders."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench import archives, pictures
from workbench.errors import DataError

_MOST = 4096  # side that an image may have, in pixels
_DEEPEST = 3  # part/alphabet/character
_LAYOUT = "It should hold folders alphabet/character/image.png, as images_background.zip does."
_CUT = "It may be cut off or something else; download it again, or leave the path empty."
_SIZE = "Remove it, or replace it by the original; Omniglot's have 105 x 105."


class Part(enum.Enum):
    """The two published parts."""

    BACKGROUND = "images_background"
    EVALUATION = "images_evaluation"


@dataclass(frozen=True)
class Character:
    """One class and where its images are.

    Attributes:
        images: names inside the source, sorted.
        read: gives the bytes of one of them.
    """

    part: Part
    alphabet: str
    name: str
    images: tuple[str, ...]
    read: Callable[[str], bytes]


@dataclass(frozen=True)
class Source:
    """One zip or folder: its characters, and a stamp that changes when its content does."""

    characters: tuple[Character, ...]
    stamp: str


@contextmanager
def opened(place: Path) -> Iterator[list[Source]]:
    """The sources at a place: a zip, a folder of zips, an unpacked part, or its parent.

    Raises:
        DataError: there is nothing of the kind, or it is damaged.
    """
    with ExitStack() as stack:
        sources = [_open(stack, path) for path in _find(place)]
        if not any(source.characters for source in sources):
            raise DataError("There are no images in {place}.", place=place, hint=_LAYOUT)
        yield sources


def decode(character: Character, image: str) -> NDArray[np.uint8]:
    """Grey levels (H, W) as they are stored: Omniglot's ink is 0.

    Raises:
        DataError: the file is not an image, is damaged, or is absurdly small or large.
    """
    picture = pictures.decode(character.read(image), image, _MOST, _SIZE)
    return np.asarray(picture.convert("L"))


def _find(place: Path) -> list[Path]:
    if not place.exists():
        raise DataError(
            "There is no file or folder {place}.",
            place=place,
            hint="Choose images_background.zip, or leave the path empty to download it.",
        )
    if place.is_file():
        return [place]
    inside = [
        next(
            (path for path in (place / part.value, place / f"{part.value}.zip") if path.exists()),
            None,
        )
        for part in Part
    ]
    return [path for path in inside if path is not None] or [place]


def _open(stack: ExitStack, path: Path) -> Source:
    found = stack.enter_context(archives.opened(path, _DEEPEST, _CUT))
    return Source(_characters(found.names, found.read), found.stamp)


def _characters(names: Iterable[str], read: Callable[[str], bytes]) -> tuple[Character, ...]:
    """Characters from paths that end in alphabet/character/image.png."""
    classes: dict[tuple[Part, str, str], list[str]] = defaultdict(list)
    for name in names:
        *above, file = name.replace("\\", "/").split("/")
        ours = file.lower().endswith(".png") and not file.startswith(".")
        if ours and len(above) >= 2 and "__MACOSX" not in above:
            part = Part.EVALUATION if Part.EVALUATION.value in above else Part.BACKGROUND
            classes[part, above[-2], above[-1]].append(name)
    return tuple(
        Character(*key, images=tuple(sorted(images)), read=read)
        for key, images in sorted(
            classes.items(), key=lambda item: (item[0][0].value, *item[0][1:])
        )
    )
