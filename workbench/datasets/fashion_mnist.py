"""Fashion-MNIST: ten kinds of clothes.

Xiao, Rasul, Vollgraf. Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms. 2017. https://arxiv.org/abs/1708.07747
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from workbench.published import mnist, torchvision
from workbench.schema import data
from workbench.sources import DATASETS

# Its publisher's repository has the same files; the address that torchvision knows is not https.
MIRROR = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"


class Config(data.FetchedDealt):
    """Settings of Fashion-MNIST."""

    name: Literal["fashion_mnist"] = "fashion_mnist"
    validation_share: float = mnist.share("validate")
    test_share: float = mnist.share("test")


@DATASETS.register(Config)
class FashionMnist(mnist.FourFiles):
    """Ten kinds of clothes, grey on black."""

    title = "Fashion-MNIST"
    family = "Small pictures"
    summary = "Ten kinds of clothes, 7,000 of each; a seed deals them into 4, 3 and 3."
    source = "https://github.com/zalandoresearch/fashion-mnist"
    licence = "MIT"
    citation = "Xiao, Rasul, Vollgraf 2017, https://arxiv.org/abs/1708.07747"
    recommended = mnist.THREE_WAYS
    facts: ClassVar[Mapping[str, Any]] = {
        "images_per_class": 7000,
        "published": {"classes": 10, "images": 70_000, "bytes": 30_878_645},
    }
    names = (
        *("T-shirt", "trousers", "pullover", "dress", "coat"),
        *("sandal", "shirt", "trainer", "bag", "ankle boot"),
    )
    config: Config

    def remotes(self) -> mnist.Remotes:
        return torchvision.mnist_like("FashionMNIST", MIRROR)
