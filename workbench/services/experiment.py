"""From what a person said to a complete, valid experiment.

config = resolve({"algorithm": "maml", "task.n_way": 20})
config.task.n_way, config.algorithm.inner_lr
to_flat(config)         # what applies, as dotted keys: what a run keeps
resolve(to_flat(config)) == config
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from workbench.errors import ConfigError, DataError, Problem
from workbench.interfaces import ALGORITHMS, BACKBONES, Algorithm, Traits
from workbench.schema.catalogue import Catalogue
from workbench.schema.config import Config, validate
from workbench.schema.describe import describe
from workbench.schema.experiment import Experiment, experiment_model
from workbench.schema.layers import flatten, nest
from workbench.schema.places import place
from workbench.schema.presets import load_presets
from workbench.schema.registry import Registry
from workbench.schema.resources import resource
from workbench.schema.rows import DataFacts
from workbench.sources import DATASETS, SAMPLERS

REGISTRIES: Mapping[str, Registry[Any]] = {
    "dataset": DATASETS,
    "algorithm": ALGORITHMS,
    "backbone": BACKBONES,
    "sampler": SAMPLERS,
}
DEFAULTS = {
    "dataset": "glyphs",
    "algorithm": "maml",
    "backbone": "conv4",
    "sampler": "uniform",
}


def resolve(values: Mapping[str, Any], facts: DataFacts | None = None) -> Experiment:
    """The experiment that `values` ask for; what they leave out has its effective default.

    Args:
        values: dotted keys or nested, `preset` and `algorithm = "maml"` included. Settings of
            options that are not chosen are dropped.
        facts: what is known of the loaded data set.

    Raises:
        ConfigError: with every problem, each tied to its row.
    """
    known = catalogue()
    complete = known.complete(values)
    paths, homeless = {}, []
    for key in known.path_keys & complete.keys():
        try:
            paths[key] = _place(complete[key])
        except DataError as error:  # "~nobody"
            homeless.append(Problem(key, error.message, error.hint))
    problems = known.check(values, facts) or homeless or _missing(paths)
    if problems:
        raise ConfigError(problems)
    try:
        return cast(Experiment, validate(experiment_model_of_all(), nest({**complete, **paths})))
    except ConfigError as error:
        raise ConfigError([_at_its_row(known, problem) for problem in error.problems]) from None


def to_flat(config: Experiment) -> dict[str, Any]:
    """Every setting that applies, by dotted key, in the order of the form."""
    raw = flatten(cast(Config, config).model_dump())
    return {row.key: raw[row.key] for row in catalogue().rows(raw)}


def to_nested(config: Experiment) -> dict[str, Any]:
    """The same as nested dictionaries."""
    return nest(to_flat(config))


@cache
def experiment_model_of_all() -> type[Config]:
    """The model with every plug-in there is; imports them all, and torch with them."""
    return experiment_model(REGISTRIES, DEFAULTS)


@cache
def catalogue() -> Catalogue:
    """The catalogue made from the source, rather than read from the file that travels with it."""
    return Catalogue(catalogue_tree(), load_presets(resource("presets")))


@cache
def catalogue_tree() -> dict[str, Any]:
    """What `resources/catalogue.json` must hold."""
    return describe(experiment_model_of_all(), _about)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has them: a list for several values."""
    return {k: list(value) if isinstance(value, tuple) else value for k, value in values.items()}


def _about(root: str, name: str) -> dict[str, Any]:
    """What a plug-in says of itself, as plain data."""
    plugin = REGISTRIES[root][name]
    words = ("title", "family", "summary", "choose_when", "kind", "source", "licence", "citation")
    about: dict[str, Any] = {word: getattr(plugin, word, "") for word in words}
    about["recommended"] = _plain(getattr(plugin, "recommended", {}))
    about["facts"] = _plain(getattr(plugin, "facts", {}))
    if (channels := getattr(plugin, "channels", 1)) != 1:
        about["facts"]["channels"] = channels
    about["kinds"] = list(getattr(plugin, "kinds", ()))
    about["importance"] = getattr(plugin, "importance", False)
    if isinstance(plugin, type) and issubclass(plugin, Algorithm):
        about |= {
            "kinds": list(plugin.traits.kinds),
            "norm_train": list(plugin.traits.norm_train),
            "norm_eval": list(plugin.traits.norm_eval),
            "any_way": plugin.traits.any_way,
            "traits": _trait_words(plugin.traits),
        }
        if plugin.paper:
            paper = plugin.paper
            about["paper"] = {"label": paper.label, "year": paper.year, "url": paper.url}
    return {key: value for key, value in about.items() if value}


def _trait_words(traits: Traits) -> list[str]:
    """What the badges beside a method's name say."""
    kinds = {"classification": "images", "regression": "regression"}
    words = [" and ".join(kinds[kind] for kind in traits.kinds)]
    if traits.any_way:
        words.append("any number of ways")
    return words


def _place(path: Any) -> str:
    """A path that means the same from every folder; empty stays empty."""
    return str(place(path).absolute()) if path and isinstance(path, str) else ""


def _missing(paths: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(key, f"There is no file or folder {path}.", "Check its name, or choose another.")
        for key, path in paths.items()
        if path and not Path(path).exists()
    ]


def _at_its_row(known: Catalogue, problem: Problem) -> Problem:
    """A problem with a choice is shown under the row of its name."""
    path = next(iter(known.expand({problem.path: None})), problem.path)
    return Problem(path, problem.message, problem.hint, problem.remedy)
