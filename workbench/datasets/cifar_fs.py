"""CIFAR-FS: CIFAR-100 split by class.

Bertinetto, Henriques, Torr, Vedaldi. Meta-learning with differentiable closed-form solvers. 2019.
https://arxiv.org/abs/1805.08136, section 4.1

The lists are those of its authors; whatever they name neither for validation nor for the test is
trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from workbench.published import cifar
from workbench.schema import data
from workbench.sources import DATASETS

VALIDATION = {
    *("beaver", "beetle", "butterfly", "camel", "cattle", "crab", "crocodile", "flatfish"),
    *("lamp", "maple_tree", "motorcycle", "otter", "sea", "shark", "television", "tractor"),
}
TEST = {
    *("baby", "bed", "bicycle", "chimpanzee", "fox", "leopard", "man", "pickup_truck", "plain"),
    *("poppy", "rocket", "rose", "snail", "sweet_pepper", "table", "telephone", "wardrobe"),
    *("whale", "woman", "worm"),
}


class Config(data.FetchedSplit):
    """Settings of CIFAR-FS."""

    name: Literal["cifar_fs"] = "cifar_fs"
    image_size: int = data.image_size(32)


@DATASETS.register(Config)
class CifarFs(cifar.Cifar100):
    """A hundred kinds of things in tiny photographs."""

    title = "CIFAR-FS"
    summary = "100 kinds of things at 32 by 32 pixels: 64 train, 16 validate, 20 test."
    source = "https://www.cs.toronto.edu/~kriz/cifar.html"
    citation = "Krizhevsky 2009; split by Bertinetto et al. 2019, https://arxiv.org/abs/1805.08136"
    facts: ClassVar[Mapping[str, Any]] = {
        **cifar.Cifar100.facts,
        "classes": {"train": 64, "validation": 16, "test": 20},
    }
    config: Config

    def side(self, coarse: str, fine: str) -> str:
        return "validation" if fine in VALIDATION else "test" if fine in TEST else "train"
