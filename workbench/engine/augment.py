"""Images of training tasks disturbed as a camera or a hand would: each in its own way, all in one
pass, and the same for the same address.

torchvision's transforms draw one disturbance for a whole batch, from torch's global generator; here
every image has numbers of its own, which are data: `disturbances` draws them without torch,
`disturbed` applies them with two batched calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.interfaces import Random

if TYPE_CHECKING:
    from torch import Tensor

NONE = "none"
HALVES = ("support", "query")


@dataclass(frozen=True)
class Disturbances:
    """What happens to each image of tasks.

    Attributes:
        places: (T, M, 2, 3) float32, from where in the image, -1 … 1, each pixel is taken.
        brightness, contrast: (T, M) float32 factors.
    """

    places: NDArray[np.float32]
    brightness: NDArray[np.float32]
    contrast: NDArray[np.float32]

    def of_task(self, number: int) -> Disturbances:
        """Those of one task alone, T = 1."""
        some = slice(number, number + 1)
        return Disturbances(self.places[some], self.brightness[some], self.contrast[some])


def disturbances(
    settings: Mapping[str, Any], half: str, random: Random, tasks: int, images: int
) -> Disturbances | None:
    """Draw for `images` of each of `tasks`; None where nothing is asked for.

    Args:
        settings: `support` and `query`, what is done to each half, and how strongly.
        half: "support" or "query".
    """
    kind = settings[half]
    if kind == NONE:
        return None
    size = (tasks, images)
    angle, mirror = np.zeros(size), np.ones(size)
    zoom, move = np.ones(size), np.zeros((*size, 2))
    brightness = contrast = np.ones(size)
    if "mirror" in kind:
        mirror = random.choice([-1.0, 1.0], size)
    if "affine" in kind:
        angle = np.deg2rad(settings["degrees"]) * random.uniform(-1, 1, size)
        zoom = 1 + settings["zoom"] * random.uniform(-1, 1, size)
        move = 2 * settings["move"] * random.uniform(-1, 1, (*size, 2))
    if "light" in kind:
        brightness = 1 + settings["light"] * random.uniform(-1, 1, size)
        contrast = 1 + settings["light"] * random.uniform(-1, 1, size)
    cos, sin = np.cos(angle) / zoom, np.sin(angle) / zoom
    turned = np.stack([np.stack([mirror * cos, -mirror * sin], -1), np.stack([sin, cos], -1)], -2)
    places = np.concatenate([turned, move[..., None]], axis=-1)
    return Disturbances(*(part.astype(np.float32) for part in (places, brightness, contrast)))


def disturbed(images: Tensor, found: Disturbances | None) -> Tensor:
    """Images (T, M, C, H, W), 0 … 1, each disturbed in its own way."""
    if found is None:
        return images
    import torch
    import torch.nn.functional as F

    shape = images.shape
    flat = images.reshape(-1, *shape[-3:])
    places = torch.from_numpy(found.places).to(flat.device).flatten(0, 1)
    grid = F.affine_grid(places, list(flat.shape), align_corners=False)
    flat = F.grid_sample(flat, grid, padding_mode="border", align_corners=False)
    bright, contrast = (
        torch.from_numpy(part).to(flat.device).reshape(-1, 1, 1, 1)
        for part in (found.brightness, found.contrast)
    )
    middle = flat.mean(dim=(1, 2, 3), keepdim=True)
    return (((flat - middle) * contrast + middle) * bright).clamp_(0, 1).reshape(shape)
