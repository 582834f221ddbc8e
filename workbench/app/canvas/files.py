"""A board as a small JSON file, so that a drawing is still there tomorrow."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

import numpy as np

from workbench import ink
from workbench.app.canvas.board import Board, ClassCard
from workbench.app.canvas.sheet import Image, Sheet

VERSION = 1


def save_board(board: Board, file: Path) -> None:
    """Write a board; the file is either the old one or the new one, never half.

    Raises:
        OSError: it cannot be written.
    """
    data = {
        "version": VERSION,
        "pen_width": board.pen_width,
        "query": _written(board.query),
        "classes": [
            {"name": card.name, "shots": [_written(shot) for shot in card.shots]}
            for card in board.classes
        ],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".part")
    half.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
    half.replace(file)


def load_board(file: Path) -> Board | None:
    """The board of a file; None where there is none that can be read."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return _board(data) if data["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError, binascii.Error):
        return None


def _board(data: dict[str, Any]) -> Board:
    classes = tuple(
        ClassCard(str(card["name"]), tuple(_read(shot) for shot in card["shots"]) or (Sheet(),))
        for card in data["classes"]
    )
    width = float(data["pen_width"])
    return Board(classes, _read(data["query"]), width if 0.5 <= width <= 20 else ink.PEN_WIDTH)


def _written(sheet: Sheet) -> dict[str, Any]:
    if sheet.image is not None:
        packed = base64.b64encode(np.ascontiguousarray(sheet.image).tobytes()).decode()
        return {"image": packed, "shape": list(sheet.image.shape)}
    parts = [ink.to_lists(stroke) for stroke in sheet.strokes]
    data: dict[str, Any] = {"strokes": [places for places, _ in parts]}
    if any(widths for _, widths in parts):
        data["widths"] = [widths for _, widths in parts]
    return data


def _read(data: dict[str, Any]) -> Sheet:
    if "image" in data:
        return Sheet(image=_image(data["image"], data["shape"]))
    places = data["strokes"]
    widths = data.get("widths") or [()] * len(places)
    return Sheet(tuple(ink.of_lists(*both) for both in zip(places, widths, strict=True)))


def _image(packed: str, shape: list[int]) -> Image:
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[0] != 3):
        raise ValueError("an image is grey, or of three colours")
    return np.frombuffer(base64.b64decode(packed), np.uint8).reshape(shape).copy()
