"""The catalogue: every setting and plug-in as data, read from a file in a few milliseconds.

The window, `--help`, `list` and `describe` know the program through it alone: plug-ins import
torch, and it does not.

    catalogue = Catalogue.load()
    values = {"algorithm.name": "reptile", "task.k_shot": 5}     # only what a person changed
    catalogue.rows(values)        # the form, in order, with effective defaults
    catalogue.check(values)       # what is wrong, each problem under its own row
    catalogue.command(values)     # the same as a command line

Settings are flat dotted keys; nested ones and `algorithm = "maml"` for `algorithm.name` are
understood. `preset` may be one of the keys: it is replaced by what it stands for. Defaults come in
layers, later ones win: declared, recommended by the data set, recommended by the algorithm, the
preset, the person.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from workbench.errors import Problem
from workbench.schema import rules
from workbench.schema import values as single
from workbench.schema.layers import NAME, flatten, overlay
from workbench.schema.presets import ALGORITHM, load_presets, spread
from workbench.schema.resources import resource
from workbench.schema.rows import DataFacts, Option, Preset, Row

PROGRAM = "fewshot-workbench"
PLUGIN_ROOTS = ("dataset", "algorithm", "backbone", "sampler")
PRESET = "preset"


class Catalogue:
    """What there is to choose and to set.

    Args:
        tree: as `workbench.schema.describe` makes it.
        presets: named sets of settings.
    """

    def __init__(self, tree: Mapping[str, Any], presets: Sequence[Preset] = ()) -> None:
        self._fields: tuple[Mapping[str, Any], ...] = tuple(tree["fields"])
        self._unspread = tuple(presets)

    @classmethod
    def load(cls) -> Self:
        """The catalogue that travels with the program."""
        tree = json.loads(resource("catalogue.json").read_text(encoding="utf-8"))
        return cls(tree, load_presets(resource("presets")))

    # -------------------------------------------------------------------------------- what there is

    def options(self, root: str) -> list[Option]:
        """What can be chosen at a key ("algorithm", or "training.optimizer"), by title."""
        return sorted(self._options[root].values(), key=lambda option: option.title.lower())

    def option(self, root: str, name: str) -> Option | None:
        """One of them, or None."""
        return self._options.get(root, {}).get(name)

    def presets(self, algorithm: str = "") -> list[Preset]:
        """Those for any method and those of this one, by title; all of them without one."""
        fitting = [
            preset
            for preset in self._presets.values()
            if not algorithm or preset.values.get(ALGORITHM, algorithm) == algorithm
        ]
        return sorted(fitting, key=lambda preset: preset.title)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every dotted key of every option, whether it applies or not."""
        return frozenset(_all_keys(self._fields, ""))

    @cached_property
    def path_keys(self) -> frozenset[str]:
        """The keys whose value is a file or a folder."""
        return frozenset(_all_keys(self._fields, "", ("path",)))

    @cached_property
    def bool_keys(self) -> frozenset[str]:
        """The keys that are on or off, whose flag may stand alone."""
        return frozenset(_all_keys(self._fields, "", ("bool",)))

    # ----------------------------------------------------------------------- what applies to values

    def rows(self, values: Mapping[str, Any]) -> list[Row]:
        """The settings that apply when a person changed `values`, in the order of the form."""
        person = self.expand(values)
        recommended = self._recommended(person)
        names = {key: value for key, value in person.items() if key.endswith(NAME)}
        layers = _Layers(
            given=overlay(recommended, names),
            recommended=recommended,
            kind=self._kind(overlay(recommended, names)),
            modes=self._modes(overlay(recommended, names)),
        )
        return list(self._walk(self._fields, "", "", layers))

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The effective default of every setting that applies."""
        return {row.key: row.default for row in self.rows(values)}

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Every setting that applies with its value, read as its type where that is possible."""
        person = self.expand(values)
        return {
            row.key: single.read(row, person[row.key])[0] if row.key in person else row.default
            for row in self.rows(person)
        }

    def check(self, values: Mapping[str, Any], facts: DataFacts | None = None) -> list[Problem]:
        """Everything that is wrong, each tied to its row.

        Args:
            values: what the person changed. Settings of options not chosen are ignored.
            facts: what is known of the loaded data set; without it, what the catalogue knows.
        """
        person = self.expand(values)
        problems = self._unknown(values)
        for row in self.rows(person):
            if row.key in person:
                problem = single.read(row, person[row.key])[1]
                problems += [problem] if problem else []
        broken = {problem.path for problem in problems}
        across = rules.across(self, self.complete(person), facts)
        return problems + [problem for problem in across if problem.path not in broken]

    def leftover(self, values: Mapping[str, Any]) -> list[str]:
        """Keys of `values` that exist but do not apply, such as another algorithm's."""
        applying = {row.key for row in self.rows(values)}
        return [key for key in self.expand(values) if key in self.keys and key not in applying]

    def owners(self, key: str) -> list[str]:
        """The options that have a setting: `algorithm.inner_lr` gives ["maml", "reptile"]."""
        for union, options in self._options.items():
            inside = key.removeprefix(f"{union}.")
            if inside != key:
                names = [
                    option.name
                    for option in options.values()
                    if inside in _all_keys(option.fields, "")
                ]
                if names:
                    return names
        return []

    def command(self, values: Mapping[str, Any]) -> str:
        """The command line that starts the same run: what differs from the defaults."""
        person = self.expand(values)
        words = [PROGRAM, "train"]
        rows = sorted(
            self.rows(person), key=lambda row: not row.union
        )  # stable: the form's order else
        for row in rows:
            if row.key not in person:
                continue
            value = single.read(row, person[row.key])[0]
            if value != row.default or (row.union and row.key.count(".") == 1):
                flag = row.key.removesuffix(NAME) if row.union else row.key
                words += [f"--{flag}", shlex.quote(single.as_text(value))]
        return " ".join(words)

    def expand(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` as dotted keys, abbreviations and the preset written out."""
        flat = {
            f"{key}{NAME}" if key in self._options else key: value
            for key, value in flatten(values).items()
        }
        name = str(flat.pop(PRESET, ""))
        preset = self._presets.get(name) if name else None
        return flat if preset is None else overlay(self.expand(preset.values), flat)

    # --------------------------------------------------------------------------------------- inside

    @cached_property
    def _presets(self) -> dict[str, Preset]:
        methods = self._options.get("algorithm", {}).values()
        return {one.name: one for one in spread(self._unspread, methods, self.defaults)}

    @cached_property
    def _options(self) -> dict[str, dict[str, Option]]:
        found: dict[str, dict[str, Option]] = {}
        _collect_options(self._fields, "", found)
        return found

    def _recommended(self, person: Mapping[str, Any]) -> dict[str, Any]:
        layers: list[Mapping[str, Any]] = []
        for root in ("dataset", "algorithm"):
            option = self._chosen(root, overlay(*layers, person))
            layers.append(self.expand(option.recommended) if option else {})
        found = overlay(*layers)
        # Who asks for few queries in the test may have no more images.
        asked = str(person.get("task.queries"))
        if asked.isdecimal() and int(asked) < found.get("training.queries", 0):
            del found["training.queries"]
        return found

    def _chosen(self, root: str, given: Mapping[str, Any]) -> Option | None:
        field = next((field for field in self._fields if field["key"] == root), None)
        if field is None:
            return None
        return self._options[root].get(given.get(f"{root}{NAME}", field["default"]))

    def _kind(self, given: Mapping[str, Any]) -> str:
        dataset = self._chosen("dataset", given)
        return dataset.kind if dataset else ""

    def _modes(self, given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        algorithm = self._chosen("algorithm", given)
        if algorithm is None:
            return {}
        return {"norm.train": algorithm.norm_train, "norm.eval": algorithm.norm_eval}

    def _unknown(self, values: Mapping[str, Any]) -> list[Problem]:
        problems = []
        preset = values.get(PRESET)
        if preset and preset not in self._presets:
            known = f"Known: {', '.join(self._presets)}."
            problems = [Problem(PRESET, f"There is no preset called {preset!r}.", known)]
        for key in self.expand(values):
            if key not in self.keys:
                guess = single.nearest(key, self.keys)
                hint = f"Did you mean {guess}?" if guess else "Check its spelling."
                problems.append(Problem(key, f"There is no setting called {key}.", hint))
        return problems

    def _walk(
        self, fields: Sequence[Mapping[str, Any]], prefix: str, section: str, layers: _Layers
    ) -> Iterator[Row]:
        for field in fields:
            key = f"{prefix}{field['key']}"
            title = section or field["label"]
            if field.get("applies", layers.kind or "any") not in {layers.kind or "any", "any"}:
                continue
            if field["type"] == "section":
                yield from self._walk(field["fields"], f"{key}.", title, layers)
            elif field["type"] == "union":
                row = self._union_row(key, field, title, layers)
                yield row
                chosen = self._options[key].get(layers.given.get(row.key, row.default))
                if chosen is not None:
                    yield from self._walk(chosen.fields, f"{key}.", title, layers)
            else:
                row = Row.of(key, field, title, layers.given.get(key, field["default"]))
                if layers.modes.get(key):
                    # A mode that the method cannot work in is not offered.
                    known = tuple(c for c in row.choices if c[0] in layers.modes[key])
                    row = dataclasses.replace(row, choices=known)
                yield row

    def _union_row(self, key: str, field: Mapping[str, Any], section: str, layers: _Layers) -> Row:
        options = self.options(key)
        if key not in PLUGIN_ROOTS:  # few and in the order declared
            options = list(self._options[key].values())
        return Row(
            key=f"{key}{NAME}",
            label=field["label"],
            type="choice",
            help=field.get("help", ""),
            section=section,
            group=field.get("group", section),
            default=layers.recommended.get(f"{key}{NAME}", field["default"]),
            choices=tuple((option.name, option.title) for option in options),
            union=True,
        )


@dataclasses.dataclass(frozen=True)
class _Layers:
    """What lies over the declared defaults while the tree is walked.

    Attributes:
        given: recommendations and choices, joined.
        recommended: without the person's choices.
        kind: of the data.
        modes: by key, the normalisation that the algorithm can work with; empty is any.
    """

    given: Mapping[str, Any]
    recommended: Mapping[str, Any]
    kind: str
    modes: Mapping[str, tuple[str, ...]]


def _collect_options(
    fields: Sequence[Mapping[str, Any]], prefix: str, found: dict[str, dict[str, Option]]
) -> None:
    for field in fields:
        key = f"{prefix}{field['key']}"
        if field["type"] == "section":
            _collect_options(field["fields"], f"{key}.", found)
        elif field["type"] == "union":
            options = [Option.of(tree) for tree in field["options"]]
            found.setdefault(key, {}).update({option.name: option for option in options})
            for option in options:
                _collect_options(option.fields, f"{key}.", found)


def _all_keys(
    fields: Sequence[Mapping[str, Any]], prefix: str, types: Sequence[str] = ()
) -> Iterator[str]:
    """Dotted keys, of all types or of some."""
    for field in fields:
        key = f"{prefix}{field['key']}"
        if field["type"] == "section":
            yield from _all_keys(field["fields"], f"{key}.", types)
        elif field["type"] == "union":
            if not types:
                yield f"{key}{NAME}"
            for option in field["options"]:
                yield from _all_keys(option["fields"], f"{key}.", types)
        elif not types or field["type"] in types:
            yield key
