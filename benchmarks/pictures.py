"""The README's pictures of the window, taken anew.

    python -m benchmarks.pictures docs/images

A prototypical network and then MAML train on invented alphabets; the Train page is taken after a
quarter of MAML's run, the Draw page when five Greek letters have been taught and a sixth drawing
asked, both runs answering. A minute or two.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

SIZE = (1440, 900)
STEPS = 400
COMMON: dict[str, Any] = {"dataset.name": "glyphs", "device": "cpu", "validation.every": 10}


def main() -> None:
    """Train, draw and take both pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="of training.png and draw.png")
    folder = parser.parse_args().folder
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

    from benchmarks.hand import opened
    from workbench.schema.resources import resource
    from workbench.taskfile import load_task

    greek = load_task(resource("examples/2-greek.fewshot"))
    support = [own[0].strokes for own in greek.shots]
    with tempfile.TemporaryDirectory() as store, opened(Path(store)) as hand:
        window = hand.workbench.window
        window.resize(*SIZE)
        quick = COMMON | {"algorithm.name": "protonet", "training.steps": 60}
        hand.await_end(hand.train(quick))
        run = hand.train(COMMON | {"training.steps": STEPS, "validation.tasks": 16})
        reader = hand.workbench.store.open(run)
        hand.wait("a quarter is trained", lambda: len(reader.metrics("train")) >= STEPS // 4)
        hand.rest(1)
        window.grab().save(str(folder / "training.png"))
        hand.open_draw(run)
        menu = hand.page.others.button.menu_of_runs
        hand.wait("another run can be compared", lambda: bool(menu().actions()))
        menu().actions()[0].trigger()
        hand.teach(support)
        hand.ask(greek.queries[0][0].strokes, pace=0.002)
        hand.rest(2)  # the others are asked when the hand rests
        window.grab().save(str(folder / "draw.png"))


if __name__ == "__main__":
    main()
