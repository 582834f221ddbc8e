"""The algorithm in CONTRIBUTING.md is one file that works when it is put in its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# A fresh interpreter, since the registry of this one must not learn of it.
PROGRAM = """
import sys
import numpy as np, torch
import workbench.algorithms
workbench.algorithms.__path__.append(sys.argv[1])
from workbench.interfaces import ALGORITHMS, BACKBONES
from workbench.schema.experiment import NormConfig
from workbench.task import Task, TaskSpec

def make(registry, name, *rest):
    return registry[name](registry.config(name)(), *rest)

backbone = make(BACKBONES, "mlp", (2,))
norm = NormConfig(train="support", eval="support")
method = make(ALGORITHMS, "ridge", backbone, TaskSpec("classification", (2,), 2), norm)
random = np.random.default_rng(0)
state = method.init(random)
noise = torch.Generator().manual_seed(0)
y = torch.arange(20) % 2
x = torch.randn(20, 2, generator=noise) * 0.1 + 2.0 * y[:, None] - 1.0
task = Task(x[:10], y[:10], x[10:], y[10:], 2)
learner = method.adapt(state, task.support, {})
print("right", int((learner.scores(task.query_x).argmax(1) == task.query_y).sum()))
result = method.task_gradient(state, task, {})
print("learns", all(bool(g.abs().sum() > 0) for g in result.gradient.values()))
"""


def example() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.partition("```python\n")[2].partition("```")[0]


def test_the_example_algorithm_solves_two_clouds_and_learns_through_the_solution(
    tmp_path: Path,
) -> None:
    (tmp_path / "ridge.py").write_text(example(), encoding="utf-8")
    outcome = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.splitlines() == ["right 10", "learns True"]


def test_the_example_algorithm_follows_the_style_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "ridge.py"
    file.write_text(example(), encoding="utf-8")
    settings = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["check", "--ignore", "INP001"], ["format", "--check"]):
        outcome = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stdout
