"""Settings as a flat dictionary of dotted keys, and how one layer of them covers another.

{"algorithm": {"name": "maml"}, "task": {"n_way": 5}}       nested, as in a file
{"algorithm.name": "maml", "task.n_way": 5}                 flat
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAME = ".name"  # the part of a dotted key that chooses an option


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested or already dotted settings as one level of dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        dotted = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{dotted}.")
        else:
            flat[dotted] = value
    return flat


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `flatten`."""
    root: dict[str, Any] = {}
    for key, value in flat.items():
        *parents, last = key.split(".")
        group = root
        for parent in parents:
            group = group.setdefault(parent, {})
            if not isinstance(group, dict):
                raise TypeError(f"{key} is both a setting and a group of settings")
        group[last] = value
    return root


def overlay(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Later layers win; one that chooses another option drops the settings of the former.

    Example:
        >>> maml = {"algorithm.name": "maml", "algorithm.inner_lr": 0.4}
        >>> overlay(maml, {"algorithm.name": "protonet"})
        {'algorithm.name': 'protonet'}
    """
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            # Where nobody named an option before, the settings were meant for whichever is chosen.
            if key.endswith(NAME) and result.get(key, value) != value:
                group = key.removesuffix("name")
                result = {k: v for k, v in result.items() if not k.startswith(group)}
        result |= layer
    return result
