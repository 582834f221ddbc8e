"""The six ways to choose training tasks, side by side.

    python -m benchmarks.regimes --pictures docs/images
    python -m benchmarks.regimes --omniglot images_background.zip --problems omniglot

On sinusoids, 2-D (amplitude and phase) and 3-D (and frequency), MAML trains with each regime, a
table of bins deciding which functions come next; every function of a fixed test grid is then
answered from 10 points. Shown are the mean of the squared error over the grid, that of its worst
tenth, and, as a picture for each regime, where on the grid it is. On Omniglot the bins are classes,
the method prototypical networks, and the figure the accuracy on 5-way 1-shot test tasks.

A figure is the mean over seeds with its 95 % interval by Student's t; a difference to uniform is
taken seed by seed.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import interval
from benchmarks.pools import fresh_processes

REGIMES = (
    "uniform",
    "epsilon_greedy",
    "weighted",
    "delta",
    "importance_weighted",
    "importance_delta",
)
SINUSOID: dict[str, Any] = {
    "dataset": "sinusoid",
    "algorithm": "maml",
    "dataset.test_on_grid": True,
    "training.meta_batch": 25,
    "training.optimizer.lr": 1e-3,
    "device": "cpu",
}
OMNIGLOT: dict[str, Any] = {
    "dataset": "omniglot",
    "algorithm": "protonet",
    "training.meta_batch": 4,  # importance weighs the tasks of a step against each other
    "device": "cpu",
}
PROBLEMS: dict[str, tuple[dict[str, Any], int]] = {
    # settings, test tasks
    "2-D sinusoids": (SINUSOID, 450),
    "3-D sinusoids": (SINUSOID | {"dataset.vary_frequency": True}, 3600),
    "omniglot": (OMNIGLOT, 600),
}
STEPS = {"2-D sinusoids": 2000, "3-D sinusoids": 2000, "omniglot": 75}
PANEL, BAR = 280, 90  # px, of one regime in a picture and of its scale


@dataclass(frozen=True)
class Outcome:
    """One seed of one regime on one problem: the figure of each test task, in grid order."""

    problem: str
    regime: str
    seed: int
    per_task: tuple[float, ...]


def measure(problem: str, regime: str, seed: int, steps: int, omniglot: str) -> Outcome:
    """Train and score, in a process of its own."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.engine.evaluate import evaluate
    from workbench.engine.session import Session
    from workbench.engine.train import Trainer
    from workbench.services.experiment import resolve
    from workbench.services.runs import from_cache, silent

    settings, tasks = PROBLEMS[problem]
    own = {"sampler": regime, "training.seed": seed, "training.threads": 1}
    own |= {"training.steps": steps, "validation.every": steps, "validation.tasks": 25}
    own |= {"dataset.path": omniglot} if settings is OMNIGLOT else {}
    config = resolve(settings | own)
    session = Session(config, from_cache(config, silent))
    trainer = Trainer(session)
    for _ in trainer.events():
        pass
    running = evaluate(session, trainer.published[1], "test", tasks, points=2)
    found = scores(running)
    if settings is not OMNIGLOT:
        found = found[grid_order(session)]
    print(f"{problem}, {regime}, seed {seed}: {found.mean():.4f}", flush=True)
    return Outcome(problem, regime, seed, tuple(found.tolist()))


def scores(running: Generator[int, None, Any]) -> NDArray[np.float64]:
    """Of each task, when an evaluation is through."""
    while True:
        try:
            next(running)
        except StopIteration as stop:
            return np.array(stop.value.inductive.per_task)


def grid_order(session: Any) -> NDArray[np.intp]:
    """Which test task is which function of the grid, the last parameter changing first."""
    from workbench.engine.episodes import grid_functions

    drawn = grid_functions(session.data, "test", 0, len(session.data.test_grid))
    assert drawn is not None
    return np.lexsort(drawn.tasks.T[::-1])


