"""What a model is given when a person draws for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.engine.worlds import pictures, session
from workbench.bank import Bank
from workbench.errors import DataError
from workbench.protocol import Adapt
from workbench.services.adaptation import adapt

PROTONET = {
    "algorithm": "protonet",
    "training__n_way": 3,
    "norm__train": "query_batch",
    "norm__eval": "running",
}
RANDOM = np.random.default_rng(0)


def drawn(channels: int = 1) -> Adapt:
    shape = (3, channels, 16, 16)
    support, query = (RANDOM.integers(0, 256, shape, dtype=np.uint8) for _ in range(2))
    return Adapt(0, "run", support, np.arange(3), query)


def test_a_grey_drawing_is_shown_to_a_model_of_colours_as_grey_in_each_of_them() -> None:
    grey = pictures()
    bank = grey.bank
    coloured = Bank(np.repeat(bank.images, 3, axis=1), bank.starts, bank.classes)
    world = session(
        replace(grey, bank=coloured),
        algorithm="protonet",
        training__n_way=3,
        norm__train="query_batch",
        norm__eval="running",
    )
    state, asked = world.initial_state(), drawn()
    by_hand = replace(
        asked,
        support_x=np.repeat(asked.support_x, 3, axis=1),
        query_x=np.repeat(asked.query_x, 3, axis=1),
    )
    answers = [adapt(world, 0, state, command).answers for command in (asked, by_hand)]
    assert np.array_equal(*answers)


def test_coloured_images_for_a_model_of_grey_ones_are_refused_with_both_shapes() -> None:
    world = session(
        algorithm="protonet", training__n_way=3, norm__train="query_batch", norm__eval="running"
    )
    with pytest.raises(DataError) as caught:
        adapt(world, 0, world.initial_state(), drawn(3))
    assert caught.value.message == (
        "The support examples are 3×16×16; this model was trained on 1×16×16."
    )
