"""What a method measures besides loss and accuracy: how its figures are called, which belong
together, and how they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.app.pages.train.figures import short

TITLES = {
    "presentation": "Accuracy by presentation",
    "table_mean": "Sampler: mean loss",
    "table_spread": "Sampler: spread of losses",
    "table_correlation": "Sampler: draws with losses",
    "epsilon": "Sampler: ε",
}
PERCENT = frozenset({"presentation"})


def title(key: str) -> str:
    """Of a column, or of what numbered columns begin with."""
    return TITLES.get(key) or key.replace("_", " ").capitalize()


def families(names: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of `key_1`, `key_2`, …, in order, by their key; not of one that stands alone."""
    found: dict[str, list[int]] = {}
    for name in names:
        stem, _, number = name.rpartition("_")
        if stem and number.isdigit():
            found.setdefault(stem, []).append(int(number))
    return {stem: sorted(numbers) for stem, numbers in found.items() if len(numbers) > 1}


def sentence(metrics: Mapping[str, float]) -> str:
    """All figures in a row: "Accuracy by presentation: 28.5, 79.5 %. Curiosity: 0.412"."""
    many = families(metrics)
    inside = {f"{stem}_{number}" for stem, numbers in many.items() for number in numbers}
    parts = [
        f"{title(stem)}: {_values(stem, [metrics[f'{stem}_{n}'] for n in numbers])}"
        for stem, numbers in many.items()
    ]
    parts += [
        f"{title(name)}: {_values(name, [value])}"
        for name, value in metrics.items()
        if name not in inside
    ]
    return ". ".join(parts)


def _values(key: str, values: list[float]) -> str:
    if key in PERCENT:
        return ", ".join(f"{100 * value:.1f}" for value in values) + " %"
    return ", ".join(short(value) for value in values)
