"""Images on a plane, so that alike ones lie together: by their principal components at once, by
t-SNE on demand.

Images are looked at 16 × 16 small: what counts is what one sees from afar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.bank import Bank
from workbench.errors import DataError
from workbench.shrink import shrunk
from workbench.sources import Progress

MOST = 2_000  # images on a map
SIDE = 16
STAGES = 4  # of t-SNE, between which a person may give up
STAGE_STEPS = 250  # scikit-learn takes no fewer
EXAGGERATION = 12.0  # of the first stage, as in the paper
PERPLEXITY = 30.0
KEPT = 50  # principal components that t-SNE is given, as in the paper

Floats = NDArray[np.float32]


def some_images(bank: Bank, classes: Sequence[int]) -> NDArray[np.int64]:
    """Numbers of images of classes: all, or an even choice of many."""
    starts = np.asarray(bank.starts)
    own = [np.arange(starts[number], starts[number + 1]) for number in classes]
    numbers = np.concatenate(own) if own else np.zeros(0, np.int64)
    places = np.linspace(0, len(numbers) - 1, min(len(numbers), MOST)).astype(np.int64)
    return numbers[places].astype(np.int64)


def features(bank: Bank, images: NDArray[np.int64]) -> Floats:
    """(P, C * SIDE * SIDE) of images, small."""
    found = bank.images[images].astype(np.float32) / np.float32(255)  # (P, C, H, W)
    small = [shrunk(found[:, channel], SIDE) for channel in range(found.shape[1])]
    return np.stack(small, axis=1).reshape(len(images), -1)


def pca(x: Floats, progress: Progress) -> Floats:
    """Places (P, 2): the first two principal components of features (P, D)."""
    progress(0, 1, "Laying out images")
    return _components(x, 2)


def tsne(x: Floats, progress: Progress) -> Floats:
    """Places (P, 2) by t-SNE, the same for the same features.

    Raises:
        DataError: scikit-learn is not installed.
        Cancelled: `progress` raised it.
    """
    if len(x) < 3 or not np.ptp(x, axis=0).any():  # there is nothing to lay out
        return _components(x, 2)
    progress(0, STAGES, "Laying out images")
    try:
        from sklearn.manifold import TSNE
    except ImportError:
        raise DataError(
            "t-SNE needs scikit-learn, which is not installed.",
            hint="Install it with: pip install scikit-learn, or look at the principal components.",
        ) from None
    x = _components(x, KEPT)
    # As van der Maaten's code begins: tiny, so that early steps can order it.
    places = x[:, :2] / max(float(x[:, 0].std()), 1e-9) * 1e-4
    for stage in range(STAGES):
        progress(stage, STAGES, "Laying out images")
        layout = TSNE(
            init=np.ascontiguousarray(places, np.float32),
            perplexity=min(PERPLEXITY, (len(x) - 1) / 3),
            early_exaggeration=1.0 if stage else EXAGGERATION,
            max_iter=STAGE_STEPS,
            random_state=0,
        )
        places = layout.fit_transform(x)
    progress(STAGES, STAGES, "Laying out images")
    return np.asarray(places, np.float32)


METHODS: Mapping[str, Callable[[Floats, Progress], Floats]] = {"pca": pca, "tsne": tsne}


def _components(x: Floats, count: int) -> Floats:
    """(P, count) coordinates along the directions in which features vary most; fewer where there
    are fewer, but two at least."""
    centred = x - x.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)  # in order of growing variance
    chosen = vectors[:, ::-1][:, :count]
    # Which end is which is left open by the equations; here the largest weight is positive.
    largest = chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])]
    found = centred @ (chosen * np.where(largest < 0, -1, 1))
    missing = max(0, 2 - found.shape[1])
    return np.pad(found, ((0, 0), (0, missing))).astype(np.float32)
