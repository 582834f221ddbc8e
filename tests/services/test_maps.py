"""Maps of images: principal components by hand, and t-SNE that keeps kinds together."""

import numpy as np
import pytest

from workbench.bank import Bank, ClassInfo
from workbench.errors import Cancelled, DataError
from workbench.services import maps


def silent(done, total, text):
    pass


def test_two_directions_are_found_by_hand():
    """x varies by 3 along (1, 1)/√2 and by 1 along (1, -1)/√2; the components are those."""
    along, across = np.array([3, -3, 1, -1.0]), np.array([0.5, 0.5, -0.5, -0.5])
    root = np.sqrt(0.5)
    x = np.stack([root * (along + across), root * (along - across)], 1).astype(np.float32) + 7
    found = maps.pca(x, silent)
    np.testing.assert_allclose(np.abs(found), np.abs(np.stack([along, across], 1)), atol=1e-5)
    np.testing.assert_allclose(found @ found.T, (x - 7) @ (x - 7).T, atol=1e-4)


def kinds(count=40):
    """Three kinds of points, far apart in 20 dimensions."""
    random = np.random.default_rng(0)
    centres = random.normal(0, 10, (3, 20))
    return (np.repeat(centres, count, 0) + random.normal(0, 1, (3 * count, 20))).astype(np.float32)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_kinds_stay_together(method):
    if method == "tsne":
        pytest.importorskip("sklearn")
    places = maps.METHODS[method](kinds(), silent)
    assert places.shape == (120, 2)
    nearest = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(nearest, np.inf)
    assert (nearest.argmin(1) // 40 == np.arange(120) // 40).mean() > 0.95


def test_the_same_images_lie_at_the_same_places():
    pytest.importorskip("sklearn")
    first, second = (maps.tsne(kinds(10), silent) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_layout_can_be_given_up_between_its_stages():
    pytest.importorskip("sklearn")
    told = []

    def give_up(done, total, text):
        told.append((done, total))
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        maps.tsne(kinds(10), give_up)
    assert told == [(0, 4), (0, 4), (1, 4)]


def test_without_scikit_learn_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.manifold", None)
    with pytest.raises(DataError, match="t-SNE needs scikit-learn") as caught:
        maps.tsne(kinds(10), silent)
    assert "pip install scikit-learn" in caught.value.hint


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_images_have_places_too(count):
    for method in maps.METHODS.values():
        assert np.isfinite(method(kinds(10)[:count], silent)).all()


def test_many_images_are_chosen_evenly_from_the_classes_asked_for():
    images = np.zeros((3000, 1, 2, 2), np.uint8)
    bank = Bank.of([(ClassInfo("a", ""), images), (ClassInfo("b", ""), images)])
    assert maps.some_images(bank, [1])[[0, -1]].tolist() == [3000, 5999]
    numbers = maps.some_images(bank, [0, 1])
    assert len(numbers) == maps.MOST
    assert (numbers < 3000).sum() == maps.MOST / 2


def test_features_are_means_over_cells():
    image = np.zeros((1, 2, 32, 32), np.uint8)
    image[0, 1, :2, :1] = 255  # half of one cell of 2 × 2
    found = maps.features(Bank.of([(ClassInfo("a", ""), image)]), np.array([0]))
    assert found.shape == (1, 512)
    assert found[0, 256] == 0.5
    assert np.count_nonzero(found) == 1
