"""Kuzushiji-MNIST: ten hiragana from old Japanese books.

Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto, Ha. Deep Learning for Classical Japanese
Literature. 2018. https://arxiv.org/abs/1812.01718
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from workbench.published import mnist, torchvision
from workbench.schema import data
from workbench.sources import DATASETS


class Config(data.FetchedDealt):
    """Settings of Kuzushiji-MNIST."""

    name: Literal["kmnist"] = "kmnist"
    validation_share: float = mnist.share("validate")
    test_share: float = mnist.share("test")


@DATASETS.register(Config)
class Kmnist(mnist.FourFiles):
    """Ten characters in thousands of hands."""

    title = "Kuzushiji-MNIST"
    family = "Handwriting"
    summary = "Ten hiragana from old books, 7,000 of each; a seed deals them into 4, 3 and 3."
    source = "https://github.com/rois-codh/kmnist"
    licence = "CC BY-SA 4.0"
    citation = "Clanuwat et al. 2018, https://arxiv.org/abs/1812.01718"
    recommended = mnist.THREE_WAYS
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "character",
        "images_per_class": 7000,
        "published": {"classes": 10, "images": 70_000, "bytes": 21_240_888},
    }
    names = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    config: Config

    def remotes(self) -> mnist.Remotes:
        return torchvision.mnist_like("KMNIST")
