"""A person's own images: an image bank on disk whose groups are the splits.

`workbench.train(data=(images, labels))` writes such a bank beside the runs, so that the run can be
resumed, evaluated and drawn on later, when the arrays themselves are long gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from workbench.bank import Bank
from workbench.dealing import SPLITS
from workbench.errors import DataError
from workbench.schema import data, places
from workbench.schema.config import Config as BaseConfig
from workbench.sources import DATASETS, Dataset, ImageData, Progress

_HINT = "Hand them over in Python: workbench.train(data=(images, labels))."


class Config(BaseConfig):
    """Settings of a person's own images."""

    name: Literal["arrays"] = "arrays"
    path: str = data.files(
        "The folder that workbench.train wrote for your arrays: an image bank whose groups are "
        "called train, validation and test.",
        label="Folder",
    )


@DATASETS.register(Config)
class Arrays(Dataset):
    """Images that a script handed over."""

    title = "Own arrays"
    kind = "classification"
    family = "Own data"
    summary = "Images of your own, handed over as arrays by a script or notebook."
    facts: ClassVar[Mapping[str, Any]] = {"required": {"path": _HINT}, "scripted": True}
    config: Config

    def here(self, cache: Path) -> bool:
        return bool(self.config.path) and places.place(self.config.path).exists()

    def load(self, cache: Any, progress: Progress) -> ImageData:
        if not self.config.path:
            raise DataError(
                "Own arrays need the folder that they were saved to.",
                hint=_HINT,
            )
        folder = places.place(self.config.path)
        bank = Bank.open(folder)
        progress(1, 1, "Opened")
        return ImageData(bank, _splits(bank, folder), rotations=False, folder=str(folder))


def _splits(bank: Bank, folder: Path) -> dict[str, tuple[int, ...]]:
    groups = [info.group for info in bank.classes]
    strange = sorted(set(groups) - set(SPLITS))
    if strange or "train" not in groups:
        raise DataError(
            "The bank in {folder} has the groups {groups}; train, validation and test are needed.",
            folder=folder,
            groups=", ".join(sorted(set(groups))) or "of no class",
            hint=_HINT,
        )
    return {
        split: tuple(number for number, group in enumerate(groups) if group == split)
        for split in SPLITS
    }
