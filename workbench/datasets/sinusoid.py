"""Sinusoids: regression of y = A sin(f x + phi) from a few points.

Finn, Abbeel, Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks. 2017.
https://arxiv.org/abs/1703.03400, section 5.1

    y = A sin(f x + phi)      A in [0.1, 5], phi in [0, pi], x in [-5, 5], f = 1     (1)

Differences from the paper: on request the frequency f varies too, in [0.5, 2], and the test is a
grid of 25 amplitudes, 18 phases and 8 frequencies, asked at 100 fixed points. The paper leaves the
sign of the phase open; its authors' code subtracts it, which is the mirror image of this family.
Licence: none needed, it is a formula.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.sources import DATASETS, Dataset, FunctionData, Progress

PARAMETERS = ("amplitude", "phase", "frequency")
GRID = (25, 18, 8)  # values of each on the test grid


class Config(BaseConfig):
    """Settings of the family of sinusoids."""

    name: Literal["sinusoid"] = "sinusoid"
    amplitude_min: float = setting(
        0.1, ge=0, le=100, symbol="A", group="Amplitude", help="The smallest amplitude."
    )
    amplitude_max: float = setting(
        5.0, ge=0, le=100, symbol="A", group="Amplitude", help="The largest amplitude."
    )
    phase_min: float = setting(
        0.0, ge=-100, le=100, symbol="φ", unit="radians", group="Phase", help="The smallest phase."
    )
    phase_max: float = setting(
        math.pi,
        ge=-100,
        le=100,
        symbol="φ",
        unit="radians",
        group="Phase",
        help="The largest phase.",
    )
    vary_frequency: bool = setting(
        False,
        label="Vary the frequency",
        group="Frequency",
        help="Give each task a frequency of its own, as a third parameter. Otherwise it is 1.",
    )
    frequency_min: float = setting(
        0.5,
        ge=-100,
        le=100,
        symbol="f",
        unit="radians per x, if varied",
        group="Frequency",
        help="The smallest frequency.",
    )
    frequency_max: float = setting(
        2.0,
        ge=-100,
        le=100,
        symbol="f",
        unit="radians per x, if varied",
        group="Frequency",
        help="The largest frequency.",
    )
    test_on_grid: bool = setting(
        False,
        label="Test on a grid",
        group="Test",
        help="Test on fixed functions, 25 amplitudes by 18 phases (by 8 frequencies), each at 100 "
        "fixed points. 450 (3,600) test tasks then take each once.",
    )
    x_min: float = setting(
        -5.0, ge=-1000, le=1000, symbol="x", group="Points", help="Where the points begin."
    )
    x_max: float = setting(
        5.0, ge=-1000, le=1000, symbol="x", group="Points", help="Where the points end."
    )


@dataclass
class Sinusoids:
    """A family of sinusoids; see `workbench.sources.FunctionData`."""

    x_range: tuple[float, float]
    parameter_ranges: tuple[tuple[float, float], ...]
    parameter_names: tuple[str, ...] = ("amplitude", "phase")
    test_grid: NDArray[np.float64] | None = None

    def value(self, parameters: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values (T, points, 1) at x (T, points, 1) for amplitudes, phases and, if they vary,
        frequencies (T, P)."""
        amplitude, phase, *rest = parameters.T[..., None, None]
        return np.asarray(amplitude * np.sin((rest[0] * x if rest else x) + phase))  # (1)


@DATASETS.register(Config)
class Sinusoid(Dataset):
    """The regression problem of the MAML paper."""

    title = "Sinusoids"
    kind = "regression"
    family = "Functions"
    summary = "Find a sine wave of unknown amplitude and phase from a few of its points."
    source = "a formula"
    licence = "none needed"
    citation = "Finn, Abbeel, Levine 2017, https://arxiv.org/abs/1703.03400"
    recommended: ClassVar[Mapping[str, Any]] = {
        "backbone.name": "mlp",
        "task.k_shot": 10,
        "task.queries": 10,
        "algorithm.inner_lr": 0.01,
    }
    config: Config

    def load(self, cache: Any, progress: Progress) -> FunctionData:
        names = PARAMETERS if self.config.vary_frequency else PARAMETERS[:2]
        ranges = tuple(self._range(name) for name in names)
        return Sinusoids(
            x_range=self._range("x"),
            parameter_ranges=ranges,
            parameter_names=names,
            test_grid=grid(ranges) if self.config.test_on_grid else None,
        )

    def _range(self, name: str) -> tuple[float, float]:
        low = float(getattr(self.config, f"{name}_min"))
        high = float(getattr(self.config, f"{name}_max"))
        if low > high or (name == "x" and low == high):
            raise DataError(
                "The least {name} is {low}, which is not below the largest, {high}.",
                name=name,
                low=low,
                high=high,
                hint="Exchange the two (dataset.{name}_min and dataset.{name}_max).",
            )
        return low, high


def grid(ranges: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Parameters (G, P) of every combination of even values, both ends included."""
    values = [np.linspace(*ends, count) for ends, count in zip(ranges, GRID, strict=False)]
    return np.stack(np.meshgrid(*values, indexing="ij"), axis=-1).reshape(-1, len(ranges))
