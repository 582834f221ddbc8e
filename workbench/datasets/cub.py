"""CUB-200-2011: birds.

Wah, Branson, Welinder, Perona, Belongie. The Caltech-UCSD Birds-200-2011 Dataset. 2011.
https://www.vision.caltech.edu/datasets/cub_200_2011/

    CUB_200_2011/images/001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg
    CUB_200_2011/images.txt     "1 001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg"

The split of 100, 50 and 50 is that of Chen, Liu, Kira, Wang, Huang. A Closer Look at Few-shot
Classification. 2019. https://arxiv.org/abs/1904.04232: counted from 0 in the order of their
numbers, even classes train, of the odd ones every second validates and the others test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from workbench.archives import Files
from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, photos
from workbench.schema import data
from workbench.sources import DATASETS

ADDRESS = "https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz"
MD5 = "97eceeb196236b17998738112f37df78"
SIDES = ("train", "validation", "train", "test")  # of classes 0, 1, 2, 3, and so on


class Config(data.FetchedSplit):
    """Settings of CUB-200-2011."""

    name: Literal["cub"] = "cub"


@DATASETS.register(Config)
class Cub(Published):
    """Photographs of birds, told apart by small marks."""

    title = "CUB-200-2011"
    family = "Photographs"
    summary = "200 kinds of birds, 41 to 60 of each: 100 train, 50 validate, 50 test."
    source = "https://www.vision.caltech.edu/datasets/cub_200_2011/"
    licence = "for non-commercial research"
    citation = "Wah et al. 2011; split by Chen et al. 2019, https://arxiv.org/abs/1904.04232"
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "bird",
        "files": "CUB_200_2011",
        "images_per_class": 41,
        "classes": {"train": 100, "validation": 50, "test": 50},
        "published": {"classes": 200, "images": 11_788, "bytes": 1_150_585_339},
    }
    parts = ("CUB_200_2011.tgz",)
    channels = 3
    unpacks = True
    config: Config

    def remotes(self) -> Sequence[Remote]:
        return (Remote(self.parts[0], (ADDRESS,), f"md5:{MD5}"),)

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        with self.opened(files[self.parts[0]], 3) as found:
            classes = _listed(found, self.ask())
            order = {name: number for number, name in enumerate(sorted(classes))}
            sides = {
                ClassInfo(name, "", SIDES[order[name] % len(SIDES)]): own
                for name, own in classes.items()
            }
            yield photos.content(found, sides, self.shape())


def _listed(found: Files, hint: str) -> dict[str, list[str]]:
    """Pictures of each class, as images.txt lists them."""
    table = next((name for name in found.names if name.rpartition("/")[2] == "images.txt"), None)
    if table is None:
        raise DataError("There is no images.txt in the archive.", hint=hint)
    there, root = set(found.names), table.rpartition("/")[0]
    classes = defaultdict(list)
    for line in found.read(table).decode("utf-8", "replace").splitlines():
        own = line.partition(" ")[2].strip()
        path = f"{root}/images/{own}" if root else f"images/{own}"
        if path not in there:
            raise DataError("images.txt names {own}, which is not there.", own=own, hint=hint)
        classes[own.partition("/")[0]].append(path)
    return classes
