"""EMNIST: handwritten digits and letters.

Cohen, Afshar, Tapson, van Schaik. EMNIST: an extension of MNIST to handwritten letters. 2017.
https://arxiv.org/abs/1702.05373

Differences from the files: they hold each character mirrored along its diagonal; here it stands
upright. Their own training and test images of a character are joined.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from workbench.bank import ClassInfo
from workbench.fetching import Remote
from workbench.published import Content, Published, mnist, torchvision
from workbench.schema import data
from workbench.schema.config import setting
from workbench.sources import DATASETS

_ALL = string.digits + string.ascii_uppercase + string.ascii_lowercase
_MERGED = string.digits + string.ascii_uppercase + "abdefghnqrt"  # others look like their capital
CHARACTERS = {
    "balanced": _MERGED,
    "bymerge": _MERGED,
    "byclass": _ALL,
    "letters": string.ascii_uppercase,
    "digits": string.digits,
}


class Config(data.FetchedDealt):
    """Settings of EMNIST."""

    name: Literal["emnist"] = "emnist"
    part: Literal["balanced", "bymerge", "byclass", "letters", "digits"] = setting(
        "balanced",
        choices={
            "balanced": "balanced: 47 characters, 2,800 of each",
            "bymerge": "by merge: 47 characters, as often as written",
            "byclass": "by class: 62 characters, as often as written",
            "letters": "letters: 26, either case",
            "digits": "digits: 10",
        },
        help="Which of the published sets.",
    )


@DATASETS.register(Config)
class Emnist(Published):
    """Digits and letters of American census forms."""

    title = "EMNIST"
    family = "Handwriting"
    summary = "Handwritten digits and letters; a seed deals the characters into the splits."
    source = "https://www.nist.gov/itl/products-and-services/emnist-dataset"
    licence = "public domain (NIST)"
    citation = "Cohen et al. 2017, https://arxiv.org/abs/1702.05373"
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "character",
        "group": "kind",
        "files": "emnist",
        "published": {"classes": 62, "images": 814_255, "bytes": 561_753_746},
    }
    parts = ("gzip.zip",)
    unpacks = True
    decide = ("image_size", "part")
    config: Config

    def remotes(self) -> Sequence[Remote]:
        known = torchvision.of("EMNIST")
        return (torchvision.one(known.url, known.md5),)

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        characters = CHARACTERS[self.config.part]
        first = 1 if self.config.part == "letters" else 0  # number of the first class
        with self.opened(files["gzip.zip"], 2) as found:
            parts = [
                (images.transpose(0, 1, 3, 2), labels - first)
                for images, labels in mnist.pairs(found, f"emnist-{self.config.part}-")
            ]
        classes = [ClassInfo(one, _kind(one)) for one in characters]
        yield mnist.content(classes, parts, self.title)


def _kind(character: str) -> str:
    if character.isdigit():
        return "digits"
    return "capitals" if character.isupper() else "small letters"
