"""The files of a zip or a folder. Both look alike from here on; nothing is unpacked."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench.errors import DataError

MOST_BYTES = 256 << 20  # of one member of a zip: more is no picture, but a bomb
CLIMBING = ".."


@dataclass(frozen=True)
class Files:
    """What a zip or folder holds.

    Attributes:
        names: sorted, with "/" between folders. A folder's begin with its own name.
        stamp: changes when the content does.
        read: gives the bytes of one of them. Raises DataError.
    """

    names: tuple[str, ...]
    stamp: str
    read: Callable[[str], bytes]


@contextmanager
def opened(place: Path, deepest: int, hint: str = "") -> Iterator[Files]:
    """The files of a zip or folder, as long as the block lasts.

    Args:
        deepest: folders inside folders that are looked into: deeper is a home or a disk.
        hint: what to do where it is no whole zip.

    Raises:
        DataError: it is not there, damaged, or holds a name that climbs out of it.
    """
    if not os.path.lexists(place):  # `exists` refuses a name that is too long
        raise DataError("There is no file or folder {place}.", place=place, hint="Check its name.")
    if place.is_dir():
        yield _folder(place, deepest)
        return
    try:
        archive = zipfile.ZipFile(place)
    except (zipfile.BadZipFile, NotImplementedError):
        raise _bad_zip(place, hint) from None
    except OSError as error:
        raise unreadable(place, error) from None
    with archive:
        yield _zip(place, archive, hint)


def unreadable(path: Path, error: OSError) -> DataError:
    """What an OSError on reading means for a person."""
    return DataError(
        "{path} cannot be read: {reason}.",
        path=path,
        reason=error.strerror or str(error),
        hint="Check that it is there and that you may read it.",
    )


def _folder(folder: Path, deepest: int) -> Files:
    try:
        facts = [(path, path.stat()) for path in sorted(_walk(folder, deepest))]
    except OSError as error:
        raise unreadable(folder, error) from None
    stamp = hashlib.sha256(str(folder.resolve()).encode())
    for path, fact in facts:
        stamp.update(f"{path} {fact.st_size} {fact.st_mtime_ns}\n".encode())
    names = tuple(path.relative_to(folder.parent).as_posix() for path, _ in facts)
    return Files(names, stamp.hexdigest(), partial(_read_file, folder.parent))


def _walk(folder: Path, deepest: int) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=_give_up):
        here = Path(place)
        if len(here.relative_to(folder).parts) == deepest:
            folders.clear()
        yield from (here / name for name in names)


def _give_up(error: OSError) -> None:
    raise error  # `os.walk` would pass over what it may not read


def _zip(path: Path, archive: zipfile.ZipFile, hint: str) -> Files:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    # Some programs of Windows write "\\" between folders.
    members = {entry.filename.replace("\\", "/"): entry for entry in entries}
    for entry in entries:
        if not _is_safe(entry.filename):
            raise DataError(
                "{path} holds a file with the unsafe name {name!r}.",
                path=path,
                name=entry.filename,
                hint="No archive of images needs that; get it again from its source.",
            )
        if entry.file_size > MOST_BYTES:
            raise DataError(
                "{path} holds {name}, which unpacks to {size:,} MB; at most {most} are expected.",
                path=path,
                name=entry.filename,
                size=entry.file_size >> 20,
                most=MOST_BYTES >> 20,
                hint="That is no picture; take it out of the archive.",
            )
    facts = path.stat()
    stamp = f"{path.resolve()} {facts.st_size} {facts.st_mtime_ns}"
    return Files(tuple(sorted(members)), stamp, partial(_read_zipped, path, archive, hint, members))


def _is_safe(name: str) -> bool:
    """Neither absolute nor climbing, by the rules of any system."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "" and ":" not in parts[0] and CLIMBING not in parts


def _read_zipped(
    path: Path,
    archive: zipfile.ZipFile,
    hint: str,
    members: Mapping[str, zipfile.ZipInfo],
    name: str,
) -> bytes:
    try:
        return archive.read(members[name])
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise _bad_zip(path, hint) from None
    except OSError as error:
        raise unreadable(path, error) from None


def _read_file(root: Path, name: str) -> bytes:
    try:
        return (root / name).read_bytes()
    except OSError as error:
        raise unreadable(root / name, error) from None


def _bad_zip(path: Path, hint: str) -> DataError:
    return DataError("{path} is not a whole zip archive.", path=path, hint=hint)
