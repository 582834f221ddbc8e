"""Omniglot: 1,623 characters of 50 alphabets, each drawn once by 20 people.

Lake, Salakhutdinov, Tenenbaum. Human-level concept learning through probabilistic program
induction. Science 350, 2015. https://doi.org/10.1126/science.aab3050
Source: https://github.com/brendenlake/omniglot, MIT licence.

Read as it is published: `images_background.zip` (30 alphabets, 964 characters) and, where it is
there, `images_evaluation.zip` (20 alphabets, 659 characters); 105 x 105 pixels, ink black. Here ink
is HIGH and images are reduced with `ink.resize`.

Differences from common use: whole alphabets are kept for validation and test, so that no split sees
another's style (Vinyals et al. 2016 split characters at random, which scores higher).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from workbench import ink
from workbench.bank import BankBuilder, ClassInfo, build_cached, cache_key
from workbench.datasets.omniglot import download, files
from workbench.datasets.omniglot.files import Character, Part
from workbench.errors import DataError
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.sources import DATASETS, Dataset, ImageData, Progress

# numpy.random.default_rng(0).permutation of the sorted names: five to test, then five to validate.
_TEST = ("Arcadian", "Cyrillic", "Early_Aramaic", "Latin", "Sanskrit")
_VALIDATION = ("Asomtavruli_(Georgian)", "Bengali", "Hebrew", "Mkhedruli_(Georgian)", "Tagalog")


class Config(BaseConfig):
    """Settings of Omniglot."""

    name: Literal["omniglot"] = "omniglot"
    path: str = setting(
        "",
        path=True,
        label="Files",
        help="images_background.zip, a folder that holds it, or the unpacked images_background; if "
        "empty, the files are downloaded once.",
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
    }
    config: Config

    def load(self, cache: Any, progress: Progress) -> ImageData:
        config = self.config
        place = Path(config.path).expanduser() if config.path else self._fetched(cache, progress)
        with files.opened(place) as parts:
            characters = [character for part in parts for character in part.characters]
            kept = _kept(characters, place)
            notes = _notes(characters)
            splits = _split(kept, config.validation, config.test)
            size = config.image_size
            key = cache_key("omniglot", [size, [part.stamp for part in parts]])
            bank = build_cached(
                cache, key, (1, size, size), lambda to: _build(kept, size, to, progress)
            )
        return ImageData(bank, splits, config.rotations, str(bank.folder), notes)

    def _fetched(self, cache: Any, progress: Progress) -> Path:
        return download.ready(Path(cache) / "downloads", self.config.download_evaluation, progress)


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
    more = len(lone) - NAMED
    names = ", ".join(lone[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
    return (f"Left out, for a task needs two images of each character: {names}; one image each.",)


def _split(
    characters: Sequence[Character], validation: Sequence[str], test: Sequence[str]
) -> Mapping[str, tuple[int, ...]]:
    evaluation = any(character.part is Part.EVALUATION for character in characters)
    _check_lists(characters, validation, () if evaluation else test)
    splits: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for number, character in enumerate(characters):
        splits[_side(character, validation, test, evaluation)].append(number)
    for name, numbers in splits.items():
        if not numbers:
            raise DataError(
                "No alphabet is left for the {split} split.",
                split=name,
                hint="Look at dataset.validation and dataset.test; the rest is trained on.",
            )
    return {name: tuple(numbers) for name, numbers in splits.items()}


def _side(
    character: Character, validation: Sequence[str], test: Sequence[str], evaluation: bool
) -> str:
    if character.part is Part.EVALUATION:
        return "test"
    if character.alphabet in validation:
        return "validation"
    return "test" if character.alphabet in test and not evaluation else "train"


def _check_lists(
    characters: Sequence[Character], validation: Sequence[str], test: Sequence[str]
) -> None:
    both = sorted(set(validation) & set(test))
    if both:
        raise DataError(
            "{alphabet} is kept for validation and for the test.",
            alphabet=both[0],
            hint="Take it out of dataset.validation or of dataset.test.",
        )
    present = sorted({c.alphabet for c in characters if c.part is Part.BACKGROUND})
    missing = [name for name in (*validation, *test) if name not in present]
    if missing:
        raise DataError(
            "The data have no alphabet called {missing}.",
            missing=" or ".join(missing),
            present=", ".join(present) or "none",
            hint="Set dataset.validation and dataset.test to some of: {present}.",
        )


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
