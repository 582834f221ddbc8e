"""miniImageNet: a hundred classes of ImageNet.

Vinyals, Blundell, Lillicrap, Kavukcuoglu, Wierstra. Matching Networks for One Shot Learning. 2016.
https://arxiv.org/abs/1606.04080. The split is that of Ravi, Larochelle. Optimization as a Model for
Few-Shot Learning. 2017. https://openreview.net/forum?id=rJY0-Kcll

Read as people have it:

    train.csv, val.csv, test.csv and images/     filename,label; in a folder, zip or tar
    mini-imagenet-cache-train.pkl, -val, -test   {"image_data": (M, 84, 84, 3), "class_dict": …}
    miniImageNet_category_split_train_phase_train.pickle, …_val, …_test
                                                 {"data": (M, 84, 84, 3), "labels": …}

No code of a pickle is run, see `published.pickles`. ImageNet's terms forbid others to hand it on,
so nothing is downloaded.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from workbench.archives import Files
from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, photos, pickles, sheets
from workbench.published.sheets import Sheet
from workbench.schema import data
from workbench.sources import DATASETS

HINT = (
    "Choose the folder with train.csv, val.csv, test.csv and the images, a zip of it, or the "
    "folder with its three pickles."
)
SIDES = {"train": "train", "val": "validation", "test": "test"}
CACHE = "mini-imagenet-cache-{}.pkl"
CATEGORY = "miniImageNet_category_split_{}.pickle"


class Config(data.FetchedSplit):
    """Settings of miniImageNet."""

    name: Literal["mini_imagenet"] = "mini_imagenet"
    path: str = data.files(HINT)


@DATASETS.register(Config)
class MiniImagenet(Published):
    """The photographs that most few-shot papers compare on."""

    title = "miniImageNet"
    family = "Photographs"
    summary = "100 kinds of things, 600 photographs of each: 64 train, 16 validate, 20 test."
    source = "ImageNet, by the lists of Ravi and Larochelle"
    licence = "ImageNet's terms: for non-commercial research"
    citation = "Vinyals et al. 2016, https://arxiv.org/abs/1606.04080; split by Ravi et al. 2017"
    facts: ClassVar[Mapping[str, Any]] = {
        "files": "mini-imagenet-cache",
        "required": {"path": HINT},
        "images_per_class": 600,
        "classes": {"train": 64, "validation": 16, "test": 20},
        "published": {"classes": 100, "images": 60_000, "bytes": 1_270_000_000},
    }
    channels = 3
    config: Config

    def remotes(self) -> Sequence[Remote]:
        return ()

    def ask(self) -> str:
        return HINT

    def find(self, place: Path) -> dict[str, Path]:
        folder = place if place.is_dir() else place.parent
        for pattern, first in ((CACHE, "train"), (CATEGORY, "train_phase_train")):
            names = {"train": first, "validation": "val", "test": "test"}
            found = {side: folder / pattern.format(name) for side, name in names.items()}
            picked = place.is_dir() or place in found.values()
            missing = [path.name for path in found.values() if not path.is_file()]
            if picked and not missing:
                return found
            if place in found.values():  # one of three, and no archive
                raise DataError(
                    "{missing} is not in {folder}.", missing=missing[0], folder=folder, hint=HINT
                )
        return {"all": place}

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        if "all" not in files:
            yield sheets.content({side: partial(_sheet, path) for side, path in files.items()})
            return
        with self.opened(files["all"], 2) as found:
            yield photos.content(found, _tables(found), self.shape())


def _sheet(path: Path) -> Sheet:
    found = pickles.load(path)
    if isinstance(found, Mapping) and {"image_data", "class_dict"} <= found.keys():
        images = sheets.coloured(found["image_data"], path)
        names = sorted(found["class_dict"])
        labels = np.full(len(images), -1)
        for number, name in enumerate(names):
            labels[np.asarray(found["class_dict"][name], np.int64)] = number
    elif isinstance(found, Mapping) and {"data", "labels"} <= found.keys():
        images = sheets.coloured(found["data"], path)
        said, labels = np.unique(np.asarray(found["labels"]), return_inverse=True)
        known = {number: name for name, number in dict(found.get("catname2label", {})).items()}
        names = [str(known.get(number, number)) for number in said.tolist()]
    else:
        raise DataError("{path} holds no images with classes.", path=path, hint=HINT)
    numbers = sheets.numbered(labels, names, len(images), path)
    return Sheet([(name, "") for name in names], numbers, lambda: iter(images))


def _tables(found: Files) -> dict[ClassInfo, list[str]]:
    """Pictures of each class, by the three tables."""
    where = {name.rpartition("/")[2]: name for name in found.names}
    classes = defaultdict(list)
    for side, split in SIDES.items():
        if f"{side}.csv" not in where:
            raise DataError("There is no {side}.csv in these files.", side=side, hint=HINT)
        text = found.read(where[f"{side}.csv"]).decode("utf-8-sig", "replace")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            picture, label = row.get("filename") or "", row.get("label") or ""
            own = where.get(picture.rpartition("/")[2])
            if not own or not label:
                raise DataError(
                    "{side}.csv names {picture!r} of {label!r}, which is not there.",
                    side=side,
                    picture=picture,
                    label=label,
                    hint=HINT,
                )
            classes[ClassInfo(label, "", split)].append(own)
    return classes
