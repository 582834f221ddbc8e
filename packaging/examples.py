"""Writes `resources/examples`: the tasks that an empty board of the Draw page offers.

    python packaging/examples.py

Every character is given here by its strokes, drawn for this program and under its licence. Each
example is written by another invented hand: turned, slanted, stretched and a little unsteady, from
a seed, so that the files are always the same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench import ink
from workbench.taskfile import Example, TaskFile, save_task

FOLDER = Path(__file__).parent.parent / "resources" / "examples"
SEED = 7
TASKS: dict[str, tuple[str, dict[str, str]]] = {
    # File: title, and of each class its strokes. "x,y x,y; …" in hundredths of the sheet, y down;
    # a stroke that begins with "|" has corners, any other one is smooth.
    "1-digits": (
        "Digits",
        {
            "two": "28,34 36,20 52,16 66,25 64,42 46,62 28,82 50,80 74,80",
            "three": "30,24 48,15 65,24 62,40 46,47 64,54 70,70 54,84 30,78",
            "four": "| 60,84 60,16 26,62 76,62",
            "five": "| 68,18 36,18 33,46; 33,46 52,42 68,54 67,72 50,84 30,78",
            "seven": "| 28,20 72,20 44,84; | 38,52 66,52",
        },
    ),
    "2-greek": (
        "Greek letters",
        {
            "alpha": "74,28 60,58 42,74 26,64 26,44 42,32 58,46 68,68 78,74",
            "beta": "32,90 33,50 38,22 54,14 66,26 58,42 44,46 64,52 70,68 56,80 36,74",
            "lambda": "28,18 38,20 48,40 60,66 74,82; 50,44 42,60 28,82",
            "pi": "22,34 32,26 54,27 78,24; 40,28 38,54 30,78; 62,28 61,58 66,76 76,74",
            "omega": "32,28 20,48 24,70 38,74 48,60 50,44; 50,44 52,62 64,74 78,68 80,46 68,28",
        },
    ),
    "3-runes": (
        "Runes",
        {
            "fehu": "| 36,14 36,86; | 36,42 68,22; | 36,58 70,36",
            "uruz": "| 32,86 32,16 66,42 66,86",
            "thurisaz": "| 36,14 36,86; | 36,32 66,48 36,64",
            "raido": "| 32,86 32,16 62,32 34,48 68,86",
            "mannaz": "| 26,86 26,16 74,54; | 74,86 74,16 26,54",
        },
    ),
    "4-signs": (
        "Small signs",
        {
            "house": "| 24,84 24,46 50,20 76,46 76,84 24,84; | 44,84 44,62 58,62 58,84",
            "fish": "80,34 60,62 36,66 18,50 36,34 60,38 80,66",
            "tree": "| 50,88 50,52; 50,56 30,54 24,38 36,26 50,14 66,24 76,38 70,54 50,56",
            "boat": "| 20,64 80,64 68,82 32,82 20,64; | 50,64 50,16 74,54 50,54",
            "star": "| 50,14 70,82 16,38 84,38 30,82 50,14",
        },
    ),
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for number, (file, (title, classes)) in enumerate(TASKS.items()):
        random = np.random.default_rng([SEED, number])
        shots = tuple((written(strokes, random),) for strokes in classes.values())
        asked = int(random.integers(len(classes)))
        query = written(list(classes.values())[asked], random)
        task = TaskFile(tuple(classes), shots, ((query, asked),), title)
        save_task(task, FOLDER / f"{file}.fewshot")


def written(strokes: str, random: np.random.Generator) -> Example:
    """One example by a hand of its own."""
    turn, slant = random.normal(0, 0.06), random.normal(0, 0.10)
    wide, high = 0.95 * np.exp(random.normal(0, 0.07, 2))
    change = np.array([[wide, slant], [turn, high]])
    shift = random.normal(0, 0.02, 2)
    made = []
    for stroke in strokes.split(";"):
        corners = stroke.strip().startswith("|")
        numbers = stroke.replace("|", "").split()
        points = np.array([pair.split(",") for pair in numbers], float) / 100
        points += random.normal(0, 0.012, points.shape)
        path = _straight(points) if corners else _smooth(points)
        path = path + _tremor(len(path), random)
        made.append((0.5 + (path - 0.5) @ change.T + shift).clip(0.03, 0.97).astype(np.float32))
    return Example(ink.render(made)[None], tuple(made))


def _straight(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(ink.follow(points.astype(np.float32), 0.04), float)


def _smooth(points: NDArray[np.float64], pieces: int = 6) -> NDArray[np.float64]:
    """A curve through all points: Catmull and Rom's spline."""
    around = np.concatenate((2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]))
    t = np.arange(pieces)[:, None] / pieces
    legs = []
    for a, b, c, d in zip(around, around[1:], around[2:], around[3:], strict=False):
        bend = (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        legs.append(b + 0.5 * ((c - a) * t + bend))
    return np.concatenate((*legs, points[-1:]))


def _tremor(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Two slow swings of an unsteady hand, (count, 2)."""
    along = np.linspace(0, 1, count)[:, None]
    phase, size = random.uniform(0, 2 * np.pi, (2, 2)), random.normal(0, 0.006, (2, 2))
    waves = (size[k] * np.sin(2 * np.pi * (k + 1) * along + phase[k]) for k in range(2))
    return np.asarray(sum(waves))


if __name__ == "__main__":
    main()
