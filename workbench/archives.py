"""The files of a zip, a tar or a folder. They look alike from here on; nothing is unpacked."""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench.errors import DataError

MOST_BYTES = 256 << 20  # of one member: more is no picture, but a bomb
CLIMBING = ".."
TOLD = 64  # members between two words
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
SPOILT = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)


@dataclass(frozen=True)
class Files:
    """What a zip, tar or folder holds.

    Attributes:
        names: sorted, with "/" between folders. A folder's begin with its own name.
        stamp: changes when the content does.
        read: gives the bytes of one of them. Raises DataError.
        links: names that lead elsewhere: those of archives, which are never followed, and those
            of folders that lead nowhere.
        stream: gives (name, bytes) of some of them in the order in which they lie, which of a tar
            is the only quick one. None: by the order of names.
    """

    names: tuple[str, ...]
    stamp: str
    read: Callable[[str], bytes]
    links: tuple[str, ...] = ()
    stream: Callable[[Collection[str]], Iterator[tuple[str, bytes]]] | None = None

    def each(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of some of the files, in the order that is quick. Raises DataError."""
        if self.stream is not None:
            yield from self.stream(names)
        else:
            yield from ((name, self.read(name)) for name in names)


@contextmanager
def opened(
    place: Path, deepest: int, hint: str = "", tell: Callable[[], None] = lambda: None
) -> Iterator[Files]:
    """The files of a zip, tar or folder, as long as the block lasts.

    Args:
        deepest: folders inside folders that are looked into: deeper is a home or a disk.
        hint: what to do where it is no whole archive.
        tell: called now and then while a long tar is searched for names; may raise Cancelled.

    Raises:
        DataError: it is not there, damaged, or holds a name that climbs out of it.
    """
    if not os.path.lexists(place):  # `exists` refuses a name that is too long
        raise DataError("There is no file or folder {place}.", place=place, hint="Check its name.")
    if place.is_dir():
        yield _folder(place, deepest)
        return
    if place.name.lower().endswith(TARS):
        yield _tar(place, hint, tell)
        return
    try:
        archive = zipfile.ZipFile(place)
    except (zipfile.BadZipFile, NotImplementedError):
        raise _bad_zip(place, hint) from None
    except OSError as error:
        raise unreadable(place, error) from None
    with archive:
        yield _zip(place, archive, hint)


def named(folder: Path, names: Iterable[str]) -> Files:
    """Some files of a folder, without a look at what else lies there. Those that are not there, or
    lead out of it, are left out."""
    found = []
    for name in names:
        with contextlib.suppress(OSError, ValueError):  # no system has such a name
            fact = (folder / name).stat() if _is_safe(name) else None
            if fact is not None and stat.S_ISREG(fact.st_mode):
                found.append((f"{_root(folder)}{name}", _fact(fact)))
    return _of_folder(folder, sorted(set(found)))


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
        found: list[tuple[str, str]] = []
        _walk(str(folder), _root(folder), deepest, found)
    except OSError as error:
        raise unreadable(folder, error) from None
    return _of_folder(folder, sorted(found))


def _root(folder: Path) -> str:
    return f"{folder.name}/".lstrip("/")


def _of_folder(folder: Path, found: Sequence[tuple[str, str]]) -> Files:
    """Files of a folder from their names and facts; a link that leads nowhere has none."""
    links = tuple(name for name, fact in found if not fact)
    stamp = hashlib.sha256(str(folder.resolve()).encode())
    facts = "".join(f"{name} {fact}\n" for name, fact in found if fact)
    stamp.update(facts.encode("utf-8", "surrogateescape"))  # as the system spells odd names
    names = tuple(name for name, fact in found if fact)
    return Files(names, stamp.hexdigest(), partial(_read_file, folder.parent), links)


def _walk(place: str, above: str, deeper: int, found: list[tuple[str, str]]) -> None:
    """Add the name of each file, and its size and time in words: none of a link that leads nowhere
    or round in a ring. Folders that are links are not entered. It is text all through: `Path` would
    take most of the time that a hundred thousand files take."""
    with os.scandir(place) as entries:
        for entry in entries:
            name = above + entry.name
            if entry.is_dir(follow_symlinks=False):
                if deeper:
                    _walk(entry.path, f"{name}/", deeper - 1, found)
                continue
            try:
                fact = entry.stat()
            except OSError:
                if not entry.is_symlink():
                    raise
                found.append((name, ""))
                continue
            if not stat.S_ISDIR(fact.st_mode):
                found.append((name, _fact(fact)))


def _fact(of: os.stat_result) -> str:
    return f"{of.st_size} {of.st_mtime_ns}"


def _zip(path: Path, archive: zipfile.ZipFile, hint: str) -> Files:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    links = tuple(entry.filename for entry in entries if stat.S_ISLNK(entry.external_attr >> 16))
    # Some programs of Windows write "\\" between folders.
    members = {entry.filename.replace("\\", "/"): entry for entry in entries}
    for entry in entries:
        _check(path, entry.filename, entry.file_size)
    members = {name: entry for name, entry in members.items() if entry.filename not in links}
    reader = partial(_read_zipped, path, archive, hint, members)
    return Files(tuple(sorted(members)), _stamp(path), reader, links)


def _tar(path: Path, hint: str, tell: Callable[[], None]) -> Files:
    names: list[str] = []
    links: list[str] = []
    for number, member in enumerate(_members(path, hint)):
        if number % TOLD == 0:
            tell()
        if not member.isdir():
            _check(path, member.name, member.size)
            (names if member.isreg() else links).append(_plain(member.name))
    reader, stream = partial(_read_tar, path, hint), partial(_stream_tar, path, hint)
    return Files(tuple(sorted(names)), _stamp(path), reader, tuple(links), stream)


def _members(path: Path, hint: str) -> Iterator[tarfile.TarInfo]:
    """The members of a tar one after another; while one is there, its content can be read."""
    return (member for _, member in _walk_tar(path, hint))


def _walk_tar(path: Path, hint: str) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with _whole(path, hint), tarfile.open(path) as archive:
        while member := archive.next():
            yield archive, member
            archive.members = []  # type: ignore[attr-defined]  # it would keep them all


@contextmanager
def _whole(path: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except SPOILT:
        raise _bad_archive(path, "tar", hint) from None
    except OSError as error:  # gzip's own are among them, without a number
        raise unreadable(path, error) if error.errno else _bad_archive(path, "tar", hint) from None


def _stream_tar(path: Path, hint: str, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    wanted = set(names)
    for archive, member in _walk_tar(path, hint):
        name = _plain(member.name)
        if member.isreg() and name in wanted:
            wanted.remove(name)  # a later one of the same name is not what was counted
            file = archive.extractfile(member)
            assert file is not None  # regular files have content
            with _whole(path, hint):
                content = file.read()
            yield name, content
            if not wanted:
                return


def _read_tar(path: Path, hint: str, name: str) -> bytes:
    return next(content for _, content in _stream_tar(path, hint, [name]))


def _plain(name: str) -> str:
    return name.removeprefix("./")


def _stamp(path: Path) -> str:
    facts = path.stat()
    return f"{path.resolve()} {facts.st_size} {facts.st_mtime_ns}"


def _check(path: Path, name: str, size: int) -> None:
    """Refuse a member of an archive that means harm."""
    if not _is_safe(name):
        raise DataError(
            "{path} holds a file with the unsafe name {name!r}.",
            path=path,
            name=name,
            hint="No archive of images needs that; get it again from its source.",
        )
    if size > MOST_BYTES:
        raise DataError(
            "{path} holds {name}, which unpacks to {size:,} MB; at most {most} are expected.",
            path=path,
            name=name,
            size=size >> 20,
            most=MOST_BYTES >> 20,
            hint="That is no picture; take it out of the archive.",
        )


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
    return _bad_archive(path, "zip", hint)


def _bad_archive(path: Path, kind: str, hint: str) -> DataError:
    return DataError("{path} is not a whole {kind} archive.", path=path, kind=kind, hint=hint)
