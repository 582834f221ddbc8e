"""Food-101: photographs of dishes.

Bossard, Guillaumin, Van Gool. Food-101 - Mining Discriminative Components with Random Forests.
2014. https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from workbench.bank import ClassInfo
from workbench.fetching import Remote
from workbench.published import Content, Published, photos, torchvision
from workbench.schema import data
from workbench.sources import DATASETS


class Config(data.FetchedDealt):
    """Settings of Food-101."""

    name: Literal["food101"] = "food101"
    image_size: int = data.image_size(84)


@DATASETS.register(Config)
class Food101(Published):
    """Photographs of dishes, by people who were to eat them."""

    title = "Food-101"
    family = "Photographs"
    summary = "101 dishes, 1,000 of each; a seed deals them into the splits."
    source = "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/"
    licence = "that of each photograph's owner; for research"
    citation = "Bossard, Guillaumin, Van Gool. ECCV 2014."
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "food",
        "files": "food-101",
        "images_per_class": 1000,
        "published": {"classes": 101, "images": 101_000, "bytes": 4_996_278_331},
    }
    parts = ("food-101.tar.gz",)
    channels = 3
    unpacks = True
    config: Config

    def remotes(self) -> Sequence[Remote]:
        known = torchvision.of("Food101")
        return (torchvision.one(known._URL, known._MD5),)

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        with self.opened(files[self.parts[0]], 3) as found:
            folders = photos.by_folder(found, "images")
            classes = {ClassInfo(name, ""): own for name, own in folders.items()}
            yield photos.content(found, classes, self.shape())
