"""Omniglot: 1,623 characters of 50 alphabets, each drawn once by 20 people.

Lake, Salakhutdinov, Tenenbaum. Human-level concept learning through probabilistic program
induction. Science 350, 2015. https://doi.org/10.1126/science.aab3050
Source: https://github.com/brendenlake/omniglot, MIT licence.

Read as it is published: `images_background.zip` (30 alphabets, 964 characters) and, where it is
there, `images_evaluation.zip` (20 alphabets, 659 characters); 105 x 105 pixels, ink black. Here ink
is HIGH and images are reduced with `ink.resize`.

Differences from common use: by default whole alphabets are kept for validation and test, so that no
split sees another's style. The splits of papers are settings; see `splits`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from workbench import ink
from workbench.bank import BankBuilder, ClassInfo, build_cached, cache_key
from workbench.datasets.omniglot import download, files, splits
from workbench.datasets.omniglot.files import Character
from workbench.dealing import Splits
from workbench.errors import DataError
from workbench.schema import data, places
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.nouns import some
from workbench.sources import DATASETS, Dataset, ImageData, Progress

# numpy.random.default_rng(0).permutation of the sorted names: five to test, then five to validate.
_TEST = ("Arcadian", "Cyrillic", "Early_Aramaic", "Latin", "Sanskrit")
_VALIDATION = ("Asomtavruli_(Georgian)", "Bengali", "Hebrew", "Mkhedruli_(Georgian)", "Tagalog")


class Config(BaseConfig):
    """Settings of Omniglot."""

    name: Literal["omniglot"] = "omniglot"
    path: str = data.files(
        "images_background.zip, a folder that holds it, or the unpacked images_background; if "
        "empty, the files are downloaded once.",
    )
    split: Literal["alphabets", "vinyals", "random"] = setting(
        "alphabets",
        group="Splits",
        choices={
            "alphabets": "whole alphabets",
            "vinyals": "1,028 / 172 / 423 characters",
            "random": "1,200 / 423 at random",
        },
        help="What is held out: whole alphabets, as listed below; the characters that most papers "
        "after matching networks hold out; or 423 at random to test and 100 to validate. The last "
        "two need both published parts.",
    )
    validation: tuple[str, ...] = setting(
        _VALIDATION,
        label="For validation",
        unit="alphabets",
        group="Splits",
        help="Alphabets kept whole for validation.",
    )
    test: tuple[str, ...] = setting(
        _TEST,
        label="For the test",
        unit="alphabets",
        group="Splits",
        help="Alphabets kept whole for the test. Where images_evaluation is there too, that is the "
        "test split, and these are trained on.",
    )
    rotations: bool = setting(
        True,
        group="Splits",
        help="Training characters turned by 90, 180 and 270 degrees are characters of their own.",
    )
    rotate_held_out: bool = setting(
        False,
        label="Rotations held out too",
        group="Splits",
        advanced=True,
        help="So are those of validation and test, as where papers count 1,692 test classes.",
    )
    seed: int = setting(0, ge=0, le=data.SEEDS, group="Splits", help="Decides the split at random.")
    download_evaluation: bool = setting(
        False,
        label="Download the evaluation part",
        group="Splits",
        help="When downloading, fetch images_evaluation.zip as well, which becomes the test split.",
    )
    image_size: int = setting(
        28, ge=8, le=105, suggest=(20, 105), unit="pixels", help="Side of the images."
    )


NAMED = 5  # characters that a note about many of them names


@DATASETS.register(Config)
class Omniglot(Dataset):
    """The standard few-shot problem: characters of alphabets that were never seen."""

    title = "Omniglot"
    kind = "classification"
    family = "Handwriting"
    summary = "1,623 characters of 50 real alphabets, each drawn by 20 people."
    source = "https://github.com/brendenlake/omniglot"
    licence = "MIT"
    citation = "Lake, Salakhutdinov, Tenenbaum. Science 350 (2015), 1332-1338."
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "character",
        "group": "alphabet",
        "image": "drawer",
        "files": "images_background",
        "images_per_class": 20,
        "standard": True,
        "published": {"classes": 1623, "images": 32_460, "bytes": 15_927_098},
    }
    config: Config

    def load(self, cache: Any, progress: Progress) -> ImageData:
        config = self.config
        place = places.place(config.path) if config.path else self._fetched(cache, progress)
        with files.opened(place) as parts:
            characters = [character for part in parts for character in part.characters]
            kept = _kept(characters, place)
            notes = _notes(characters)
            sides = _split(kept, config)
            size = config.image_size
            key = cache_key("omniglot", [size, [part.stamp for part in parts]])
            bank = build_cached(
                cache, key, (1, size, size), lambda to: _build(kept, size, to, progress)
            )
        turned, held_out = config.rotations, config.rotate_held_out
        return ImageData(bank, sides, turned, str(bank.folder), notes, held_out)

    def here(self, cache: Path) -> bool:
        if self.config.path:
            return places.place(self.config.path).exists()
        return download.is_here(Path(cache) / "downloads", self._both)

    @property
    def _both(self) -> bool:
        """Whether the evaluation part is wanted too."""
        return self.config.download_evaluation or self.config.split != "alphabets"

    def _fetched(self, cache: Any, progress: Progress) -> Path:
        return download.ready(Path(cache) / "downloads", self._both, progress)


def _kept(characters: Sequence[Character], place: Path) -> list[Character]:
    kept = [character for character in characters if len(character.images) > 1]
    if not kept:
        raise DataError(
            "Each of the {count:,} characters in {place} has one image.",
            count=len(characters),
            place=place,
            hint="A task needs one image to learn from and one to ask about: add at least a second "
            "image to each character; Omniglot's have 20.",
        )
    return kept


def _notes(characters: Sequence[Character]) -> tuple[str, ...]:
    """A sentence that names what was left out, or none."""
    lone = [f"{one.alphabet}/{one.name}" for one in characters if len(one.images) < 2]
    if not lone:
        return ()
    words = "Left out, for a task needs two images of each character"
    return (f"{words}: {some(lone, NAMED)}; one image each.",)


def _split(characters: Sequence[Character], config: Config) -> Splits:
    if config.split == "vinyals":
        return splits.vinyals(characters)
    if config.split == "random":
        return splits.at_random(characters, config.seed)
    return splits.by_alphabet(characters, config.validation, config.test)


def _build(
    characters: Sequence[Character], size: int, builder: BankBuilder, progress: Progress
) -> None:
    for number, character in enumerate(characters):
        progress(number, len(characters), f"Reading {character.alphabet}")
        images = [255 - files.decode(character, image) for image in character.images]  # ink high
        if len({image.shape for image in images}) == 1:
            small = ink.resize(np.stack(images), size)
        else:
            small = np.stack([ink.resize(image, size) for image in images])
        builder.add(ClassInfo(character.name, character.alphabet), small[:, None])
    progress(len(characters), len(characters), "Reading Omniglot")
