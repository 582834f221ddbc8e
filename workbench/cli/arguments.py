"""From the words of a command line to a checked request, without loading torch."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from workbench import __version__
from workbench.errors import ConfigError, DataError
from workbench.schema import files
from workbench.schema.catalogue import PLUGIN_ROOTS, PRESET, PROGRAM, Catalogue
from workbench.schema.cli import (
    refuse_leftover,
    refuse_unknown,
    show_settings,
    take_settings,
)
from workbench.schema.layers import overlay
from workbench.schema.places import place

EXAMPLES = f"""examples:
  {PROGRAM} train --algorithm protonet --training.steps 500
  {PROGRAM} train --config experiment.toml --training.seed 1
  {PROGRAM} evaluate 42 --split test --json
  {PROGRAM} data --dataset image_folder --dataset.path animals/ --look
  {PROGRAM} tasks --dataset omniglot --save tasks.json
  {PROGRAM} adapt 42 --support five_classes/ --query unknown.png
  {PROGRAM} list algorithms
  {PROGRAM} greek.fewshot        (the window, with that task, list of tasks or data)
"""


SETTING_COMMANDS = ("train", "data", "tasks")
"""Those that take settings as flags."""


@dataclass(frozen=True)
class Request:
    """One command, understood.

    Attributes:
        command: "train", "list", …
        options: what argparse read.
        values: settings by dotted key, of `SETTING_COMMANDS`; `preset` may be among them.
        notes: sentences about what was left out.
        catalogue: what there is.
    """

    command: str
    options: argparse.Namespace
    catalogue: Catalogue
    values: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @cached_property
    def store_root(self) -> Path:
        """The folder of the runs."""
        from workbench.store import default_root

        given: Path | None = self.options.store
        if not given:
            return default_root()
        try:
            return place(given).absolute()
        except DataError as error:
            raise ConfigError.of("", error.message, error.hint) from None


class _Parser(argparse.ArgumentParser):
    """Raises instead of leaving the process, so that errors look alike whoever found them."""

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:]
        raise ConfigError.of("", f"{sentence}.", f"See {self.prog} --help.")


def parse(words: Sequence[str]) -> Request:
    """What the words ask for.

    Raises:
        ConfigError: they cannot be understood, or a setting is wrong.
        SystemExit: after `--help` or `--version`.
    """
    catalogue = Catalogue.load()
    command = next((word for word in words if not word.startswith("-")), "")
    if command not in SETTING_COMMANDS:
        options, unknown = _parser().parse_known_args(words)
        refuse_unknown(catalogue, unknown, _flags_of(command))
        return Request(options.command, options, catalogue)
    settings, rest = take_settings(words, catalogue)
    parser = _parser(catalogue, _for_help(settings, catalogue))
    options, unknown = parser.parse_known_args(rest)
    refuse_unknown(catalogue, unknown, _flags_of(command))
    values = _values(options, settings, catalogue)
    if command == "train" and options.resume is not None:
        _refuse_settings(values, options.estimate)
        return Request("train", options, catalogue)
    problems = catalogue.check(values)
    if problems:
        raise ConfigError(problems)
    return Request(command, options, catalogue, values, tuple(refuse_leftover(catalogue, values)))


def _values(
    options: argparse.Namespace, settings: dict[str, str], catalogue: Catalogue
) -> dict[str, Any]:
    """The file below, the flags above, the preset under both."""
    read = files.read(options.config, catalogue) if options.config else {}
    preset = options.preset or read.get(PRESET)
    below = {key: value for key, value in read.items() if key != PRESET}
    values = overlay(below, settings)
    return {PRESET: preset, **values} if preset else values


def _refuse_settings(values: dict[str, Any], estimate: bool) -> None:
    if estimate:
        raise ConfigError.of("", "--estimate measures a new run, not one that goes on.")
    if values:
        raise ConfigError.of(
            "",
            "A run goes on with its own settings; --resume takes no others.",
            "Leave them out, or start a new run.",
        )


def _for_help(settings: dict[str, str], catalogue: Catalogue) -> dict[str, str]:
    """The choices among the settings that exist, so that `--help` shows what belongs to them."""
    return {
        key: value
        for key, value in settings.items()
        if key.endswith(".name") and catalogue.option(key.removesuffix(".name"), value)
    }


def _parser(
    catalogue: Catalogue | None = None, values: dict[str, str] | None = None
) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Few-shot meta-learning. Without arguments the window opens.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, describe) in _COMMANDS.items():
        one = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        describe(one)
        one.add_argument("--json", action="store_true", help="print one JSON value on stdout")
        one.add_argument("--store", type=Path, metavar="DIR", help="folder of the runs")
        if name in SETTING_COMMANDS and catalogue is not None:
            # Thirty flags in the usage line would hide the few that it is about.
            one.usage = (
                f"{one.format_usage().removeprefix('usage: ').rstrip()} [--SETTING VALUE ...]"
            )
            show_settings(one, catalogue, values or {})
    return parser


def _from_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings from a TOML file")
    parser.add_argument("--preset", metavar="NAME", help="begin with a named set of settings")


def _data(parser: argparse.ArgumentParser) -> None:
    _from_file(parser)
    parser.add_argument(
        "--look", action="store_true", help="say what its files hold, and make nothing of them"
    )
    parser.add_argument(
        "--map",
        choices=("pca", "tsne"),
        help="lay images out so that alike ones lie together; a table of places",
    )


def _tasks(parser: argparse.ArgumentParser) -> None:
    _from_file(parser)
    parser.add_argument(
        "--split", choices=("train", "validation", "test"), default="test", help="whose classes"
    )
    parser.add_argument("--count", type=int, default=600, metavar="N", help="how many tasks")
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FILE",
        help="keep them as a list (.json) for evaluate --episodes, or one of them as a task file "
        "(.fewshot)",
    )


def _train(parser: argparse.ArgumentParser) -> None:
    _from_file(parser)
    parser.add_argument("--resume", metavar="RUN", help="go on from a run's last checkpoint")
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="measure how long it would take and how much memory, and start nothing",
    )


def _count(word: str) -> int:
    """A number of things, at least one."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number}: it must be 1 or more")
    return number


