"""SVHN: digits of house numbers.

Netzer, Wang, Coates, Bissacco, Wu, Ng. Reading Digits in Natural Images with Unsupervised Feature
Learning. 2011. http://ufldl.stanford.edu/housenumbers/

Differences from common use: the training and test images are joined, and the extra ones left away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, arrays, matlab, mnist, torchvision
from workbench.schema import data
from workbench.sources import DATASETS


class Config(data.FetchedDealt):
    """Settings of SVHN."""

    name: Literal["svhn"] = "svhn"
    image_size: int = data.image_size(32)
    validation_share: float = mnist.share("validate")
    test_share: float = mnist.share("test")


@DATASETS.register(Config)
class Svhn(Published):
    """Digits cut out of photographs of houses."""

    title = "SVHN"
    family = "Small pictures"
    summary = "Digits of house numbers in colour; a seed deals the ten into 4, 3 and 3."
    source = "http://ufldl.stanford.edu/housenumbers/"
    licence = "for non-commercial use"
    citation = "Netzer et al., NIPS Workshop on Deep Learning, 2011"
    recommended = mnist.THREE_WAYS
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "digit",
        "files": "_32x32",
        "published": {"classes": 10, "images": 99_289, "bytes": 246_316_178},
    }
    parts = ("train_32x32.mat", "test_32x32.mat")
    channels = 3
    config: Config

    def remotes(self) -> Sequence[Remote]:
        known = torchvision.of("SVHN").split_list
        return [torchvision.one(known[name][0], known[name][2]) for name in ("train", "test")]

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        classes = [ClassInfo(str(digit), "") for digit in range(10)]
        yield arrays.content(classes, [_read(path) for path in files.values()], self.title)


def _read(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    found = matlab.load(path)
    if not {"X", "y"} <= found.keys() or found["X"].dtype != np.uint8 or found["X"].ndim != 4:
        raise DataError(
            "{path} holds no X and y of images.",
            path=path,
            hint="Choose train_32x32.mat, with test_32x32.mat beside it.",
        )
    # X is (H, W, C, M); the digit 0 is written as 10.
    return found["X"].transpose(3, 2, 0, 1), found["y"].ravel().astype(np.int64) % 10
