"""The commands that only look: `list`, `describe`, `runs`. None of them loads torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from workbench.cli.arguments import RUN_ACTIONS, Request
from workbench.cli.console import Console, table
from workbench.errors import ConfigError, StoreError
from workbench.schema.catalogue import PLUGIN_ROOTS, PRESET, Catalogue
from workbench.schema.docs import rows_of
from workbench.schema.rows import Option, Row
from workbench.schema.values import as_text, nearest
from workbench.store import RunReader, RunSummary, Store, cache_root


def list_options(request: Request, console: Console) -> None:
    """`list algorithms|datasets|backbones|samplers|presets`."""
    root = request.options.what.removesuffix("s")
    if root == PRESET:
        presets = request.catalogue.presets()
        objects = [{"name": p.name, "title": p.title, "summary": p.summary} for p in presets]
        words = table(("name", "title", "summary"), [tuple(each.values()) for each in objects])
        console.result(objects, words)
        return
    options = request.catalogue.options(root)
    rows: list[tuple[str, ...]] = [
        (option.name, option.family, option.title, option.summary) for option in options
    ]
    heads: tuple[str, ...] = ("name", "family", "title", "summary")
    if root == "dataset":
        rows = [(*row, *_where(row[0], option)) for row, option in zip(rows, options, strict=True)]
        heads += ("here", "holds")
    objects = [dict(zip(heads, row, strict=True)) for row in rows]
    console.result(objects, table(heads, rows))


def _where(name: str, option: Option) -> tuple[str, str]:
    """Whether a data set is on this computer, and what it has."""
    from workbench.sources import DATASETS  # late: pictures and archives are read with it

    here = DATASETS[name](DATASETS.config(name)()).here(cache_root())
    return ("yes" if here else "no"), option.holds


def describe(request: Request, console: Console) -> None:
    """`describe NAME`: a plug-in or a setting."""
    name = request.options.name
    for root in PLUGIN_ROOTS:
        option = request.catalogue.option(root, name)
        if option is not None:
            rows = rows_of(request.catalogue, root, option)
            console.result(_option_object(root, option, rows), _option_words(root, option, rows))
            return
    row = _find_row(request.catalogue, name)
    if row is None:
        raise _nothing_called(request.catalogue, name)
    console.result(_row_object(row), _row_words(row))


def runs(request: Request, console: Console) -> None:
    """`runs`, and `runs --pause RUN` and its kin."""
    store = Store(request.store_root)
    for action in RUN_ACTIONS:
        run = getattr(request.options, action)
        if run is not None:
            _act(store, action, run, console)
            return
    found = store.runs()
    for problem in store.problems():
        console.note(f"note: {problem.message}")
    words = table(_HEADS, [_line(summary) for summary in found])
    console.result(
        [run_object(summary) for summary in found],
        words if found else "No runs yet. Start one with: fewshot-workbench train",
    )


def run_object(summary: RunSummary) -> dict[str, Any]:
    """A run for JSON."""
    keep = dataclasses.asdict(summary)
    config = keep.pop("config")
    names = {
        root: config[root]["name"]
        for root in ("algorithm", "dataset")
        if isinstance(config.get(root), Mapping)
    }
    keep["status"] = summary.status.value
    return {"run": keep.pop("run"), "status": keep.pop("status"), **names, **keep}


def open_run(store: Store, run: str) -> RunReader:
    """A run that a person named.

    Raises:
        ConfigError: there is none, or more than one: the request was wrong.
    """
    try:
        return store.open(run)
    except StoreError as error:
        raise ConfigError.of("", error.message, error.hint) from None


COMMANDS: Mapping[str, Callable[[Request, Console], None]] = {
    "list": list_options,
    "describe": describe,
    "runs": runs,
}

_HEADS = ("run", "status", "algorithm", "data set", "steps", "best", "created")
_DONE = {
    "pause": "is asked to pause",
    "continue": "is asked to go on",
    "stop": "is asked to stop",
    "delete": "is in the trash; bring it back with: fewshot-workbench runs --restore",
    "restore": "is back",
}


def _act(store: Store, action: str, run: str, console: Console) -> None:
    if action == "restore":
        _refused(lambda: store.restore(run))
        name = run
    else:
        reader = open_run(store, run)
        name = reader.run
        if action == "delete":
            _refused(lambda: store.delete(name))
        else:
            kind = "resume" if action == "continue" else action
            _refused(lambda: reader.request(kind))
    words = f"{name} {_DONE[action]}" + (f" {name}" if action == "delete" else "") + "."
    console.result({"run": name, "requested": action}, words)


def _refused(work: Callable[[], None]) -> None:
    """A run that is not there, or not in the state for it, is a wrong request."""
    try:
        work()
    except StoreError as error:
        raise ConfigError.of("", error.message, error.hint) from None


def _line(summary: RunSummary) -> tuple[str, ...]:
    names = [summary.config.get(root, {}).get("name", "–") for root in ("algorithm", "dataset")]
    best = "–"
    if summary.best is not None and summary.best.metric == "accuracy":
        best = f"{100 * summary.best.value:.1f} ± {100 * summary.best.interval:.1f} %"
    elif summary.best is not None:
        best = f"{summary.best.value:.3g} ± {summary.best.interval:.2g}"
    created = datetime.fromtimestamp(summary.created, UTC).astimezone()
    steps = f"{summary.step:,} of {summary.steps:,}"
    when = created.strftime("%Y-%m-%d %H:%M")
    return (summary.run, summary.status.value, *names, steps, best, when)


def _find_row(catalogue: Catalogue, name: str) -> Row | None:
    """The row of a setting, shown with whichever option has it."""
    keys = {name, f"{name}.name"} & catalogue.keys
    for key in keys:
        owners = catalogue.owners(key) or [""]
        for root in (*PLUGIN_ROOTS, "training.optimizer", "training.schedule"):
            inside = key.startswith(f"{root}.") and not key.endswith(".name")
            values = {f"{root}.name": owners[0]} if inside else {}
            for row in catalogue.rows(values):
                if row.key == key:
                    return row
    return None


def _nothing_called(catalogue: Catalogue, name: str) -> ConfigError:
    names = [option.name for root in PLUGIN_ROOTS for option in catalogue.options(root)]
    guess = nearest(name, [*names, *catalogue.keys])
    hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(names)}, and every setting."
    return ConfigError.of("", f'There is nothing called "{name}" to describe.', hint)


def _option_object(root: str, option: Option, rows: list[Row]) -> dict[str, Any]:
    keep = {k: v for k, v in vars(option).items() if k not in {"fields", "paper"}}
    paper = vars(option.paper) if option.paper else None
    settings = [_row_object(row) for row in rows]
    return {"kind_of_plugin": root, **keep, "paper": paper, "settings": settings}


def _option_words(root: str, option: Option, rows: list[Row]) -> str:
    paper = f"{option.paper.label}, {option.paper.url}" if option.paper else ""
    recommended = [
        f"--{key.removesuffix('.name')} {as_text(value)}"
        for key, value in option.recommended.items()
    ]
    facts = {
        "Choose it when": option.choose_when,
        "Works on": " and ".join(option.kinds) or option.kind,
        "Paper": paper,
        "Holds": option.holds,
        "Source": option.source,
        "Licence": option.licence,
        "Citation": option.citation,
        "Recommends": ", ".join(recommended),
    }
    lines = [f"{option.title} (--{root} {option.name})", option.summary]
    lines += [f"{word}: {value}" for word, value in facts.items() if value]
    return "\n\n".join(["\n".join(lines), *(_row_words(row) for row in rows)])


def _row_object(row: Row) -> dict[str, Any]:
    return {"range": row.range_words, **dataclasses.asdict(row)}


def _row_words(row: Row) -> str:
    flag = row.key.removesuffix(".name") if row.union else row.key
    limits = f"   range {row.range_words}" if row.range_words else ""
    lines = [f"--{flag}   default {as_text(row.default) or 'empty'}{limits}", f"    {row.help}"]
    return "\n".join([*lines, *(f"      {value}: {words}" for value, words in row.choices)])
