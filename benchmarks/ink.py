"""How true the window's pen is to Omniglot's, in pixels and in answers.

    python -m benchmarks.ink --omniglot DIR
    python -m benchmarks.ink --omniglot DIR --run 7 --store STORE
    python -m benchmarks.ink --omniglot DIR --quick --json ink.json

DIR holds `images_background.zip` and `strokes_background.zip`. Three measurements:

- overlap: every drawing of the stroke archive through `workbench.ink` beside the image of the same
  alphabet, character and drawer: intersection over union of the ink, for several pens;
- answers: one model, trained without the five alphabets that have strokes, is taught and asked the
  same 5-way 1-shot tasks again and again: with the images, with the strokes as the pen draws them,
  and as a tablet's pen draws them that feels pressure (the hands are real, their pressure is not:
  each stroke begins and ends lightly and is pressed differently between);
- wait: from pen-up to bars in the window, drawn by mouse events.

Accuracies are means over tasks ± 1.96 standard errors, in percent; the gap is of the same tasks.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.journey import (
    ALPHABETS,
    IMAGES,
    SIZE,
    STROKES,
    WAYS,
    Alphabet,
    DrawnTask,
    Example,
    mean_interval,
    settings,
)
from workbench import ink
from workbench.app.canvas.movement import HARDEST, LIGHTEST
from workbench.ink import Stroke

WIDTHS = (4.0, 4.5, ink.PEN_WIDTH, 5.5, 6.0)
QUERIES = 15  # of a task
GOAL = 1.0  # points that the pen may cost

Pair = tuple[list[Stroke], NDArray[np.bool_]]


@dataclass(frozen=True)
class Answers:
    """Accuracy of each task, by what was taught and what was asked."""

    images: list[float] = field(default_factory=list)
    pen: list[float] = field(default_factory=list)
    pen_then_images: list[float] = field(default_factory=list)  # taught by pen, asked images
    pressed: list[float] = field(default_factory=list)  # taught and asked by a pen with pressure


def pairs(folder: Path, every: int) -> Iterator[Pair]:
    """Strokes and the ink of the matching image, (105, 105), of every so many drawings."""
    with (
        zipfile.ZipFile(folder / f"{STROKES}.zip") as strokes,
        zipfile.ZipFile(folder / f"{IMAGES}.zip") as images,
    ):
        for name in sorted(n for n in strokes.namelist() if n.endswith(".txt"))[::every]:
            twin = name.replace(STROKES, IMAGES, 1).removesuffix(".txt") + ".png"
            with Image.open(BytesIO(images.read(twin))) as picture:
                inked = np.asarray(picture.convert("L")) < 128
            yield ink.read_strokes(strokes.read(name).decode()), inked


def overlap(strokes: Sequence[Stroke], inked: NDArray[np.bool_], width: float) -> float:
    """Intersection over union of a drawing and its image."""
    ours = ink.render(strokes, pen_width=width) > 0
    return float((ours & inked).sum() / (ours | inked).sum())


def by_pen(example: Example) -> NDArray[np.uint8]:
    """(1, SIZE, SIZE), as the window gives a drawing to a model."""
    return ink.resize(ink.render(example.strokes), SIZE)[None]


def by_pressed_pen(example: Example, random: np.random.Generator) -> NDArray[np.uint8]:
    """The same by a tablet's pen that draws the wider the firmer it is pressed."""
    strokes = []
    for stroke in example.strokes:
        along = np.linspace(0, np.pi, len(stroke))
        firm = random.uniform(0.3, 1.0) * np.sqrt(np.sin(along).clip(0)) if len(stroke) > 2 else 0.5
        width = LIGHTEST + (HARDEST - LIGHTEST) * np.broadcast_to(firm, len(stroke))
        strokes.append(np.column_stack((stroke, width)).astype(np.float32))
    return ink.resize(ink.render(strokes), SIZE)[None]


