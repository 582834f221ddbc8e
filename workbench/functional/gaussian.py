"""Codes that are normal distributions: what LEO samples, and holds in order."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Gaussian(NamedTuple):
    """Independent normals: means and standard deviations, (N, …) each."""

    mean: Tensor
    deviation: Tensor

    def at(self, normals: Tensor | None) -> Tensor:
        """A sample; without normals, the mean."""
        return self.mean if normals is None else self.mean + self.deviation * normals


def divergence(codes: Gaussian) -> Tensor:
    """KL(codes | N(0, 1)), mean over classes and latents."""
    mean, deviation = codes
    return ((mean**2 + deviation**2 - 1) / 2 - deviation.log()).mean()


def correlation(decoder: Tensor) -> Tensor:
    """Mean squared difference to the identity of the correlations between the latents' columns of
    a decoder (outputs, L)."""
    columns = F.normalize(decoder, dim=0)
    return (columns.T @ columns - torch.eye(decoder.shape[1]).to(decoder)).pow(2).mean()
