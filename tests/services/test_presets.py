"""Every preset takes its first steps as it is, on invented characters in place of the real ones."""

from __future__ import annotations

import math
from functools import cache
from itertools import islice

import numpy as np
import pytest

from workbench.bank import Bank, ClassInfo
from workbench.engine.session import Data, Session, load_data
from workbench.engine.train import Stepped, Trainer
from workbench.services.experiment import catalogue, resolve
from workbench.sources import ImageData

STEPS = 2
# Sixteen sequences of 50 images to a step: seconds each.
SLOW = ("mann-brief", "mann-paper", "ntm-brief", "ntm-paper")
AFTER_PAPERS = ("-paper", "-sinusoid")
NAMES = [preset.name for preset in catalogue().presets()]
# The longer budget is the brief one with more of the same steps.
TRIED = [name for name in NAMES if not name.endswith("-cpu")]


@cache
def characters(size: int) -> ImageData:
    """As much of Omniglot as a first step can tell: 70 classes of 20 images."""
    random = np.random.default_rng(0)
    classes = [
        (
            ClassInfo(f"class {number}", f"alphabet {number // 10}"),
            random.integers(0, 256, (20, 1, size, size), np.uint8),
        )
        for number in range(110)
    ]
    splits = {"train": tuple(range(70)), "validation": tuple(range(70, 90))}
    return ImageData(Bank.of(classes), {**splits, "test": tuple(range(90, 110))}, True, folder="")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in TRIED],
)
def test_a_preset_takes_its_first_steps(name: str, tmp_path) -> None:
    config = resolve({"preset": name, "device": "cpu"})
    data: Data
    if config.dataset.name == "omniglot":
        data = characters(config.dataset.image_size)
    else:
        data = load_data(config, tmp_path, lambda *_: None)
    events = Trainer(Session(config, data)).events()
    steps = islice((one for one in events if isinstance(one, Stepped)), STEPS)
    rows = [event.row for event in steps]
    assert [row["step"] for row in rows] == list(range(1, STEPS + 1))
    assert all(math.isfinite(row["loss"]) for row in rows)


def test_what_is_after_a_paper_takes_nothing_from_our_recommendations() -> None:
    """They are ours, and change when ours do better otherwise."""
    known = catalogue()
    for preset in known.presets():
        if not preset.name.endswith(AFTER_PAPERS):
            continue
        said = known.expand({"preset": preset.name})
        method = known.option("algorithm", said["algorithm.name"])
        assert method is not None
        assert method.recommended.keys() <= said.keys(), preset.name


def test_the_longer_budget_is_the_brief_one_with_more_steps() -> None:
    """So that trying the one tries the other."""
    known = catalogue()
    for method in known.options("algorithm"):
        brief, long = (
            known.complete({"preset": f"{method.name}-{budget}"}) for budget in ("brief", "cpu")
        )
        differ = {key for key in brief if brief[key] != long[key]}
        assert differ == {"training.steps", "validation.every"}, method.name
