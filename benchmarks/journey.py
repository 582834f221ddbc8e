"""The whole road through the window: train without an alphabet, then draw that alphabet.

    python -m benchmarks.journey --omniglot DIR
    python -m benchmarks.journey --omniglot DIR --quick --json journey.json

DIR holds `images_background.zip` and `strokes_background.zip`. A model is trained from the Train
page on Omniglot without one alphabet. Then real people's pen strokes of that alphabet are replayed
on the canvas of the Draw page as mouse drags, 5-way 1-shot: a support set of five characters, then
queries by other people. The same tasks are answered once more from the matching images of the data
set; the two accuracies belong together, since what differs is the window's pen alone.

Figures are the mean over queries ± 1.96 standard errors over tasks, in percent.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.hand import Hand, opened
from workbench import ink
from workbench.ink import Stroke

WAYS, QUERIES_A_TASK, SIZE = 5, 10, 28
STROKES, IMAGES = "strokes_background", "images_background"
ALPHABETS = ("Balinese", "Early_Aramaic", "Greek", "Korean", "Latin")


@dataclass(frozen=True)
class Example:
    """One character by one person: its pen strokes, and the same as the data set's image."""

    strokes: tuple[Stroke, ...]
    image: NDArray[np.uint8]  # (1, SIZE, SIZE), ink high


@dataclass(frozen=True)
class DrawnTask:
    """One example of each class, and queries with the class each belongs to."""

    support: tuple[Example, ...]
    queries: tuple[tuple[int, Example], ...]


@dataclass(frozen=True)
class Result:
    """The same tasks twice.

    Attributes:
        drawn, images: accuracy of each task, drawn by mouse and from the matching images.
        agreement: share of queries with the same answer both times.
        apart: mean total variation between the two answers' probabilities, 0 to 1.
        picture_apart: mean difference of what the network sees, in grey levels of 255.
        milliseconds: from pen-up to bars, by query.
    """

    drawn: tuple[float, ...]
    images: tuple[float, ...]
    agreement: float
    apart: float
    picture_apart: float
    milliseconds: tuple[float, ...]


