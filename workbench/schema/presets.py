"""Named sets of settings: the TOML files of `resources/presets`.

    title = "MAML: as in the paper"
    summary = "…"
    extends = "_paper"         # another file of the folder, whose settings lie under these
    algorithm = "maml"         # offered where this method is chosen; without one, everywhere

A file whose name begins with `_` is there to be extended only. One that says `tasks` is a budget,
and stands for a preset of every method, `maml-brief` and so on: as many steps of the tasks that the
method recommends as make so many in all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.schema.layers import NAME, flatten, overlay
from workbench.schema.rows import Option, Preset

ALGORITHM = f"algorithm{NAME}"
TASKS, STEPS, BATCH = "tasks", "training.steps", "training.meta_batch"


def load_presets(folder: Path) -> list[Preset]:
    """The presets of a folder, budgets not yet spread over the methods."""
    trees = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")}

    def settings(name: str) -> dict[str, Any]:
        tree = {k: v for k, v in trees[name].items() if k not in ("title", "summary", "extends")}
        names = {root: f"{root}{NAME}" for root in ("algorithm", "dataset", "backbone", "sampler")}
        own = {names.get(key, key): _as_settings_are(v) for key, v in flatten(tree).items()}
        base = trees[name].get("extends")
        return overlay(settings(base), own) if base else own

    return [
        Preset(name, tree["title"], tree["summary"], settings(name))
        for name, tree in sorted(trees.items())
        if not name.startswith("_")
    ]


def _as_settings_are(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def spread(
    presets: Iterable[Preset],
    methods: Iterable[Option],
    effective: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> list[Preset]:
    """The same presets, each budget replaced by one preset of every method.

    Args:
        effective: every setting with its value, of those that are given.
    """
    found: list[Preset] = []
    for preset in presets:
        if TASKS not in preset.values:
            found.append(preset)
            continue
        values = {key: value for key, value in preset.values.items() if key != TASKS}
        for method in methods:
            own = {ALGORITHM: method.name, **values}
            # The window asks while it opens, and few methods leave their batch to be worked out.
            batch = values.get(BATCH) or method.recommended.get(BATCH) or effective(own)[BATCH]
            own[STEPS] = max(1, preset.values[TASKS] // batch)
            title = f"{method.title}: {preset.title}"
            found.append(Preset(f"{method.name}-{preset.name}", title, preset.summary, own))
    return found
