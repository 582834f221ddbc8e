"""The commands about data: `data` and `tasks`. They load no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from workbench.cli.arguments import Request
from workbench.cli.console import Console, table
from workbench.cli.progress import PreparationBar
from workbench.engine.episodes import gather
from workbench.errors import ConfigError
from workbench.leaks import Statement
from workbench.schema.nouns import Words
from workbench.services.audits import audit, words_of
from workbench.services.data import plugin_config, selected_of, survey_of
from workbench.services.draws import draw_list
from workbench.services.maps import METHODS, features, some_images
from workbench.sources import DATASETS, FunctionData, ImageData
from workbench.store import cache_root
from workbench.survey import Survey
from workbench.taskfile import SUFFIX, of_arrays, save_task
from workbench.tasklist import TaskList, numbers, save_tasks

SHOWN = 10


def data(request: Request, console: Console) -> None:
    """`data`, `data --look` and `data --map METHOD`."""
    _say_notes(request, console)
    if request.options.look:
        with PreparationBar(console) as bar:
            survey = survey_of(request.values, bar)
        if survey is None:
            raise ConfigError.of(
                "", "This data set is always the same; there is nothing to look at."
            )
        console.result(_survey_object(survey), _survey_words(survey))
        return
    found = _load(request, console)
    if not isinstance(found, ImageData):
        ranges = dict(zip(found.parameter_names, found.parameter_ranges, strict=True))
        words = table(
            ("parameter", "from", "to"), [(k, f"{a:g}", f"{b:g}") for k, (a, b) in ranges.items()]
        )
        console.result({"parameters": {k: list(v) for k, v in ranges.items()}}, words)
        return
    if request.options.map is not None:
        _map(found, request.options.map, console)
        return
    with PreparationBar(console) as bar:
        statements = audit(request.values, found, bar)
    console.result(
        _data_object(found, statements), _data_words(found, statements, words_of(request.values))
    )


def tasks(request: Request, console: Console) -> None:
    """`tasks --split SPLIT --count N --save FILE`, with the settings of `train`."""
    options = request.options
    if options.count < 1:
        raise ConfigError.of("", f"--count is {options.count}; the least is 1.")
    _say_notes(request, console)
    whole = _load_whole(request, console)
    with PreparationBar(console) as bar:
        found = draw_list(request.values, whole, options.split, options.count, bar)
    loaded = _selected(request, whole)
    assert isinstance(loaded, ImageData)  # or there were no list
    if options.save is not None and options.save.suffix == SUFFIX:
        _save_one(found, loaded, options.save)
    elif options.save is not None:
        save_tasks(found, options.save)
    names = tuple(info.title for info in loaded.bank.classes)
    words = _tasks_words(found, names)
    if options.save is not None:
        flag = "--task" if options.save.suffix == SUFFIX else "--episodes"
        words += f"\nSaved to {options.save}. Next: fewshot-workbench evaluate RUN {flag} FILE"
    console.result(_tasks_object(found, str(options.save or ""), names), words)


def _save_one(found: TaskList, loaded: ImageData, path: Path) -> None:
    """Write the only task as a file that the Draw page opens."""
    if len(found.tasks) != 1:
        raise ConfigError.of(
            "",
            f"A {SUFFIX} file holds one task; these are {len(found.tasks):,}.",
            "Add --count 1, or save a list under a name that ends in .json.",
        )
    task = found.tasks[0]
    taught, support = numbers(loaded.bank, task, "support")
    asked, query = numbers(loaded.bank, task, "query")
    names = [loaded.bank.classes[number].title for number in task.classes]
    halves = (gather(loaded, taught), support), (gather(loaded, asked), query)
    save_task(of_arrays(names, *halves), path)


COMMANDS: Mapping[str, Callable[[Request, Console], None]] = {"data": data, "tasks": tasks}


def _map(found: ImageData, method: str, console: Console) -> None:
    bank = found.bank
    images = some_images(bank, range(len(bank.classes)))
    with PreparationBar(console) as bar:
        places = METHODS[method](features(bank, images), bar)
    owners = np.searchsorted(bank.starts, images, "right") - 1
    rows = [
        {
            "group": bank.classes[number].group,
            "class": bank.classes[number].name,
            "image": int(image - bank.starts[number]),
            "x": float(x),
            "y": float(y),
        }
        for image, number, (x, y) in zip(images, owners, places, strict=True)
    ]
    words = table(
        list(rows[0]),
        [[f"{v:.4g}" if isinstance(v, float) else str(v) for v in row.values()] for row in rows],
    )
    console.result(rows, words)


def _say_notes(request: Request, console: Console) -> None:
    for note in request.notes:
        console.note(f"note: {note}")


def _load(request: Request, console: Console) -> ImageData | FunctionData:
    return _selected(request, _load_whole(request, console))


def _load_whole(request: Request, console: Console) -> ImageData | FunctionData:
    """The data set with the classes that the settings hide, under its own names."""
    config = plugin_config("dataset", request.values)
    with PreparationBar(console) as bar:
        return DATASETS[config.name](config).load(cache_root(), bar)


def _selected(request: Request, found: ImageData | FunctionData) -> ImageData | FunctionData:
    return selected_of(request.catalogue.complete(request.values), found)


def _survey_object(found: Survey) -> dict[str, Any]:
    keys = ("name", "group", "split", "pictures")
    return {
        "how": found.how,
        "classes": [dict(zip(keys, one, strict=True)) for one in found.classes],
        "pictures": found.pictures,
        "read": found.read,
        "smallest": list(found.smallest),
        "largest": list(found.largest),
        "coloured": found.coloured,
        "warnings": list(found.warnings),
        "notes": list(found.notes),
    }


def _survey_words(found: Survey) -> str:
    rows = [
        (name, group or "–", split or "–", f"{count:,}")
        for name, group, split, count in found.classes
    ]
    smallest, largest = (f"{wide} × {high}" for wide, high in (found.smallest, found.largest))
    lines = [
        f"{found.how}: {len(found.classes):,} classes, {found.pictures:,} pictures.",
        (
            f"Of {found.read:,} looked at, the smallest is {smallest} and the largest {largest}; "
            f"{found.coloured:,} have colours."
        ),
        table(("class", "group", "split", "pictures"), rows),
    ]
    lines += [f"warning: {warning}" for warning in found.warnings]
    return "\n".join([*lines, *(f"note: {note}" for note in found.notes)])


def _data_object(found: ImageData, statements: list[Statement]) -> dict[str, Any]:
    return {
        "classes": len(found.bank.classes),
        "images": len(found.bank.images),
        "shape": list(found.bank.image_shape),
        "splits": {split: len(own) for split, own in found.splits.items()},
        "folder": found.folder,
        "notes": list(found.notes),
        "audit": [asdict(statement) for statement in statements],
    }


def _data_words(found: ImageData, statements: list[Statement], words: Words) -> str:
    bank = found.bank
    counts = bank.counts
    rows = []
    for split, own in found.splits.items():
        groups = {bank.classes[number].group for number in own} - {""}
        images = int(counts[list(own)].sum()) if own else 0
        rows.append((split, f"{len(own):,}", f"{len(groups):,}" if groups else "–", f"{images:,}"))
    sides = " × ".join(map(str, bank.image_shape[1:]))
    colour = "colour" if bank.image_shape[0] > 1 else "grey"
    lines = [
        f"{words.count(len(bank.classes))}, {len(bank.images):,} images of {sides}, {colour}.",
        table(("split", words.many, words.groups, "images"), rows),
        *(f"note: {note}" for note in found.notes),
        *(f"{_kind(one)}: {one.text}" for one in statements),
    ]
    return "\n".join(lines)


def _kind(statement: Statement) -> str:
    return "ok" if statement.holds else "leak" if statement.leaks else "note"


def _tasks_words(found: TaskList, names: tuple[str, ...]) -> str:
    rows = [
        (str(number), "; ".join(names[one] for one in task.classes))
        for number, task in enumerate(found.tasks[:SHOWN], start=1)
    ]
    more = len(found.tasks) - len(rows)
    head = (
        f"{len(found.tasks):,} {found.split} tasks of {found.source.name}, "
        f"fingerprint {found.source.fingerprint}"
    )
    rest = f"\n… and {more:,} more" if more > 0 else ""
    return f"{head}\n{table(('task', 'classes'), rows)}{rest}"


def _tasks_object(found: TaskList, path: str, names: tuple[str, ...]) -> dict[str, object]:
    return {
        "file": path,
        "dataset": found.source.name,
        "fingerprint": found.source.fingerprint,
        "protocol": dict(found.protocol),
        "tasks": [[names[one] for one in task.classes] for task in found.tasks],
    }
