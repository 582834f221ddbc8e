"""The embedding meta-network by hand, and its Meta Dropout: one mask per task, in training alone.

U = [[1, 0], [1, 1]] and V = [[2, 0], [0, 1]]. Class 0 has the features (1, 0) and (3, 2), of mean
(2, 1): c_0 = U (2, 1) = (2, 3). Class 1 has (0, 1): c_1 = (0, 1). A query (1, 2) becomes
V (1, 2) = (2, 2), and scores 2 * 2 + 2 * 3 = 10 and 2.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.algorithms.worlds import World, world
from workbench.functional.embedding import joint_scores
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Own
from workbench.task import Support

PARAMETERS = {
    "embed.U": torch.tensor([[1.0, 0.0], [1.0, 1.0]], dtype=torch.float64),
    "embed.V": torch.tensor([[2.0, 0.0], [0.0, 1.0]], dtype=torch.float64),
}
OWN = torch.tensor([[1.0, 0.0], [3.0, 2.0], [0.0, 1.0]], dtype=torch.float64)
SUPPORT = Support(OWN, torch.tensor([0, 0, 1]), 2)
QUERY = torch.tensor([[1.0, 2.0]], dtype=torch.float64)


def silenced(*features: int) -> dict[str, torch.Tensor]:
    """The mask that silences some of the four features."""
    return {"kept": torch.tensor([feature not in features for feature in range(4)])}


def loss(place: World, noise: dict[str, torch.Tensor]) -> float:
    return float(place.algorithm.task_gradient(place.state(), place.task(0), noise).loss)


def test_a_score_is_the_product_of_the_two_embeddings() -> None:
    compare = world("embedding_metanet").algorithm.compare
    assert compare(PARAMETERS, OWN, SUPPORT, QUERY).tolist() == [[10.0, 2.0]]


def test_a_bias_of_the_class_embedding_would_change_no_answer() -> None:
    """e = (3, -5) would add V (1, 2) . e = 2 * 3 - 2 * 5 = -4 to the score of every class."""
    compare = world("embedding_metanet").algorithm.compare
    scores = compare(PARAMETERS, OWN, SUPPORT, QUERY)
    e = torch.tensor([3.0, -5.0], dtype=torch.float64)
    classes = torch.tensor([[2.0, 3.0], [0.0, 1.0]], dtype=torch.float64) + e
    biased = QUERY @ PARAMETERS["embed.V"].T @ classes.T
    assert (biased - scores).tolist() == [[-4.0, -4.0]]
    torch.testing.assert_close(biased.softmax(-1), scores.softmax(-1), rtol=0, atol=1e-12)


def test_meta_dropout_fires_in_training() -> None:
    place = world("embedding_metanet", meta_dropout=0.5)
    task = place.task(0)
    state = place.state()
    mask = torch.tensor([2.0, 0.0, 2.0, 0.0], dtype=torch.float64)  # kept or not, over 1 - p

    def masked(at, own, support, queries):  # type: ignore[no-untyped-def]
        method = place.algorithm
        return method.compare(at, own * mask, support, queries * mask)

    scores = joint_scores(
        place.algorithm.backbone, masked, state.parameters, task.support, task.query_x, Own()
    )
    expected = float(task_loss(scores, task.query_y))
    assert loss(place, silenced(1, 3)) == pytest.approx(expected, abs=1e-12)
    assert abs(loss(place, silenced(1, 3)) - loss(place, silenced())) > 1e-6


def test_a_silenced_feature_learns_nothing_in_its_task() -> None:
    """One mask for support and queries: were either seen through another, U or V would learn."""
    place = world("embedding_metanet", meta_dropout=0.5)
    found = place.algorithm.task_gradient(place.state(), place.task(0), silenced(2)).gradient
    for name in ("embed.U", "embed.V"):
        assert not found[name][:, 2].any()
        assert found[name][:, [0, 1, 3]].any(0).all()


def test_masks_differ_between_tasks_and_silence_the_set_share() -> None:
    method = world("embedding_metanet", meta_dropout=0.25).algorithm
    random = np.random.default_rng(0)
    masks = torch.stack([method.noise(random, 5)["kept"] for _ in range(2000)])  # (T, D)
    assert len(masks.unique(dim=0)) > 1
    # 8,000 draws: the share's standard deviation is sqrt(0.25 * 0.75 / 8000) = 0.005.
    assert abs(float((~masks).double().mean()) - 0.25) < 0.025


@pytest.mark.parametrize("noise", [{}, silenced(), silenced(0, 1, 2, 3)])
def test_meta_dropout_is_absent_at_test(noise: dict[str, torch.Tensor]) -> None:
    place = world("embedding_metanet", meta_dropout=0.5)
    without = world("embedding_metanet", meta_dropout=0.0)
    task, state = place.task(0), place.state()
    answer = place.algorithm.adapt(state, task.support, noise).scores(task.query_x)
    expected = without.algorithm.adapt(state, task.support, {}).scores(task.query_x)
    assert torch.equal(answer, expected)
