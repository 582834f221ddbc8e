"""Image classes as somebody published them: fetched once or picked, then read into a bank.

A data set of this kind is a `Published` whose `content` says which classes there are and hands out
their images, in any order. The rest is written here once: where the files come from, the cache, the
splits, what is said of it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench import archives, ink
from workbench.bank import BankBuilder, ClassInfo, build_cached, cache_key
from workbench.dealing import CLASSES, Splits, dealt, given
from workbench.errors import DataError
from workbench.fetching import Progress, Remote, discard_damaged, fetched
from workbench.schema import places
from workbench.sources import Dataset, ImageData

Images = Iterator[tuple[int, NDArray[np.uint8]]]  # class number, (C, H, W); in any order
TOLD = 64  # images between two words of progress
# What comes of files that are made otherwise than published ones.
MISSHAPEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
_GENERATION = 1  # goes up with every change of what is read, so that no cache shows the old


@dataclass(frozen=True)
class Content:
    """What published files hold.

    Attributes:
        classes: each with the number of its images.
        images: hands out all of them.
        notes: what is left out, as sentences.
    """

    classes: Sequence[tuple[ClassInfo, int]]
    images: Callable[[], Images]
    notes: Sequence[str] = ()


class Published(Dataset):
    """A published set of image classes.

    Its config has `path`, where a person has the files; `rotations` and `rotate_held_out`; if its
    publisher gives no split, `validation_share`, `test_share` and `seed`.
    """

    kind = "classification"
    # Files that are needed, as they are published. The first may be picked in place of all.
    parts: ClassVar[tuple[str, ...]] = ()
    # Settings that decide what a bank holds.
    decide: ClassVar[tuple[str, ...]] = ("image_size",)
    channels: ClassVar[int] = 1
    # Folder of its downloads, where two sets share one.
    kept: ClassVar[str] = ""
    # The first file is an archive, which a person may have unpacked into a folder.
    unpacks: ClassVar[bool] = False

    @abstractmethod
    def remotes(self) -> Sequence[Remote]:
        """Where its publisher has the files; the address of each of `wanted`."""

    @abstractmethod
    def content(self, files: Mapping[str, Path]) -> AbstractContextManager[Content]:
        """What the files hold, as long as the block lasts.

        Args:
            files: by the names of `wanted`.

        Raises:
            DataError: something is wrong with them.
        """

    def wanted(self) -> tuple[str, ...]:
        """Names of the files that the settings need."""
        return self.parts

    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""
        size = int(self.config.image_size)
        return self.channels, size, size

    def load(self, cache: Any, progress: Progress) -> ImageData:
        config, cache = self.config, Path(cache)
        build = partial(self._build, cache, progress)
        try:
            bank = build_cached(cache, self._key(), self.shape(), build)
        except DataError as error:
            if config.path or not discard_damaged(self.remotes(), self._downloads(cache)):
                raise
            raise DataError(
                "What was downloaded of {title} is damaged, and was taken away.",
                title=self.title,
                hint="Make it ready again: it is then downloaded anew.",
            ) from error
        return ImageData(
            bank,
            self.splits(bank.classes),
            config.rotations,
            str(bank.folder),
            bank.notes,
            config.rotate_held_out,
        )

    def here(self, cache: Path) -> bool:
        if self.config.path:
            return places.place(self.config.path).exists()
        folder, wanted = self._downloads(cache), self.wanted()
        fetched_once = bool(wanted) and all((folder / name).is_file() for name in wanted)
        return fetched_once or (cache / self._key() / "bank.json").is_file()

    def splits(self, classes: Sequence[ClassInfo]) -> Splits:
        """As its publisher says; dealt out by the seed otherwise."""
        config = self.config
        own = given([info.split for info in classes])
        if own is not None:
            return own
        names = [f"{info.group}/{info.name}" for info in classes]
        shares = config.validation_share, config.test_share
        return dealt(names, CLASSES, shares, config.seed)

    def opened(self, place: Path, deepest: int) -> AbstractContextManager[archives.Files]:
        """The files of an archive or folder; while they are searched, a person may cancel."""
        return archives.opened(place, deepest, self.ask(), self._tell)

    def _tell(self) -> None:
        self._progress(0, 0, f"Opening {self.title}")

    def _key(self) -> str:
        """The name of its bank. What a publisher has stays as it is, so that a bank made of it
        outlives the download."""
        own = [_GENERATION, *(getattr(self.config, name) for name in self.decide)]
        if self.config.path:
            return cache_key(self.config.name, [own, *map(_stamp, self._picked().values())])
        return cache_key(self.config.name, [own, self.wanted()])

    def _build(self, cache: Path, progress: Progress, to: BankBuilder) -> None:
        files = self._picked() if self.config.path else self._fetched(cache, progress)
        self._progress = progress
        self._tell()
        with self._as_published(files), self.content(files) as content:
            kept = [number for number, (_, count) in enumerate(content.classes) if count > 1]
            if not kept:
                raise DataError(
                    "There are no images of {title} in {place}.",
                    title=self.title,
                    place=next(iter(files.values())),
                    hint="Choose the files as they are published, or download them again.",
                )
            to.notes.extend(content.notes)
            to.lay_out([content.classes[number] for number in kept])
            counts = np.array([content.classes[number][1] for number in kept])
            free = dict(zip(kept, (np.cumsum(counts) - counts).tolist(), strict=True))
            total, size = int(counts.sum()), self.shape()[-1]
            for done, (number, image) in enumerate(content.images()):
                if done % TOLD == 0:
                    progress(done, total, f"Reading {self.title}")
                if number in free:
                    to.put(free[number], np.ascontiguousarray(ink.resize(image, size)))
                    free[number] += 1
        progress(total, total, f"Reading {self.title}")

    @contextmanager
    def _as_published(self, files: Mapping[str, Path]) -> Iterator[None]:
        """What opens well may still hold lists where arrays belong, or other numbers of them."""
        try:
            yield
        except MISSHAPEN as error:
            raise DataError(
                "{place} is not what is published of {title}: {reason}.",
                place=next(iter(files.values())),
                title=self.title,
                reason=str(error) or type(error).__name__,
                hint=self.ask(),
            ) from error

    def _fetched(self, cache: Path, progress: Progress) -> dict[str, Path]:
        folder = self._downloads(cache)
        here = {name: folder / name for name in self.wanted()}
        if here and all(path.is_file() for path in here.values()):
            return here  # who has the addresses takes seconds to load
        remotes = self.remotes()
        if not remotes:
            raise DataError("{title} needs its files.", title=self.title, hint=self.ask())
        found = fetched(remotes, folder, progress)
        return dict(zip(self.wanted(), found, strict=True))

    def _picked(self) -> dict[str, Path]:
        place = places.place(self.config.path)
        if not place.exists():
            raise DataError(
                "There is no file or folder {place}.", place=place, hint="Check its name."
            )
        return self.find(place)

    def _downloads(self, cache: Path) -> Path:
        return cache / "downloads" / (self.kept or str(self.config.name))

    def find(self, place: Path) -> dict[str, Path]:
        """The wanted files by name, where a person picked one of them or their folder.

        Raises:
            DataError: one is not there.
        """
        return {name: self._beside(place, name) for name in self.wanted()}

    def _beside(self, place: Path, name: str) -> Path:
        """Where one of the files is, if the person picked it, another of them, or their folder."""
        folder = place if place.is_dir() else place.parent
        for own in (name, name.removesuffix(".gz")):
            if (folder / own).is_file():
                return folder / own
        if name == self.wanted()[0] and (place.is_file() or self.unpacks):
            return place
        raise DataError(
            "{name} is not in {folder}.",
            name=name,
            folder=folder,
            hint=self.ask(),
        )

    def ask(self) -> str:
        """What a person is asked for."""
        return f"Choose a folder with {' and '.join(self.wanted())}."


def _stamp(place: Path) -> list[Any]:
    """What changes when a file does, or what lies in a folder."""
    if place.is_dir():
        with archives.opened(place, 9) as files:
            return [files.stamp]
    facts = place.stat()
    return [str(place.resolve()), facts.st_size, facts.st_mtime_ns]
