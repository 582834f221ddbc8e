"""Disturbed images: what is asked for, by hand; nothing where nothing is asked for."""

import numpy as np
import pytest
import torch

from tests.engine import worlds
from workbench.engine.augment import Disturbances, disturbances, disturbed
from workbench.engine.episodes import split_indices
from workbench.services.draws import Draws
from workbench.services.experiment import to_flat
from workbench.worker.data import _as_seen

PLAIN = {"support": "none", "query": "none", "degrees": 15, "move": 0.1, "zoom": 0.1, "light": 0.2}


def image():
    """(1, 1, 2, 4, 4): two colours, no symmetry, darkest 0 and lightest 1."""
    return (torch.arange(32.0) / 31).reshape(1, 1, 2, 4, 4)


def by(places, brightness=1.0, contrast=1.0):
    single = np.array([[places]], np.float32)
    factors = (np.full((1, 1), factor, np.float32) for factor in (brightness, contrast))
    return disturbed(image(), Disturbances(single, *factors))[0, 0]


def test_to_leave_an_image_alone_changes_no_bit():
    assert torch.equal(by([[1, 0, 0], [0, 1, 0]]), image()[0, 0])


def test_a_mirror_a_quarter_turn_and_a_move_by_hand():
    """A pixel is taken from the place that the matrix sends it to; y points down."""
    own = image()[0, 0]
    torch.testing.assert_close(by([[-1, 0, 0], [0, 1, 0]]), own.flip(-1))
    turned = by([[0, 1, 0], [-1, 0, 0]])
    torch.testing.assert_close(turned, torch.rot90(own, -1, (-2, -1)))
    moved = by([[1, 0, 0.5], [0, 1, 0]])  # half of the half width: one pixel of four
    torch.testing.assert_close(moved[..., :3], own[..., 1:])
    torch.testing.assert_close(moved[..., 3], own[..., 3])


def test_light_by_hand():
    """Contrast 0 leaves the mean, 15.5 / 31; brightness scales, and no more than white comes."""
    torch.testing.assert_close(by([[1, 0, 0], [0, 1, 0]], 1, 0), torch.full((2, 4, 4), 0.5))
    torch.testing.assert_close(by([[1, 0, 0], [0, 1, 0]], 3), (3 * image()[0, 0]).clamp(max=1))


@pytest.mark.parametrize("half", ["support", "query"])
def test_nothing_is_drawn_where_nothing_is_asked_for(half):
    random = np.random.default_rng(0)
    assert disturbances(PLAIN, half, random, 3, 4) is None
    assert random.random() == np.random.default_rng(0).random()


def test_every_image_has_its_own_within_the_bounds():
    settings = {**PLAIN, "query": "mirror_affine_light"}
    found = disturbances(settings, "query", np.random.default_rng(0), 20, 50)
    turned = found.places[..., :2].reshape(-1, 2, 2)
    size = np.sqrt(np.abs(np.linalg.det(turned)))  # 1 / zoom
    assert 1 / 1.1 <= size.min() < 0.92 < 1.09 < size.max() <= 1 / 0.9
    mirrored = np.linalg.det(turned) < 0
    assert 0.4 < mirrored.mean() < 0.6
    angles = np.rad2deg(np.arcsin(turned[:, 1, 0] / size))
    assert 14 < np.abs(angles).max() <= 15.001
    assert 0.19 < np.abs(found.places[..., 2]).max() <= 0.2, "0.1 of a side that is 2 long"
    for factor in (found.brightness, found.contrast):
        assert 0.8 <= factor.min() < 0.81 < 1.19 < factor.max() <= 1.2
    assert len(np.unique(turned[:, 0, 0])) > 990, "float32 may round two to the same"


def test_each_half_of_training_is_disturbed_apart_and_others_never():
    plain, own = worlds.session(), worlds.session(augment__query="affine")
    for split in ("validation", "test"):
        assert torch.equal(plain.tasks(split, 0, 3).query_x, own.tasks(split, 0, 3).query_x)
    before, after = plain.tasks("train", 1, 3), own.tasks("train", 1, 3)
    assert torch.equal(before.support_x, after.support_x)
    assert torch.equal(before.query_y, after.query_y)
    assert not torch.equal(before.query_x, after.query_x)
    assert torch.equal(
        after.query_x, worlds.session(augment__query="affine").tasks("train", 1, 3).query_x
    )
    assert not torch.equal(after.query_x, own.tasks("train", 2, 3).query_x)


def test_a_preview_is_disturbed_as_the_task_that_is_trained_on():
    session = worlds.session(augment__support="mirror_affine_light", augment__query="light")
    draws = Draws(to_flat(session.config), worlds.pictures(), "train")
    for index in (0, 4):
        step, place = divmod(index, 3)
        task, shown = session.tasks("train", step, 3)[place], draws.image_task(index)
        halves = split_indices(shown.images[None], shown.shape)
        for x, numbers, found in zip(
            (task.support_x, task.query_x), halves, (shown.support, shown.query), strict=True
        ):
            seen = _as_seen(worlds.pictures().bank.images[numbers[0]], found)
            np.testing.assert_array_equal(seen, (x * 255).round().to(torch.uint8).numpy())
    test = Draws(to_flat(session.config), worlds.pictures(), "test").image_task(0)
    assert (test.support, test.query) == (None, None)
