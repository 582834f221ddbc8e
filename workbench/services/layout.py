"""Features of a drawing laid out on a plane by t-SNE, so that what is near stays near."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError
from workbench.protocol import Floats
from workbench.services.maps import tsne

LEAST = 10
"""Fewer points have no neighbourhoods that t-SNE could keep."""


def lay_out(features: Floats) -> NDArray[np.float64]:
    """Places of features (M, D), (M, 2). The same features get the same places.

    Raises:
        DataError: there are fewer than `LEAST`, or scikit-learn is not installed.
    """
    if len(features) < LEAST:
        raise DataError(
            "t-SNE takes {least} points or more; there are {count}.",
            least=LEAST,
            count=len(features),
            hint="Teach more examples, or look at the principal axes.",
        )
    return np.asarray(tsne(features, _silent), np.float64)


def _silent(done: int, total: int, text: str) -> None:
    """A drawing has few points: there is nothing to wait for."""
