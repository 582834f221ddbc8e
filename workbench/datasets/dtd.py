"""DTD: textures in the wild, by what people call them.

Cimpoi, Maji, Kokkinos, Mohamed, Vedaldi. Describing Textures in the Wild. 2014.
https://arxiv.org/abs/1311.3618
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
    """Settings of DTD."""

    name: Literal["dtd"] = "dtd"
    image_size: int = data.image_size(84)


@DATASETS.register(Config)
class Dtd(Published):
    """Photographs of textures."""

    title = "DTD"
    family = "Photographs"
    summary = "47 textures, 120 of each; a seed deals them into the splits."
    source = "https://www.robots.ox.ac.uk/~vgg/data/dtd/"
    licence = "for research"
    citation = "Cimpoi et al. CVPR 2014, https://arxiv.org/abs/1311.3618"
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "texture",
        "files": "dtd",
        "images_per_class": 120,
        "published": {"classes": 47, "images": 5640, "bytes": 625_239_812},
    }
    parts = ("dtd-r1.0.1.tar.gz",)
    channels = 3
    unpacks = True
    config: Config

    def remotes(self) -> Sequence[Remote]:
        known = torchvision.of("DTD")
        return (torchvision.one(known._URL, known._MD5),)

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        with self.opened(files[self.parts[0]], 3) as found:
            folders = photos.by_folder(found, "images")
            classes = {ClassInfo(name, ""): own for name, own in folders.items()}
            yield photos.content(found, classes, self.shape())
