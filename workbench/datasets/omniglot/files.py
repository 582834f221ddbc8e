"""Where Omniglot's images are. Zips and folders look alike from here on; nothing is unpacked."""

from __future__ import annotations

import enum
import hashlib
import io
import os
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.errors import DataError

_LEAST, _MOST = 8, 4096  # sides that an image may have, in pixels
_DEEPEST = 3
_LAYOUT = "It should hold folders alphabet/character/image.png, as images_background.zip does."


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
    data = character.read(image)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            if min(width, height) < _LEAST or max(width, height) > _MOST:
                raise DataError(
                    "{image} has {width} x {height} pixels; {least} to {most} are expected.",
                    image=image,
                    width=width,
                    height=height,
                    least=_LEAST,
                    most=_MOST,
                    hint="Remove it, or replace it by the original; Omniglot's have 105 x 105.",
                )
            return np.asarray(picture.convert("L"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise DataError(
            "{image} is not a readable image.",
            image=image,
            hint="Remove it, or replace it by the original.",
        ) from None


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
    if path.is_dir():
        return _from_folder(path)
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
    except zipfile.BadZipFile:
        raise _bad_zip(path) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    return _from_zip(path, archive)


def _from_zip(path: Path, archive: zipfile.ZipFile) -> Source:
    names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    for name in names:
        if not _is_safe(name):
            raise DataError(
                "{path} holds a file with the unsafe name {name!r}.",
                path=path,
                name=name,
                hint="This is not Omniglot's archive; download it again from its source.",
            )
    facts = path.stat()
    stamp = f"{path.resolve()} {facts.st_size} {facts.st_mtime_ns}"
    return Source(_characters(names, partial(_read_zipped, path, archive)), stamp)


def _from_folder(folder: Path) -> Source:
    try:
        facts = [(path, path.stat()) for path in sorted(_files(folder))]
    except OSError as error:
        raise _unreadable(folder, error) from None
    names = [path.relative_to(folder.parent).as_posix() for path, _ in facts]
    stamp = hashlib.sha256(str(folder.resolve()).encode())
    for path, fact in facts:
        stamp.update(f"{path} {fact.st_size} {fact.st_mtime_ns}\n".encode())
    return Source(_characters(names, partial(_read_file, folder.parent)), stamp.hexdigest())


def _files(folder: Path) -> Iterator[Path]:
    """Files down to part/alphabet/character/image; deeper is not Omniglot, but a home or a disk."""
    for place, folders, names in os.walk(folder, onerror=_give_up):
        here = Path(place)
        if len(here.relative_to(folder).parts) == _DEEPEST:
            folders.clear()
        yield from (here / name for name in names)


def _give_up(error: OSError) -> None:
    raise error  # `os.walk` would pass over what it may not read


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


def _is_safe(name: str) -> bool:
    """Neither absolute nor climbing, by the rules of any system."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "" and ":" not in parts[0] and ".." not in parts


def _read_zipped(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise _bad_zip(path) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _read_file(root: Path, name: str) -> bytes:
    try:
        return (root / name).read_bytes()
    except OSError as error:
        raise _unreadable(root / name, error) from None


def _bad_zip(path: Path) -> DataError:
    return DataError(
        "{path} is not a whole zip archive.",
        path=path,
        hint="It may be cut off or something else; download it again, or leave the path empty.",
    )


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(
        "{path} cannot be read: {reason}.",
        path=path,
        reason=error.strerror or str(error),
        hint="Check that it is there and that you may read it.",
    )
