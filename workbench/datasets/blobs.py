"""Gaussian blobs: the plainest problem there is, feature vectors around centres.

    centre of class c    m_c ~ N(0, s^2 I)                                       (1)
    example of class c   x = m_c + sigma e,  e ~ N(0, I)                         (2)

Class c draws from Philox(seed, c), so it is the same however many classes are asked for. How hard a
task is, is known: of two classes the best answer is wrong with probability

    Q(|m_1 - m_2| / (2 sigma)),   where |m_1 - m_2|^2 is about 2 F s^2           (3)

Differences from the formula: values are kept in 256 levels from -4 to 4 standard deviations of all
examples. Licence: none needed, it is a formula.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.bank import BankBuilder, ClassInfo, build_cached, cache_key
from workbench.dealing import CLASSES, dealt
from workbench.published import vectors
from workbench.schema import data
from workbench.schema.config import setting
from workbench.sources import DATASETS, Dataset, ImageData, Progress

REACH = 4.0  # standard deviations that are kept


class Config(data.Shares):
    """Settings of Gaussian blobs."""

    name: Literal["blobs"] = "blobs"
    classes: int = setting(100, ge=3, le=100_000, suggest=(20, 1000), help="How many blobs.")
    examples: int = setting(
        40, ge=2, le=10_000, suggest=(10, 200), unit="per class", help="Points of each blob."
    )
    features: int = setting(
        16, ge=1, le=4096, suggest=(2, 64), symbol="F", help="Numbers of each point."
    )
    spread: float = setting(
        1.0, gt=0, le=1000, symbol="s", help="How far centres lie from the origin, each feature."
    )
    deviation: float = setting(
        1.0,
        gt=0,
        le=1000,
        symbol="σ",
        help="How far points lie from their centre. Larger makes blobs overlap.",
    )


@DATASETS.register(Config)
class Blobs(Dataset):
    """Points around centres, for a network that takes vectors."""

    title = "Gaussian blobs"
    kind = "classification"
    family = "Feature vectors"
    summary = "Points around random centres: the plainest classes there are, ready at once."
    source = "a formula"
    licence = "none needed"
    recommended: ClassVar[Mapping[str, Any]] = {
        "backbone.name": "mlp",
        "backbone.hidden": (64, 64),
    }
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "blob",
        "image": "point",
        "images_per_class": "examples",
    }
    config: Config

    def load(self, cache: Any, progress: Progress) -> ImageData:
        config = self.config
        content = config.model_dump(exclude={"validation_share", "test_share"})
        bank = build_cached(
            cache,
            cache_key("blobs", content),
            (1, 1, config.features),
            lambda to: self._build(to, progress),
        )
        names = [info.name for info in bank.classes]
        splits = dealt(names, CLASSES, (config.validation_share, config.test_share), config.seed)
        return ImageData(bank, splits, rotations=False, folder=str(bank.folder))

    def _build(self, to: BankBuilder, progress: Progress) -> None:
        total = self.config.classes
        reach = REACH * math.hypot(self.config.spread, self.config.deviation)
        ends = np.full(self.config.features, reach)
        for number in range(total):
            if number % 100 == 0:
                progress(number, total, "Drawing blobs")
            points = points_of(self.config, number)
            to.add(ClassInfo(f"blob{number:05d}", ""), vectors.levels(points, -ends, ends))
        progress(total, total, "Drawing blobs")


def points_of(config: Config, number: int) -> NDArray[np.float64]:
    """The points (examples, F) of one blob."""
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence((config.seed, number))))
    centre = config.spread * random.standard_normal(config.features)  # (1)
    noise = random.standard_normal((config.examples, config.features))
    return np.asarray(centre + config.deviation * noise)  # (2)
