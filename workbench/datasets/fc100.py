"""FC100: CIFAR-100 split by superclass, so that what is tested resembles nothing that was trained.

Oreshkin, Rodriguez, Lacoste. TADAM: Task dependent adaptive metric for improved few-shot learning.
2018. https://arxiv.org/abs/1805.10123, section 5.1 and its appendix, where the lists are
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from workbench.published import cifar
from workbench.schema import data
from workbench.sources import DATASETS

VALIDATION = {
    *("large_carnivores", "large_omnivores_and_herbivores"),
    *("non-insect_invertebrates", "small_mammals"),
}
TEST = {"aquatic_mammals", "insects", "medium_mammals", "people"}


class Config(data.FetchedSplit):
    """Settings of FC100."""

    name: Literal["fc100"] = "fc100"
    image_size: int = data.image_size(32)


@DATASETS.register(Config)
class Fc100(cifar.Cifar100):
    """A hundred kinds of things in tiny photographs, whole superclasses held out."""

    title = "FC100"
    summary = "100 kinds of things, held out by superclass: 60 train, 20 validate, 20 test."
    source = "https://www.cs.toronto.edu/~kriz/cifar.html"
    citation = "Krizhevsky 2009; split by Oreshkin et al. 2018, https://arxiv.org/abs/1805.10123"
    facts: ClassVar[Mapping[str, Any]] = {
        **cifar.Cifar100.facts,
        "classes": {"train": 60, "validation": 20, "test": 20},
    }
    config: Config

    def side(self, coarse: str, fine: str) -> str:
        return "validation" if coarse in VALIDATION else "test" if coarse in TEST else "train"
