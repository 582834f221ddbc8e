"""tieredImageNet: 608 classes of ImageNet, held out by what kind of thing they are.

Ren, Triantafillou, Ravi, Snell, Swersky, Tenenbaum, Larochelle, Zemel. Meta-Learning for
Semi-Supervised Few-Shot Classification. 2018. https://arxiv.org/abs/1803.00676

Read as people have it, in one folder, for each of train, val and test:

    train_images_png.pkl   a list of PNG files       or  train_images.npz   "images": (M, 84, 84, 3)
    train_labels.pkl       {"label_specific": (M,), "label_specific_str": names, and the same of
                           "label_general"} or {"labels": (M,)}

No code of a pickle is run, see `published.pickles`; one is in memory at a time, that of the
training images takes about 6 GB. An .npz is never all in memory. ImageNet's terms forbid others to
hand it on, so nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from workbench import pictures
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, pickles, sheets
from workbench.published.sheets import Sheet
from workbench.schema import data
from workbench.sources import DATASETS

HINT = "Choose the folder with train_images_png.pkl (or .npz), train_labels.pkl and their kin."
SIDES = {"train": "train", "validation": "val", "test": "test"}


class Config(data.FetchedSplit):
    """Settings of tieredImageNet."""

    name: Literal["tiered_imagenet"] = "tiered_imagenet"
    path: str = data.files(HINT)


@DATASETS.register(Config)
class TieredImagenet(Published):
    """Photographs of 34 kinds of things, whole kinds held out."""

    title = "tieredImageNet"
    family = "Photographs"
    summary = "608 kinds of things in 34 groups: 351 train, 97 validate, 160 test."
    source = "ImageNet, by the lists of Ren et al."
    licence = "ImageNet's terms: for non-commercial research"
    citation = "Ren et al. 2018, https://arxiv.org/abs/1803.00676"
    facts: ClassVar[Mapping[str, Any]] = {
        "files": "_images_png",
        "required": {"path": HINT},
        "classes": {"train": 351, "validation": 97, "test": 160},
        "published": {"classes": 608, "images": 779_165, "bytes": 13_000_000_000},
    }
    channels = 3
    config: Config

    def remotes(self) -> Sequence[Remote]:
        return ()

    def ask(self) -> str:
        return HINT

    def find(self, place: Path) -> dict[str, Path]:
        folder, found = place if place.is_dir() else place.parent, {}
        for side, short in SIDES.items():
            names = (f"{short}_images_png.pkl", f"{short}_images.npz")
            images = next((folder / name for name in names if (folder / name).is_file()), None)
            labels = folder / f"{short}_labels.pkl"
            for wanted, path in ((names[0], images), (labels.name, labels)):
                if path is None or not path.is_file():
                    raise DataError(
                        "{wanted} is not in {folder}.", wanted=wanted, folder=folder, hint=HINT
                    )
                found[f"{side} {'images' if path == images else 'labels'}"] = path
        return found

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        yield sheets.content(
            {
                side: partial(_sheet, files[f"{side} images"], files[f"{side} labels"])
                for side in SIDES
            }
        )


def _sheet(images: Path, labels: Path) -> Sheet:
    said = pickles.load(labels)
    key = next((key for key in ("label_specific", "labels") if key in (said or ())), None)
    if key is None:
        raise DataError("{labels} holds no labels.", labels=labels, hint=HINT)
    own, numbers = np.unique(np.asarray(said[key]), return_inverse=True)
    names, groups = _words(said, f"{key}_str"), _words(said, "label_general_str")
    above: dict[int, str] = {}
    if key == "label_specific" and len(said.get("label_general", ())) == len(numbers):
        above = dict(zip(numbers.tolist(), map(groups, said["label_general"]), strict=True))
    classes = [(names(label), above.get(place, "")) for place, label in enumerate(own.tolist())]
    numbers = sheets.numbered(numbers, own.tolist(), len(numbers), labels)
    return Sheet(classes, numbers, partial(_images, images, len(numbers)))


def _words(said: Mapping[str, Any], key: str) -> Callable[[int], str]:
    """A name for a number: as a list has it, else the number."""
    known = list(said.get(key, ()))
    return lambda number: str(known[number]) if 0 <= number < len(known) else str(number)


def _images(path: Path, count: int) -> Iterator[NDArray[np.uint8]]:
    if path.suffix == ".npz":
        yield from sheets.rows_of_npz(path, "images", count)
        return
    found = pickles.load(path)
    if not isinstance(found, list) or len(found) != count:
        raise DataError(
            "{path} holds no list of {count:,} images.", path=path, count=count, hint=HINT
        )
    for number, packed in enumerate(found):
        content = np.asarray(packed).tobytes() if not isinstance(packed, bytes) else packed
        picture = pictures.decode(content, f"image {number:,} of {path.name}")
        yield np.asarray(picture.convert("RGB"))
