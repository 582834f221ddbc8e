"""A person's own pictures: folders of classes, a zip or tar of them, or a table of labels.

    root/class/picture.jpg                       classes
    root/group/class/picture.jpg                 classes in groups, as characters are in alphabets
    root/train|validation|test/class/picture     classes whose split is given
    root/labels.csv, with the columns filename, label and perhaps split, in the folder or named
    itself; or train.csv, val.csv and test.csv, as Ravi and Larochelle wrote them for miniImageNet

Where no split is given, classes (or whole groups) are dealt out by a seed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from workbench import archives, pictures
from workbench.archives import Files
from workbench.bank import BankBuilder, ClassInfo, build_cached, cache_key
from workbench.datasets.image_folder.layout import (
    FILE_COLUMNS,
    Class,
    classes_of,
    is_shown,
    is_table,
    of_table,
    tables_of,
)
from workbench.dealing import CLASSES, Splits, dealt, given
from workbench.errors import DataError
from workbench.schema import data, places
from workbench.schema.config import setting
from workbench.schema.nouns import some, tell_apart
from workbench.sources import DATASETS, Dataset, ImageData, Progress
from workbench.survey import Survey, SurveyedClass, survey

DEEPEST = 4  # root/split/group/class
NAMED = 5  # of what was left out
HINT = (
    "Choose a folder with a folder of pictures for each class, a zip of it, or a table (.csv) of "
    "file names and labels."
)


class Config(data.Dealt):
    """Settings of a person's own pictures."""

    name: Literal["image_folder"] = "image_folder"
    path: str = data.files(
        "A folder with a folder of pictures for each class, a zip or tar of it, any of these "
        "with a table of file names and labels (.csv) inside, or the table itself.",
    )
    colour: bool = setting(
        False,
        group="Pictures",
        help="Keep colours. Off makes the pictures grey, and dark ink on light paper bright on "
        "dark, as drawings are.",
    )
    image_size: int = data.image_size(28)
    fit: pictures.Fit = setting(
        "crop",
        group="Pictures",
        help="What becomes of pictures that are not square: cut out the middle, pad the shorter "
        "side, or stretch.",
    )
    hold_out: Literal["class", "group"] = setting(
        "class",
        label="Hold out",
        group="Splits",
        help="What is kept from training: single classes, or whole groups of them, which is "
        "harder. Folders called train, validation and test, or a column split, decide by "
        "themselves.",
    )


@DATASETS.register(Config)
class ImageFolder(Dataset):
    """Pictures of one's own, in folders."""

    title = "Own pictures"
    kind = "classification"
    family = "Own data"
    summary = "Pictures of your own: a folder for each class, a zip of it, or a table of labels."
    facts: ClassVar[Mapping[str, Any]] = {
        "image": "picture",
        "required": {"path": HINT},
        "columns": FILE_COLUMNS,
    }
    config: Config

    def here(self, cache: Path) -> bool:
        return bool(self.config.path) and places.place(self.config.path).exists()

    def load(self, cache: Any, progress: Progress) -> ImageData:
        config = self.config
        if not config.path:
            raise DataError("Own pictures need a folder or a zip.", hint=HINT)
        place = places.place(config.path)
        with _opened(place) as files:
            found = classes_of(files)
            tell_apart([(one.group, one.name) for one in found], NAMED)
            kept = [one for one in found if len(one.pictures) > 1]
            if not kept:
                raise _nothing(place, found)
            own = given([one.split for one in kept])
            splits = own or self._dealt(kept)
            shape = (3 if config.colour else 1, config.image_size, config.image_size)
            key = cache_key("image_folder", [shape, config.fit, files.stamp, list(map(str, kept))])
            bank = build_cached(
                cache,
                key,
                shape,
                lambda to: _build(kept, files, config.fit, shape, to, progress),
            )
        notes, held_out = (*_warnings(found), *_notes(found, files)), config.rotate_held_out
        folder = str(bank.folder)
        return ImageData(
            bank, splits, config.rotations, folder, notes, held_out, split_given=own is not None
        )

    def survey(self, progress: Progress) -> Survey:
        place = places.place(self.config.path)
        with _opened(place) as files:
            found = classes_of(files)
            if not found:
                raise _nothing(place, found)
            tell_apart([(one.group, one.name) for one in found], NAMED)
            tables = tables_of(files)
            how = f"Labels in {tables[0]}" if tables else "A folder for each class"
            classes = [SurveyedClass(c.name, c.group, c.split, c.pictures) for c in found]
            said = _warnings(found), _notes(found, files)
            return survey(how, classes, files.each, *said, progress)

    def _dealt(self, classes: Sequence[Class]) -> Splits:
        config = self.config
        shares = config.validation_share, config.test_share
        if config.hold_out == "group":
            return dealt([one.group for one in classes], "groups", shares, config.seed)
        own = [f"{one.group}/{one.name}" for one in classes]
        return dealt(own, CLASSES, shares, config.seed)


@contextmanager
def _opened(place: Path) -> Iterator[Files]:
    """A folder, an archive, or a table with the pictures that it names."""
    if is_table(place.name) and place.is_file():
        yield of_table(place)
        return
    with archives.opened(place, DEEPEST, HINT) as files:
        yield files


def _build(
    classes: Sequence[Class],
    files: Files,
    fit: pictures.Fit,
    shape: tuple[int, int, int],
    builder: BankBuilder,
    progress: Progress,
) -> None:
    # By name, where in the bank a picture belongs; tables may put one into several classes.
    where: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(name for one in classes for name in one.pictures):
        where[name].append(number)
    builder.lay_out([(ClassInfo(one.name, one.group), len(one.pictures)) for one in classes])
    for done, (name, content) in enumerate(files.each(where)):
        progress(done, len(where), f"Reading {name}")
        image = pictures.pixels(pictures.decode(content, name), shape, fit)
        for number in where[name]:
            builder.put(number, image)
    progress(len(where), len(where), "Reading pictures")


def _warnings(found: Sequence[Class]) -> tuple[str, ...]:
    """What will flatter the test."""
    sides = Counter((one.group, one.name) for one in found)
    torn = [name for (_, name), count in sides.items() if count > 1]
    words = "In several splits, so that what is asked was trained on"
    held = "Few-shot splits hold out whole classes."
    return (f"{words}: {some(torn, NAMED)}. {held}",) if torn else ()


def _notes(found: Sequence[Class], files: Files) -> tuple[str, ...]:
    """What was left out."""
    lone = [one.name for one in found if len(one.pictures) < 2]
    used = {name for one in found for name in one.pictures}
    rest = [n for n in files.names if n not in used and is_shown(n) and not is_table(n)]
    notes = []
    if lone:
        words = "Left out, for a task needs two images of each class"
        notes.append(f"{words}: {some(lone, NAMED)}; one image each.")
    if rest:
        notes.append(f"Passed over, for they are no pictures of a class: {some(rest, NAMED)}.")
    if files.links:
        words = "Passed over, for they are links that lead nowhere or out of the archive"
        notes.append(f"{words}: {some(files.links, NAMED)}.")
    return tuple(notes)


def _nothing(place: Path, found: Sequence[Class]) -> DataError:
    if found:
        return DataError(
            "Each of the {count:,} classes in {place} has one picture.",
            count=len(found),
            place=place,
            hint="A task needs one to learn from and one to ask about: add at least a second "
            "picture to each class.",
        )
    return DataError(
        "There are no classes in {place}.",
        place=place,
        endings=", ".join(pictures.SUFFIXES),
        hint="It should hold a folder for each class, with pictures that end in {endings}.",
    )
