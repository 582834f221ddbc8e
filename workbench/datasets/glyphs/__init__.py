"""Glyphs: invented alphabets written by invented hands; the data set that is always there.

A procedural generator of Omniglot-style characters, made for this program. A character is a program
of pen strokes (`programs`), twenty drawers write it, each in a style of their own (`drawers`), and
`ink` draws it with Omniglot's pen on 105 x 105 pixels before it is reduced as Omniglot is.

    alphabet k  <- Philox(seed, k)                  the same however many alphabets are asked for
    drawing     <- Philox(seed, k, character)       row d of its numbers belongs to drawer d

Licence: that of this program; there is no outside source. The idea of characters as programs of
strokes is that of Lake, Salakhutdinov, Tenenbaum. Human-level concept learning through
probabilistic program induction. Science 350, 2015. https://doi.org/10.1126/science.aab3050
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from workbench import ink
from workbench.bank import Bank, BankBuilder, ClassInfo, build_cached, cache_key
from workbench.datasets.glyphs import drawers, programs
from workbench.errors import DataError
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.sources import DATASETS, Dataset, ImageData, Progress


class Config(BaseConfig):
    """Settings of the invented alphabets."""

    name: Literal["glyphs"] = "glyphs"
    alphabets: int = setting(
        30,
        ge=3,
        le=3000,
        suggest=(3, 300),
        help="How many alphabets to invent. Thirty hold 964 characters, as Omniglot's do.",
    )
    characters: int | None = setting(
        None,
        ge=2,
        le=200,
        label="Characters",
        unit="per alphabet",
        help="How many characters each alphabet has; if empty, 14 to 55 as in Omniglot.",
    )
    drawers: int = setting(
        20,
        ge=2,
        le=200,
        unit="images per character",
        help="How many people write each character once.",
    )
    validation: int = setting(
        5,
        ge=1,
        le=1000,
        label="For validation",
        unit="alphabets",
        group="Splits",
        help="Whole alphabets kept for validation: those before the test alphabets.",
    )
    test: int = setting(
        5,
        ge=1,
        le=1000,
        label="For the test",
        unit="alphabets",
        group="Splits",
        help="Whole alphabets kept for the test: the last ones.",
    )
    rotations: bool = setting(
        True,
        group="Splits",
        help="Training characters turned by 90, 180 and 270 degrees are characters of their own.",
    )
    image_size: int = setting(
        28, ge=8, le=105, suggest=(20, 105), unit="pixels", help="Side of the images."
    )
    seed: int = setting(0, ge=0, le=2**31 - 1, help="Decides which alphabets are invented.")


@DATASETS.register(Config)
class Glyphs(Dataset):
    """Invented alphabets, ready within seconds and without a download."""

    title = "Glyphs"
    kind = "classification"
    family = "Handwriting"
    summary = "Invented alphabets written by invented hands: ready at once, without a download."
    source = "made by this program"
    licence = "as this program"
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "character",
        "group": "alphabet",
        "image": "drawer",
        "images_per_class": "drawers",
    }
    config: Config

    def load(self, cache: Any, progress: Progress) -> ImageData:
        config = self.config
        kept = config.validation + config.test
        if kept >= config.alphabets:
            raise DataError(
                "{kept} of {have} alphabets are kept for validation and test; none is left.",
                kept=kept,
                have=config.alphabets,
                hint="Ask for at least {need} alphabets, or keep fewer.",
                need=kept + 1,
            )
        size = config.image_size
        content = config.model_dump(exclude={"validation", "test", "rotations"})
        key = cache_key("glyphs", [_GENERATION, content])
        bank = build_cached(cache, key, (1, size, size), lambda to: _build(config, to, progress))
        ends = np.cumsum(_sizes(config))
        first, second = ends[-1 - kept], ends[-1 - config.test]
        splits = {
            "train": tuple(range(first)),
            "validation": tuple(range(first, second)),
            "test": tuple(range(second, ends[-1])),
        }
        return ImageData(bank, splits, config.rotations, str(bank.folder))

    def first_look(self) -> Bank:
        return Bank.of(list(_classes(next(alphabets(self.config)), self.config.image_size)))


@dataclass(frozen=True)
class Alphabet:
    """One invented alphabet: images (characters, drawers, 105, 105) uint8, ink high."""

    name: str
    images: NDArray[np.uint8]


def alphabets(config: Config) -> Iterator[Alphabet]:
    """The alphabets one after another; each takes some tenths of a second."""
    names: set[str] = set()
    for number, size in enumerate(_sizes(config)):
        name = _name(_generator(config.seed, number, 0), names)
        names.add(name)
        written = programs.invent(_generator(config.seed, number, 1), size)
        hands = drawers.Hands.draw(_generator(config.seed, number, 2), config.drawers)
        noise = [_generator(config.seed, number, 3 + character) for character in range(size)]
        yield Alphabet(name, drawers.draw(written, hands, noise))


def _classes(alphabet: Alphabet, size: int) -> Iterator[tuple[ClassInfo, NDArray[np.uint8]]]:
    """The characters of an alphabet with their images (drawers, 1, size, size)."""
    for number, images in enumerate(ink.resize(alphabet.images, size), start=1):
        yield ClassInfo(f"character{number:02d}", alphabet.name), images[:, None]


def _build(config: Config, builder: BankBuilder, progress: Progress) -> None:
    total, done = sum(_sizes(config)), 0
    progress(0, total, "Inventing alphabets")
    for alphabet in alphabets(config):
        for info, images in _classes(alphabet, config.image_size):
            builder.add(info, images)
        done += len(alphabet.images)
        progress(done, total, f"Inventing alphabets: {alphabet.name}")


_GENERATION = 2  # goes up with every change of what is drawn, so that no cache shows the old hands

# Characters of Omniglot's thirty background alphabets, 964 together.
_OMNIGLOT_SIZES: tuple[int, ...] = (20, 29, 26, 41, 40, 24, 46, 14, 26, 34, 33, 22, 26, 43, 24)
_OMNIGLOT_SIZES += (48, 22, 16, 52, 47, 40, 26, 40, 41, 33, 14, 42, 23, 17, 55)


def _sizes(config: Config) -> list[int]:
    numbers = range(config.alphabets)
    return [config.characters or _OMNIGLOT_SIZES[k % len(_OMNIGLOT_SIZES)] for k in numbers]


def _generator(seed: int, alphabet: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, alphabet, purpose))))


_ONSETS = ("", "b", "br", "d", "dh", "g", "h", "k", "kh", "l", "m", "n", "p", "r", "s", "sh", "t")
_VOWELS = ("a", "a", "e", "i", "o", "u", "ai", "au", "ae")
_ENDINGS = ("", "", "n", "r", "s", "l", "th", "ic", "ari", "ian", "esh")


def _name(random: np.random.Generator, taken: set[str]) -> str:
    """A pronounceable name that no earlier alphabet has."""
    while True:
        parts = [_ONSETS[random.integers(len(_ONSETS))] + _VOWELS[random.integers(len(_VOWELS))]]
        for _ in range(random.integers(1, 3)):
            onset = _ONSETS[random.integers(1, len(_ONSETS))]
            parts.append(onset + _VOWELS[random.integers(len(_VOWELS))])
        ending = _ENDINGS[random.integers(len(_ENDINGS))]
        name = "".join(parts).rstrip("aeiou" if ending[:1] in "aeiou" and ending else "") + ending
        if name.capitalize() not in taken:
            return name.capitalize()