class Alphabet:
    """The characters of one alphabet, read from the two archives as they are asked for."""

    def __init__(self, folder: Path, name: str) -> None:
        self._strokes = zipfile.ZipFile(folder / f"{STROKES}.zip")
        self._images = zipfile.ZipFile(folder / f"{IMAGES}.zip")
        prefix = f"{STROKES}/{name}/"
        files = [
            file
            for file in self._strokes.namelist()
            if file.startswith(prefix) and file.endswith(".txt")
        ]
        self.characters: dict[str, list[str]] = {}
        for file in sorted(files):
            self.characters.setdefault(file.split("/")[-2], []).append(file)

    def close(self) -> None:
        self._strokes.close()
        self._images.close()

    def example(self, file: str) -> Example:
        strokes = ink.read_strokes(self._strokes.read(file).decode())
        png = file.replace(STROKES, IMAGES, 1).removesuffix(".txt") + ".png"
        with Image.open(BytesIO(self._images.read(png))) as picture:
            grey = np.asarray(picture.convert("L"))
        image = ink.resize(np.where(grey < 128, 255, 0).astype(np.uint8), SIZE)
        return Example(tuple(strokes), image[None])

    def task(self, random: np.random.Generator, queries: int) -> DrawnTask:
        """Five characters; no drawing is both support and query."""
        names = random.choice(sorted(self.characters), WAYS, replace=False)
        support, asked = [], []
        each = -(-queries // WAYS)
        for number, name in enumerate(names):
            files = random.permutation(self.characters[str(name)])
            support.append(self.example(str(files[0])))
            asked += [(number, self.example(str(file))) for file in files[1 : 1 + each]]
        order = random.permutation(len(asked))[:queries]
        return DrawnTask(tuple(support), tuple(asked[index] for index in order))


def settings(folder: Path, alphabet: str, algorithm: str, steps: int) -> dict[str, Any]:
    """Train without one alphabet, which is the test split."""
    values: dict[str, Any] = {
        "dataset.name": "omniglot",
        "dataset.path": str(folder / f"{IMAGES}.zip"),
        "dataset.test": [alphabet],
        "dataset.validation": ["Bengali", "Hebrew", "Tagalog"],
        "algorithm.name": algorithm,
        "training.steps": steps,
        "validation.every": max(steps // 4, 1),
        "validation.tasks": 100,
        "device": "cpu",
    }
    return values


def replay(hand: Hand, run: str, tasks: Sequence[DrawnTask]) -> Result:
    """Draw every task on the canvas, and answer it from the images too."""
    drawn, pictured, same, apart, seen, milliseconds = [], [], [], [], [], []
    for task in tasks:
        hand.teach([example.strokes for example in task.support])
        answers = []
        for _, example in task.queries:
            answer, seconds = hand.ask(example.strokes)
            answers.append(answer.probabilities[-1])
            milliseconds.append(1000 * seconds)
            seen.append(np.abs(hand.picture(SIZE) - example.image.astype(float)).mean())
        truth = np.array([number for number, _ in task.queries])
        support_x = np.stack([example.image for example in task.support])
        query_x = np.stack([example.image for _, example in task.queries])
        by_hand, by_image = np.stack(answers), hand.adapt(run, support_x, query_x)
        drawn.append(float((by_hand.argmax(axis=1) == truth).mean()))
        pictured.append(float((by_image.argmax(axis=1) == truth).mean()))
        same.append(float((by_hand.argmax(axis=1) == by_image.argmax(axis=1)).mean()))
        apart.append(float(np.abs(by_hand - by_image).sum(axis=1).mean() / 2))
    return Result(
        drawn=tuple(drawn),
        images=tuple(pictured),
        agreement=float(np.mean(same)),
        apart=float(np.mean(apart)),
        picture_apart=float(np.mean(seen)),
        milliseconds=tuple(milliseconds),
    )


def mean_interval(values: Sequence[float]) -> str:
    """Percent, mean ± 95 % interval over tasks."""
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{100 * np.mean(values):.1f} ± {196 * error:.1f} %"


def report(run: str, alphabet: str, queries: int, result: Result) -> None:
    difference = 100 * (np.mean(result.drawn) - np.mean(result.images))
    print(f"{run}, {alphabet} never seen, {WAYS}-way 1-shot, {queries} queries")
    print(f"  drawn with the mouse    {mean_interval(result.drawn)}")
    print(f"  from the matching images {mean_interval(result.images)}")
    print(f"  difference              {difference:+.1f} points")
    print(f"  same answer             {100 * result.agreement:.1f} % of queries")
    print(f"  what the network sees   {result.picture_apart:.2f} of 255 grey levels apart")
    print(f"  pen-up to bars          {np.median(result.milliseconds):.0f} ms median")


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--omniglot", type=Path, required=True, help="folder of the two archives")
    parser.add_argument("--alphabet", default="Greek", choices=ALPHABETS)
    parser.add_argument("--algorithm", default="protonet")
    parser.add_argument("--train-steps", type=int, default=400)
    parser.add_argument("--run", default="", help="an existing run instead of training one")
    parser.add_argument(
        "--store", type=Path, help="store of that run, or where to keep the new one"
    )
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="few steps and queries: does it work?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.quick:
        options.train_steps, options.queries = min(options.train_steps, 20), 50
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        found = journey(options, options.store or Path(scratch))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def journey(options: argparse.Namespace, store: Path) -> dict[str, Any]:
    """Train, draw, compare; the figures for a file."""
    alphabet = Alphabet(options.omniglot, options.alphabet)
    random = np.random.default_rng(options.seed)
    count = -(-options.queries // QUERIES_A_TASK)
    tasks = [alphabet.task(random, QUERIES_A_TASK) for _ in range(count)]
    alphabet.close()
    started = time.perf_counter()
    with opened(store) as hand:
        run = options.run
        if not run:
            values = settings(
                options.omniglot, options.alphabet, options.algorithm, options.train_steps
            )
            run = hand.train(values)
            hand.await_end(run)
        hand.open_draw(run)
        result = replay(hand, run, tasks)
    queries = count * QUERIES_A_TASK
    report(run, options.alphabet, queries, result)
    return {
        "run": run,
        "alphabet": options.alphabet,
        "queries": queries,
        "seconds": time.perf_counter() - started,
        **asdict(result),
    }


if __name__ == "__main__":
    main()
