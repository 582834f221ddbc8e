"""Which pictures belong to which class: as folders say it, or tables of file names and labels."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath

from workbench import archives, oneshot, pictures
from workbench.archives import Files
from workbench.dealing import SPLITS
from workbench.errors import DataError

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
FILE_COLUMNS = ("filename", "file", "path", "image")
COLUMNS = dict.fromkeys(FILE_COLUMNS, "file") | {"label": "label", "class": "label"}
COLUMNS |= {"split": "split"}

Key = tuple[str, str, str]  # split, group and name of a class


@dataclass(frozen=True)
class Class:
    """One class and where its pictures are; `split` is empty where none is given."""

    split: str
    group: str
    name: str
    pictures: tuple[str, ...]


def classes_of(files: Files) -> list[Class]:
    """Classes in the order of split, group and name: by the tables where there are some, else by
    folders.

    Raises:
        DataError: these are tasks, not classes.
    """
    if any(name.endswith(f"/{oneshot.LABELS}") for name in files.names):
        raise DataError(
            "These are Omniglot's one-shot runs: tasks, and no classes to train on.",
            hint="Score a run on them: on the Runs page, or with evaluate RUN --task.",
        )
    tables = tables_of(files)
    found: dict[Key, list[str]] = defaultdict(list)
    if tables:
        for key, picture in _by_tables(files, tables):
            found[key].append(picture)
    else:
        shown = _by_folder(files)
        strip = len(_common_folder([one.split("/") if one else [] for one in shown]))
        for folder, names in shown.items():
            above = folder.split("/")[strip:] if folder else []
            if above:
                found[_place(above)] += names
    order = sorted(found.items(), key=lambda item: (_rank(item[0][0]), *item[0][1:]))
    # A table may name a picture twice, which would stand in support set and queries both.
    return [Class(*key, tuple(sorted(set(names)))) for key, names in order]


def tables_of(files: Files) -> list[str]:
    """The tables among them."""
    return [name for name in files.names if is_table(name) and is_shown(name)]


def of_table(table: Path) -> Files:
    """A table and the pictures that it names, which lie beside it or below.

    Raises:
        DataError: it is no table of pictures.
    """
    alone = archives.named(table.parent, [table.name])
    rows = _rows(alone, alone.names[0]) if alone.names else []
    said = {row["file"].strip().replace("\\", "/") for row in rows}
    names = (name for one in said for name in (one, f"images/{one}"))
    return archives.named(table.parent, [table.name, *names])


def _by_folder(files: Files) -> dict[str, list[str]]:
    """Pictures by the folder that they lie in. There may be very many, and few folders: what is
    true of a folder is asked once."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in files.names:
        folder, _, own = name.rpartition("/")
        if own.lower().endswith(pictures.SUFFIXES) and not own.startswith("."):
            found[folder].append(name)
    return {folder: names for folder, names in found.items() if is_shown(f"{folder}/1")}


def _by_tables(files: Files, tables: Sequence[str]) -> list[tuple[Key, str]]:
    """Key and picture of every row of the tables."""
    by_path = {name: name for name in files.names}
    by_end: dict[str, list[str]] = defaultdict(list)
    for name in files.names:
        by_end[PurePosixPath(name).name].append(name)
    found = []
    for table in tables:
        split = SPLIT_NAMES.get(PurePosixPath(table).stem.lower(), "")
        for row in _rows(files, table):
            picture = _picture_of(row["file"], table, by_path, by_end)
            named = row.get("split", "").strip().lower()
            found.append(((SPLIT_NAMES.get(named, split), "", row["label"].strip()), picture))
    return found


def _rows(files: Files, table: str) -> list[dict[str, str]]:
    try:
        text = files.read(table).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            "{table} is no table of text: {error}.",
            table=table,
            error=error,
            hint="Save it as CSV in UTF-8, with the columns filename and label.",
        ) from None
    heads = [COLUMNS.get(head.strip().lower(), "") for head in lines[0]] if lines else []
    if "file" not in heads or "label" not in heads:
        raise DataError(
            "{table} has the columns {heads}; filename and label are needed.",
            table=table,
            heads=", ".join(lines[0]) if lines else "of nothing",
            hint="Name the columns in the first line.",
        )
    return [dict(zip(heads, line, strict=False)) for line in lines[1:] if len(line) >= len(heads)]


def _picture_of(
    file: str, table: str, by_path: Mapping[str, str], by_end: Mapping[str, Sequence[str]]
) -> str:
    """The file of a row: beside its table, below it, or the only one of that name."""
    file = file.strip().replace("\\", "/")
    beside = PurePosixPath(table).parent
    for path in (beside / file, beside / "images" / file):
        if str(path) in by_path:
            return str(path)
    same = by_end.get(PurePosixPath(file).name, ())
    if len(same) == 1:
        return same[0]
    raise DataError(
        "{table} names {file}, which {why}.",
        table=table,
        file=file,
        why="several folders have" if same else "is not there",
        hint="Write the path from the table's folder.",
    )


def _place(above: Sequence[str]) -> tuple[str, str, str]:
    """Split, group and name of a class from the folders above its pictures."""
    split = SPLIT_NAMES.get(above[0].lower(), "") if len(above) > 1 else ""
    inner = above[1:] if split else above
    return split, "/".join(inner[:-1]), inner[-1]


def _common_folder(folders: list[list[str]]) -> list[str]:
    """Of the folders above each picture, those that hold everything; what lies in them beside the
    classes is of no class. A single class is no such folder."""
    if not folders:
        return []
    ends = zip(min(folders), max(folders), strict=False)  # what these share, all share
    common = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], ends)]
    if all(len(folder) == len(common) for folder in folders):
        common = common[:-1]
    while common and common[-1].lower() in SPLIT_NAMES:
        common.pop()  # it says a split, if only of a part
    return common


def _rank(split: str) -> int:
    return SPLITS.index(split) if split else 0


def is_shown(name: str) -> bool:
    """Whether a person has put it there, and no program for its own use."""
    *above, own = name.split("/")
    hidden = own.startswith(".") or any(folder.startswith(".") for folder in above[1:])
    return not hidden and "__MACOSX" not in above and own != "Thumbs.db"


def is_table(name: str) -> bool:
    return name[-4:].lower() == ".csv"