def tasks(folder: Path, count: int, seed: int) -> list[DrawnTask]:
    """From each alphabet that has strokes the same number."""
    found = []
    for number, name in enumerate(ALPHABETS):
        alphabet = Alphabet(folder, name)
        random = np.random.default_rng([seed, number])
        found += [alphabet.task(random, QUERIES) for _ in range(-(-count // len(ALPHABETS)))]
        alphabet.close()
    return found


def trained(options: argparse.Namespace, store: Path) -> str:
    """A run that has never seen the alphabets with strokes."""
    from workbench.api import train

    values = settings(options.omniglot, "", options.algorithm, options.train_steps)
    values["dataset.test"] = list(ALPHABETS)
    return train(config=values, store=store).id


def answered(store: Path, run: str, drawn: Sequence[DrawnTask]) -> Answers:
    """The same tasks from the images and by pen."""
    from workbench.protocol import Adapt
    from workbench.services.adaptation import adapt
    from workbench.services.runs import open_run
    from workbench.store import Store

    opened = open_run(Store(store), run)
    checkpoint, answers = opened.checkpoint, Answers()
    random = np.random.default_rng(0)
    y = np.arange(WAYS)
    for task in drawn:
        truth = np.array([number for number, _ in task.queries])
        queries = [example for _, example in task.queries]
        images = [np.stack([one.image for one in many]) for many in (task.support, queries)]
        pen = [np.stack([by_pen(one) for one in many]) for many in (task.support, queries)]
        hard = [
            np.stack([by_pressed_pen(one, random) for one in many])
            for many in (task.support, queries)
        ]
        for place, x, asked in (
            (answers.images, images[0], images[1]),
            (answers.pen, pen[0], pen[1]),
            (answers.pen_then_images, pen[0], images[1]),
            (answers.pressed, hard[0], hard[1]),
        ):
            command = Adapt(0, run, x, y, asked)
            said = adapt(opened.session, checkpoint.step, checkpoint.state, command).answers[-1]
            place.append(float((said.argmax(axis=1) == truth).mean()))
    return answers


def waits(store: Path, run: str, drawn: Sequence[DrawnTask]) -> list[float]:
    """Milliseconds from pen-up to bars of every query of some tasks."""
    from benchmarks.hand import opened

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found = []
    with opened(store) as hand:
        hand.wait("the engine is ready", lambda: hand.workbench.link.state == "ready")
        hand.open_draw(run)
        hand.teach([example.strokes for example in drawn[0].support])
        hand.ask(drawn[0].queries[0][1].strokes)  # loads what later questions find loaded
        for task in drawn:
            hand.teach([example.strokes for example in task.support])
            found += [1000 * hand.ask(example.strokes)[1] for _, example in task.queries]
    return found


def gap(answers: Answers, other: Sequence[float]) -> str:
    """Points by which the images are answered better, and whether that is within the goal."""
    lost = 100 * (np.array(answers.images) - np.array(other))
    error = 1.96 * lost.std(ddof=1) / np.sqrt(len(lost)) if len(lost) > 1 else np.nan
    return f"{lost.mean():+.2f} ± {error:.2f} points (goal: at most {GOAL:g})"


def measure(options: argparse.Namespace, store: Path) -> dict[str, Any]:
    """Everything, printed as it comes; the figures for a file."""
    known = list(pairs(options.omniglot, options.every))
    overlaps = {width: [overlap(*pair, width) for pair in known] for width in WIDTHS}
    print(f"overlap of {len(known):,} drawings with their images, mean (5th percentile)")
    for width, found in overlaps.items():
        ours = "  the window's pen" if width == ink.PEN_WIDTH else ""
        low = np.percentile(found, 5)
        print(f"  pen of {width:3.1f} pixels       {np.mean(found):.3f} ({low:.3f}){ours}")
    drawn = tasks(options.omniglot, options.tasks, options.seed)
    run = options.run or trained(options, store)
    answers = answered(store, run, drawn)
    print(f"{run}: {len(drawn)} tasks of {WAYS} classes, 1 shot, {QUERIES} queries")
    print(f"  images                      {mean_interval(answers.images)}")
    print(f"  strokes by pen              {mean_interval(answers.pen)}")
    print(f"    gap                       {gap(answers, answers.pen)}")
    print(f"  taught by pen, asked images {mean_interval(answers.pen_then_images)}")
    print(f"    gap                       {gap(answers, answers.pen_then_images)}")
    print(f"  strokes with pressure       {mean_interval(answers.pressed)}")
    print(f"    gap                       {gap(answers, answers.pressed)}")
    wait = waits(store, run, drawn[: options.drawn]) if options.drawn else []
    if wait:
        middle, slow = np.percentile(wait, [50, 95])
        print(f"  pen-up to bars              {middle:.0f} ms median, 95 % below {slow:.0f} ms")
    means = {f"{width:g}": float(np.mean(found)) for width, found in overlaps.items()}
    return {"run": run, "overlap": means, "wait_ms": wait, **asdict(answers)}


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--omniglot", type=Path, required=True, help="folder of the two archives")
    parser.add_argument("--algorithm", default="protonet")
    parser.add_argument("--train-steps", type=int, default=150)
    parser.add_argument("--run", default="", help="an existing run instead of training one")
    parser.add_argument(
        "--store", type=Path, help="store of that run, or where to keep the new one"
    )
    parser.add_argument("--tasks", type=int, default=400)
    parser.add_argument("--drawn", type=int, default=4, help="tasks to draw in the window as well")
    parser.add_argument("--every", type=int, default=1, help="only one drawing in so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="few of everything: does it work?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.quick:
        options.train_steps, options.tasks, options.drawn, options.every = 20, 20, 1, 20
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(options, options.store or Path(scratch))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
