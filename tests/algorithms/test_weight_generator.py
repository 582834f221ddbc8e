"""The weight generator by hand, in float64.

With G1 = [[1, -1]], g1 = 1, G2 = [[2], [0], [3]] and g2 = (0, 1, -1), a class r = (0.5, 0.25) has
the hidden unit 0.5 - 0.25 + 1 = 1.25, hence w = (2.5, 1) and b = 3.75 - 1 = 2.75. A class
r = (-2, 1) has relu(-2) = 0, hence w = (0, 1) and b = -1.
"""

from __future__ import annotations

import torch

from tests.algorithms.worlds import world
from workbench.algorithms.weight_generator import generated
from workbench.task import Support


def matrix(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


PARAMETERS = {
    "represent.weight": matrix([1, 0], [0, 1]),
    "represent.bias": vector(0, 0),
    "generator0.weight": matrix([1, -1]),
    "generator0.bias": vector(1),
    "generator1.weight": matrix([2], [0], [3]),
    "generator1.bias": vector(0, 1, -1),
}


def test_the_weights_are_generated_from_the_representation_of_a_class() -> None:
    weights, bias = generated(PARAMETERS, matrix([0.5, 0.25], [-2, 1]))
    assert weights.tolist() == [[2.5, 1.0], [0.0, 1.0]]
    assert bias.tolist() == [2.75, -1.0]


def test_a_class_is_represented_by_the_mean_after_the_tanh() -> None:
    """atanh turns the features into r exactly: class 0 has r = (0.9, 0.25) and (0.1, 0.25), of mean
    (0.5, 0.25); the mean of the features themselves would become another r. A query (1, 2) scores
    1 * 2.5 + 2 * 1 + 2.75 = 7.25. Class 1 has r = (0, 0): w = (2, 1), b = 2, score 6."""
    own = torch.atanh(matrix([0.9, 0.25], [0.1, 0.25], [0, 0]))
    compare = world("weight_generator").algorithm.compare
    support = Support(own, torch.tensor([0, 0, 1]), 2)
    found = compare(PARAMETERS, own, support, matrix([1, 2]))
    torch.testing.assert_close(found, matrix([7.25, 6]), rtol=0, atol=1e-12)


def test_a_class_is_written_without_a_look_at_the_others() -> None:
    place = world("weight_generator", n_way=4)
    task, state = place.task(0), place.state()
    fewer = Support(task.support_x[:4], task.support_y[:4], 2)  # classes 0 and 1 alone
    all_of_them = place.algorithm.adapt(state, task.support, {}).scores(task.query_x)
    two = place.algorithm.adapt(state, fewer, {}).scores(task.query_x)
    torch.testing.assert_close(two, all_of_them[:, :2], rtol=0, atol=1e-10)


def test_every_setting_of_size_is_the_size_of_a_weight() -> None:
    parameters = world("weight_generator", representation=5, hidden=7).state().parameters
    shapes = {name: tuple(t.shape) for name, t in parameters.items() if name.endswith("weight")}
    assert shapes["represent.weight"] == (5, 4)
    assert shapes["generator0.weight"] == (7, 5)
    assert shapes["generator1.weight"] == (5, 7)  # four weights and a bias