def figures(found: Sequence[Outcome], problem: str) -> dict[str, NDArray[np.float64]]:
    """(seeds, test tasks) of each regime."""
    return {
        regime: np.array(
            [one.per_task for one in found if (one.problem, one.regime) == (problem, regime)]
        )
        for regime in REGIMES
    }


def mean_and_half(values: NDArray[np.float64]) -> str:
    """Over seeds."""
    mean, half = interval(values)
    return f"{mean:.3f} ± {half:.3f}"


def table(found: Sequence[Outcome], problem: str) -> str:
    """As Markdown; each difference to uniform beside its figure."""
    what = "accuracy, %" if problem == "omniglot" else "squared error"
    heads = (problem, what, "less uniform", "its worst tenth", "less uniform")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    plain: dict[str, NDArray[np.float64]] = {}  # of uniform, the first
    for regime, values in figures(found, problem).items():
        # Lower errors and higher accuracies are better: the worst lie at the other end.
        ordered = -np.sort(-values, axis=1) if problem != "omniglot" else 100 * np.sort(values)
        worst = ordered[:, : max(values.shape[1] // 10, 1)]
        cells = []
        for name, each in (("all", ordered.mean(1)), ("worst", worst.mean(1))):
            less = each - plain.setdefault(name, each)
            cells += [mean_and_half(each), "" if regime == "uniform" else mean_and_half(less)]
        lines.append(f"| {regime} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(found: Sequence[Outcome], problem: str, path: Path) -> None:
    """The error over amplitude and phase, a panel for each regime, one scale of colours."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", "2")
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    from workbench.datasets.sinusoid import GRID

    application = QApplication.instance() or QApplication([])
    count = 3 if "3-D" in problem else 2
    maps = {
        regime: values.mean(0).reshape(GRID[:count]).reshape(*GRID[:2], -1).mean(2)
        for regime, values in figures(found, problem).items()
    }
    highest = float(np.quantile(np.stack(list(maps.values())), 0.98))
    pg.setConfigOption("foreground", "#444")
    view = pg.GraphicsLayoutWidget()
    view.setBackground("w")
    view.resize(3 * PANEL + BAR + 60, 2 * PANEL)
    colours = pg.colormap.get("viridis")
    for number, (regime, error) in enumerate(maps.items()):
        plot = view.addPlot(*divmod(number, 3), title=f"{regime}, mean {error.mean():.2f}")
        picture = pg.ImageItem(error.T, axisOrder="row-major", levels=(0, highest))
        picture.setColorMap(colours)
        picture.setRect(0.1, 0, 4.9, np.pi)
        plot.addItem(picture)
        plot.hideButtons()
        plot.setLabels(bottom="amplitude", left="phase, radians")
    bar = pg.ColorBarItem((0, highest), colorMap=colours, label="squared error", interactive=False)
    view.addItem(bar, 0, 3, 2, 1)
    for column, width in enumerate((PANEL, PANEL, PANEL, BAR)):
        view.ci.layout.setColumnFixedWidth(column, width)
    view.show()
    application.processEvents()
    view.grab().save(str(path))
    view.close()


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    sinusoids = [problem for problem in PROBLEMS if problem != "omniglot"]
    parser.add_argument("--problems", nargs="+", choices=list(PROBLEMS), default=sinusoids)
    parser.add_argument("--omniglot", default="", help="images_background.zip or its folder")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, help="outer steps, in place of each problem's own")
    parser.add_argument("--jobs", type=int, default=2, help="seeds at a time, a core each")
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of each problem")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    with fresh_processes(given.jobs) as pool:
        jobs = [
            pool.submit(
                measure, problem, regime, seed, given.steps or STEPS[problem], given.omniglot
            )
            for problem in given.problems
            for seed in range(given.seeds)
            for regime in REGIMES
        ]
        found = [job.result() for job in jobs]
    for problem in given.problems:
        print(table(found, problem), end="\n\n")
        if given.pictures and problem != "omniglot":
            name = problem.partition(" ")[0].lower()
            draw(found, problem, given.pictures / f"regimes-{name}.png")
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found]))


if __name__ == "__main__":
    main()
