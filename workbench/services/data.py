"""The data set that settings choose, before torch is loaded: its plug-in, what its files hold, and
the part of it that takes part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import ConfigError, WorkbenchError
from workbench.schema.catalogue import Catalogue
from workbench.schema.config import validate
from workbench.schema.layers import nest
from workbench.selection import selected
from workbench.sources import DATASETS, SAMPLERS, FunctionData, ImageData, Progress
from workbench.survey import Survey


def plugin_config(root: str, values: Mapping[str, Any]) -> Any:
    """The settings of the plug-in chosen at `root`, with their effective defaults.

    Raises:
        ConfigError: with the problems under `root`; others are none of its business.
    """
    catalogue = Catalogue.load()
    problems = [p for p in catalogue.check(values) if p.path.split(".")[0] == root]
    if problems:
        raise ConfigError(problems)
    registry: Any = {"dataset": DATASETS, "sampler": SAMPLERS}[root]
    chosen = nest(catalogue.complete(values))[root]
    return validate(registry.config(chosen["name"]), chosen)


def selected_of(
    settings: Mapping[str, Any], data: ImageData | FunctionData
) -> ImageData | FunctionData:
    """Data without the classes that complete settings hide, under the names that they give."""
    return selected(
        data, settings.get("classes.hidden") or (), settings.get("classes.renamed") or ()
    )


def located(sets: Mapping[str, Mapping[str, Any]], cache: Path) -> dict[str, bool]:
    """Whether each data set, with its settings, can be made ready from this computer alone."""
    found = {}
    for name, values in sets.items():
        try:
            config = plugin_config("dataset", {**values, "dataset.name": name})
            found[name] = DATASETS[name](config).here(cache)
        except WorkbenchError:  # wrong settings are said where it is made ready
            found[name] = False
    return found


def survey_of(values: Mapping[str, Any], progress: Progress) -> Survey | None:
    """What the files of the chosen data set were understood to hold; nothing is made of them.

    Raises:
        ConfigError, DataError: its settings are wrong, or the files cannot be used.
        Cancelled: `progress` raised it.
    """
    config = plugin_config("dataset", values)
    return DATASETS[config.name](config).survey(progress)
