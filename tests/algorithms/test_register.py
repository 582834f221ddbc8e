"""A memory is worth asking from the beginning, and the label of an example seen once is learned."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from workbench.engine.session import Session
from workbench.engine.train import Stepped, Trainer
from workbench.functional.recurrent import gated
from workbench.functional.register import Units, asked_and_written, first_controller
from workbench.services.experiment import resolve
from workbench.services.runs import from_cache, silent


def test_the_units_hand_on_the_example_the_one_before_and_the_late_label() -> None:
    """Two examples with no label and label 1: after the second, the units of `before` are like
    those that the first one has set, and the units of `label` say 1 as they say it anywhere."""
    random, hidden = np.random.default_rng(0), 32
    weights = first_controller(random, 6, 3, hidden, reads=4)
    units = Units.of(hidden)
    x = torch.randn(2, 6, generator=torch.Generator().manual_seed(0))
    words = torch.cat([x, torch.tensor([[0.0, 0, 0], [0, 1, 0]])], 1)
    state = cell = torch.zeros(hidden)
    seen = []
    for heard in words:
        before = torch.cat([state, torch.randn(4, generator=torch.Generator().manual_seed(1))])
        gates = weights["controller.input"] @ heard + weights["controller.state"] @ before
        state, cell = gated(gates + weights["controller.bias"], cell)
        seen.append(state)
    first, second = seen
    cosine = torch.nn.functional.cosine_similarity
    assert cosine(second[units.before], first[units.now], dim=0) > 0.95
    assert abs(cosine(second[units.now], first[units.now], dim=0)) < 0.9
    assert first[units.label].abs().max() < 1e-6
    assert second[units.label].abs().min() > 1e-3


def test_what_is_written_of_an_example_is_what_asks_for_it() -> None:
    asked, written = asked_and_written(np.random.default_rng(0), width=5, hidden=16)
    units = Units.of(16)
    assert torch.equal(asked[:, units.now], written[:, units.before])
    assert not torch.equal(asked[:, units.before], written[:, units.before])


@pytest.mark.parametrize("hidden", [1, 3, 7, 8])
def test_a_controller_of_any_size_has_a_beginning(hidden: int) -> None:
    weights = first_controller(np.random.default_rng(0), 4, 2, hidden, reads=3)
    assert weights["controller.input"].shape == (4 * hidden, 6)
    assert asked_and_written(np.random.default_rng(0), 2, hidden)[0].shape == (2, hidden)


@pytest.mark.parametrize("method", ["mann", "ntm"])
def test_a_label_that_came_late_is_remembered_after_a_few_hundred_sequences(method: str) -> None:
    """Of five classes that are easily told apart. Without a memory the second presentation is
    named right in 31 % of the cases: labels that were there before are less likely to be next."""
    values = {
        "dataset": "blobs",
        "dataset.spread": 1,
        "dataset.deviation": 0.1,
        "algorithm": method,
        "algorithm.hidden": 64,
        "algorithm.slots": 40,
        "algorithm.width": 24,
        "training.meta_batch": 8,
        "training.queries": 4,
        "training.optimizer.lr": 3e-3,
        "training.steps": 60,
        "validation.every": 60,
        "validation.tasks": 2,
        "device": "cpu",
        "training.threads": 1,
    }
    config = resolve(values)
    trainer = Trainer(Session(config, from_cache(config, silent)))
    rows = [event.row for event in trainer.events() if isinstance(event, Stepped)][-10:]
    first, second = (np.mean([row[f"presentation_{number}"] for row in rows]) for number in (1, 2))
    assert first < 0.5  # or a label was given away
    assert second > 0.6