_count.__name__ = "int"  # as argparse names what a word is not


def _evaluate(parser: argparse.ArgumentParser) -> None:
    _run_argument(parser)
    parser.add_argument(
        "--split", choices=("validation", "test"), default="test", help="whose classes"
    )
    parser.add_argument(
        "--tasks", type=int, metavar="N", help="how many; the run's own number else"
    )
    parser.add_argument(
        "--task",
        type=Path,
        metavar="FILE",
        help="a task file, or one_shot_runs.zip of Omniglot, in place of a split",
    )
    parser.add_argument(
        "--episodes",
        type=Path,
        metavar="FILE",
        help="a list of tasks that `tasks --save` or the Data page wrote, in place of a split",
    )
    parser.add_argument(
        "--sequences",
        type=_count,
        metavar="N",
        help="meet N sequences of 20 tasks, each from where the one before has ended, and say what "
        "is forgotten",
    )


def _adapt(parser: argparse.ArgumentParser) -> None:
    _run_argument(parser)
    parser.add_argument(
        "--task", type=Path, metavar="FILE", help="a task file, in place of support and query"
    )
    parser.add_argument(
        "--support", type=Path, metavar="DIR", help="a folder of images for each class"
    )
    parser.add_argument(
        "--query",
        type=Path,
        nargs="+",
        metavar="PATH",
        help="images to name, or folders of them; in class folders they are scored too",
    )
    parser.add_argument("--steps", type=int, metavar="N", help="inner steps; the run's own else")


def _list(parser: argparse.ArgumentParser) -> None:
    kinds = [f"{root}s" for root in (*PLUGIN_ROOTS, PRESET)]
    parser.add_argument("what", choices=kinds, help="what to list")


def _describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="an algorithm, data set, … or a setting such as task.n_way")


def _runs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    for action, words in RUN_ACTIONS.items():
        group.add_argument(f"--{action}", metavar="RUN", help=words)


def _run_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="id, number, or how its id begins")


RUN_ACTIONS = {
    "pause": "hold a run that trains, in whichever process",
    "continue": "let a paused run go on",
    "stop": "stop a run after this step, with a checkpoint",
    "delete": "move a run to the trash",
    "restore": "bring a run back from the trash",
}

_COMMANDS = {
    "train": ("train a model, or go on with a run", _train),
    "data": ("what a data set holds, how it is split, and what leaks", _data),
    "tasks": ("draw tasks, and keep a list of them", _tasks),
    "evaluate": ("score a run on fixed tasks", _evaluate),
    "adapt": ("teach a run new classes from images, and ask it", _adapt),
    "list": ("what there is to choose", _list),
    "describe": ("one plug-in or setting in full", _describe),
    "runs": ("the runs of the store, and what is done with them", _runs),
}


def _flags_of(command: str) -> list[str]:
    parser = argparse.ArgumentParser(add_help=False)
    if command in _COMMANDS:
        _COMMANDS[command][1](parser)
    flags = [flag for action in parser._actions for flag in action.option_strings]
    return [*flags, "--json", "--store", "--help"]
