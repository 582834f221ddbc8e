"""Flowers-102: flowers that grow in Britain.

Nilsback, Zisserman. Automated flower classification over a large number of classes. 2008.
https://www.robots.ox.ac.uk/~vgg/data/flowers/102/

Differences from common use: its training, validation and test images of a flower are joined, since
here whole classes are held out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, matlab, photos, torchvision
from workbench.schema import data
from workbench.sources import DATASETS


class Config(data.FetchedDealt):
    """Settings of Flowers-102."""

    name: Literal["flowers102"] = "flowers102"
    image_size: int = data.image_size(84)


@DATASETS.register(Config)
class Flowers102(Published):
    """Photographs of flowers."""

    title = "Flowers-102"
    family = "Photographs"
    summary = "102 kinds of flowers, 40 to 258 of each; a seed deals them into the splits."
    source = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/"
    licence = "not stated"
    citation = "Nilsback, Zisserman. ICVGIP 2008."
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "flower",
        "files": "102flowers",
        "images_per_class": 40,
        "published": {"classes": 102, "images": 8189, "bytes": 344_862_509},
    }
    parts = ("102flowers.tgz", "imagelabels.mat")
    channels = 3
    unpacks = True
    config: Config

    def remotes(self) -> Sequence[Remote]:
        known = torchvision.of("Flowers102")
        return [
            torchvision.one(known._download_url_prefix + file, md5)
            for file, md5 in (known._file_dict["image"], known._file_dict["label"])
        ]

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        labels = matlab.load(files["imagelabels.mat"]).get("labels", np.zeros(0)).ravel()
        with self.opened(files["102flowers.tgz"], 2) as found:
            classes = defaultdict(list)
            for name in found.names:
                own = name.rpartition("/")[2]
                if own.startswith("image_") and own.endswith(".jpg"):
                    classes[ClassInfo(_label(own, labels), "")].append(name)
            yield photos.content(found, classes, self.shape())


def _label(picture: str, labels: Any) -> str:
    """Three digits that name the class of "image_00001.jpg"."""
    number = picture[len("image_") : -len(".jpg")]
    if not (number.isdigit() and 1 <= int(number) <= len(labels)):
        raise DataError(
            "imagelabels.mat has {count:,} labels, and none for {picture}.",
            count=len(labels),
            picture=picture,
            hint="The files do not belong together; download both again.",
        )
    return f"{int(labels[int(number) - 1]):03d}"
