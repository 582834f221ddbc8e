"""A picture file as a network is given it: upright, square, grey or colour, ink high."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from workbench import ink
from workbench.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm")
# Others may start programs to be read.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
# How a camera was held. `ImageOps.exif_transpose` writes its notes anew, and fails on bad ones.
_T = Image.Transpose
TURNS = {2: _T.FLIP_LEFT_RIGHT, 3: _T.ROTATE_180, 4: _T.FLIP_TOP_BOTTOM, 5: _T.TRANSPOSE}
TURNS |= {6: _T.ROTATE_270, 7: _T.TRANSVERSE, 8: _T.ROTATE_90}
# What Pillow raises of damaged pictures, and of such notes.
DAMAGED = (
    *(OSError, SyntaxError, ValueError),
    *(struct.error, TypeError, LookupError, AttributeError),
)
LEAST, MOST = 8, 10_000  # sides that a picture may have, in pixels
_HALF = 127  # paper lighter than this is white paper with dark ink

Fit = Literal["crop", "pad", "stretch"]


def decode(
    data: bytes, name: str, most: int = MOST, hint: str = "", enough: int = 0
) -> Image.Image:
    """The picture in a file, upright.

    Args:
        name: of the file, for what is said.
        most: the longest side allowed, in pixels.
        hint: where it is of a size that is not.
        enough: sides in pixels above which a photograph need not be unpacked; 0 is all of it.

    Raises:
        DataError: it is no picture, is damaged, or is absurdly small or large.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            width, height = picture.size
            if min(width, height) < LEAST or max(width, height) > most:
                raise DataError(
                    "{image} has {width} x {height} pixels; {least} to {most} are expected.",
                    image=name,
                    width=width,
                    height=height,
                    least=LEAST,
                    most=most,
                    hint=hint or "Remove it, or replace it by one of another size.",
                )
            if enough:
                picture.draft(None, (enough, enough))
            turn = TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
            return eight_bits(picture.copy() if turn is None else picture.transpose(turn))
    except Image.DecompressionBombError:  # its header alone says so: nothing was unpacked
        raise DataError(
            "{image} has too many pixels; a side may have {most:,}.",
            image=name,
            most=most,
            hint=hint or "Remove it, or replace it by one of another size.",
        ) from None
    except DAMAGED:
        raise DataError(
            "{image} is not a readable image.",
            image=name,
            hint="Remove it, or replace it by the original.",
        ) from None


def eight_bits(picture: Image.Image) -> Image.Image:
    """Grey levels of 16 bits as those of 8, which Pillow would cut off at 255; others as they
    are."""
    if not picture.mode.startswith("I;16"):
        return picture
    return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))


def pixels(picture: Image.Image, shape: Sequence[int], fit: Fit = "stretch") -> NDArray[np.uint8]:
    """A picture as (C, H, W) of a network's inputs.

    In one channel ink is high: dark ink on light paper is turned round, as the data sets do it.

    Args:
        fit: what becomes of sides that differ: the middle is cut out, the shorter side gets more of
            the picture's edge, or the picture is stretched.
    """
    channels, size = shape[0], shape[-1]
    flat = np.asarray(_flat(picture).convert("L" if channels == 1 else "RGB"))
    image = flat[None] if channels == 1 else np.moveaxis(flat, -1, 0)  # (C, H, W)
    if channels == 1 and np.median(image) > _HALF:
        image = 255 - image
    return ink.resize(np.ascontiguousarray(_square(image, fit)), size)


def together(
    found: Iterable[Image.Image], most: int, fit: Fit = "stretch", colour: bool = False
) -> list[NDArray[np.uint8]]:
    """Pictures of one kind as (1, H, H) each, ink high, or (3, H, H); at most `most` a side.

    Whether they are dark ink on light paper is decided once, by the paper of most of them, so that
    one dark picture among light ones does not become the odd one out. Of pictures that are made one
    by one no two are in memory at their full size.
    """
    shades = (_flat(picture).convert("RGB" if colour else "L") for picture in found)
    flat = [np.asarray(_reduced(picture, most, fit)) for picture in shades]
    planes = [np.moveaxis(one, -1, 0) if colour else one[None] for one in flat]  # (C, H, W)
    light = not colour and 2 * sum(bool(np.median(one) > _HALF) for one in flat) > len(flat)
    squares = [np.ascontiguousarray(_square(255 - x if light else x, fit)) for x in planes]
    return [ink.resize(image, min(most, max(image.shape))) for image in squares]


def _reduced(picture: Image.Image, most: int, fit: Fit) -> Image.Image:
    """Cut down by a whole number, where it then still is twice as large as what becomes of it."""
    side = min(picture.size) if fit == "crop" else max(picture.size)
    return picture.reduce(side // (2 * most)) if side >= 4 * most else picture


def _square(image: NDArray[np.uint8], fit: Fit) -> NDArray[np.uint8]:
    height, width = image.shape[-2:]
    if fit == "stretch" or height == width:
        return image
    if fit == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return image[:, top : top + side, left : left + side]
    side = max(height, width)
    above, before = (side - height) // 2, (side - width) // 2
    around = ((0, 0), (above, side - height - above), (before, side - width - before))
    return np.pad(image, around, mode="edge")


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency: what shows through is paper."""
    if picture.mode not in {"RGBA", "LA", "PA"} and "transparency" not in picture.info:
        return picture
    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture.convert("RGBA"))
