"""Which pictures belong to which class: as folders say it, or tables of file names and labels."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench import pictures
from workbench.archives import Files
from workbench.errors import DataError

SPLITS = ("train", "validation", "test")
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
COLUMNS = {"filename": "file", "file": "file", "path": "file", "image": "file", "label": "label"}
COLUMNS |= {"class": "label", "split": "split"}

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
    folders."""
    tables = [name for name in files.names if name.lower().endswith(".csv") and is_shown(name)]
    found: dict[Key, list[str]] = defaultdict(list)
    if tables:
        for key, picture in _by_tables(files, tables):
            found[key].append(picture)
    else:
        shown = [name for name in files.names if _is_picture(name)]
        strip = len(_common_folder(shown))
        for name in shown:
            *above, _ = name.split("/")[strip:]
            if above:
                found[_place(above)].append(name)
    order = sorted(found.items(), key=lambda item: (_rank(item[0][0]), *item[0][1:]))
    return [Class(*key, tuple(sorted(names))) for key, names in order]


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


def _common_folder(names: Sequence[str]) -> tuple[str, ...]:
    """Folders that hold everything, the last folder of the pictures never among them."""
    if not names:
        return ()
    paths = [tuple(name.split("/")[:-2]) for name in names]
    common = list(paths[0])
    for path in paths:
        while common and tuple(common) != path[: len(common)]:
            common.pop()
    while common and common[-1].lower() in SPLIT_NAMES:
        common.pop()  # it says a split, if only of a part
    return tuple(common)


def _rank(split: str) -> int:
    return SPLITS.index(split) if split else 0


def is_shown(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" not in parts and not parts[-1].startswith(".") and parts[-1] != "Thumbs.db"


def _is_picture(name: str) -> bool:
    return name.lower().endswith(pictures.SUFFIXES) and is_shown(name)
