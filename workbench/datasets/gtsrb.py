"""GTSRB: German traffic signs.

Stallkamp, Schlipsing, Salmen, Igel. Man vs. computer: Benchmarking machine learning algorithms for
traffic sign recognition. Neural Networks 32, 2012. https://benchmark.ini.rub.de

Differences from common use: the training images alone are read, the test ones have no folders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from workbench.bank import ClassInfo
from workbench.fetching import Remote
from workbench.published import Content, Published, photos
from workbench.schema import data
from workbench.sources import DATASETS

# Torchvision writes these inside of a method, `GTSRB.download`.
ADDRESS = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/"
MD5 = "513f3c79a4c5141765e10e952eaa2478"


class Config(data.FetchedDealt):
    """Settings of GTSRB."""

    name: Literal["gtsrb"] = "gtsrb"
    image_size: int = data.image_size(32)


@DATASETS.register(Config)
class Gtsrb(Published):
    """Photographs of traffic signs, of any size."""

    title = "GTSRB"
    family = "Photographs"
    summary = "43 German traffic signs; a seed deals them into the splits."
    source = "https://benchmark.ini.rub.de"
    licence = "for research, free of charge"
    citation = "Stallkamp et al. Neural Networks 32 (2012), 323-332."
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "sign",
        "files": "GTSRB",
        "images_per_class": 150,
        "published": {"classes": 43, "images": 26_640, "bytes": 187_490_228},
    }
    parts = ("GTSRB-Training_fixed.zip",)
    channels = 3
    unpacks = True
    config: Config

    def remotes(self) -> Sequence[Remote]:
        return (Remote(self.parts[0], (ADDRESS + self.parts[0],), f"md5:{MD5}"),)

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        with self.opened(files[self.parts[0]], 3) as found:
            folders = photos.by_folder(found, ("Training", "Images"), (".ppm",))
            classes = {ClassInfo(name, ""): own for name, own in folders.items()}
            yield photos.content(found, classes, self.shape(), "stretch")
