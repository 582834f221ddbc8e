"""Matching networks against attention worked out by hand, in float64.

Support (3, 4) and (0, 2) of class 0, (1, 0) of class 1; a query (1, 0) has the cosines 3/5, 0 and 1
with them. With s = 2 the three weigh e^1.2, e^0 and e^2, so that

    p(class 0) = (e^1.2 + 1) / (e^1.2 + 1 + e^2)
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.algorithms.worlds import World, drawn, world
from workbench.algorithms.matchingnet import attending, in_context
from workbench.functional.embedding import log_attention
from workbench.functional.recurrent import lstm_over
from workbench.task import Support

OWN = torch.tensor([[3.0, 4.0], [0.0, 2.0], [1.0, 0.0]], dtype=torch.float64)
SUPPORT = Support(OWN, torch.tensor([0, 0, 1]), 2)
QUERY = torch.tensor([[1.0, 0.0]], dtype=torch.float64)


def answers(place: World, shuffled: bool = False) -> Tensor:
    """Of the first task, with its support set perhaps in another order."""
    task, state = place.task(0), place.state()
    order = torch.tensor([4, 0, 5, 2, 1, 3]) if shuffled else torch.arange(6)
    support = replace(task.support, x=task.support_x[order], y=task.support_y[order])
    return place.algorithm.adapt(state, support, {}).scores(task.query_x)


def test_the_answer_is_the_vote_by_attention() -> None:
    parameters = {"attention.log_scale": torch.tensor(math.log(2.0), dtype=torch.float64)}
    compare = world("matchingnet").algorithm.compare
    first = (math.exp(1.2) + 1) / (math.exp(1.2) + 1 + math.exp(2.0))
    expected = torch.tensor([[first, 1 - first]], dtype=torch.float64)
    found = compare(parameters, OWN, SUPPORT, QUERY)
    torch.testing.assert_close(found.exp(), expected, rtol=0, atol=1e-12)


def test_attention_sums_to_one_over_the_support_set() -> None:
    queries = torch.tensor([[1.0, 0.3], [-2.0, 5.0]], dtype=torch.float64)
    sums = log_attention(queries, OWN, 10.0).exp().sum(-1)
    torch.testing.assert_close(sums, torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-12)


def test_a_class_without_a_near_example_gets_a_finite_answer() -> None:
    """At s = 1000 the far class keeps e^-1000 of the attention: no float, but its logarithm is."""
    parameters = {"attention.log_scale": torch.tensor(math.log(1000.0), dtype=torch.float64)}
    compare = world("matchingnet").algorithm.compare
    support = Support(OWN[1:], torch.tensor([0, 1]), 2)
    found = compare(parameters, OWN[1:], support, QUERY)
    expected = torch.tensor([[-1000.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9)


def test_only_with_full_context_does_the_order_of_the_support_set_matter() -> None:
    plain, context = world("matchingnet"), world("matchingnet", full_context=True)
    torch.testing.assert_close(answers(plain), answers(plain, True), rtol=0, atol=1e-10)
    assert (answers(context) - answers(context, True)).abs().max() > 1e-6


def test_with_full_context_every_weight_learns() -> None:
    place = world("matchingnet", full_context=True)
    state = place.state()
    results = [place.gradient(state, seed) for seed in range(4)]
    mean = place.algorithm.combine(state, results, [1.0] * 4).gradient
    assert [key for key, tensor in mean.items() if not torch.any(tensor != 0)] == []
    assert {"right.weight", "left.weight", "query.weight"} < mean.keys()


@pytest.mark.parametrize("read_steps", [1, 3])
def test_the_number_of_looks_changes_the_answer(read_steps: int) -> None:
    one = world("matchingnet", full_context=True, read_steps=read_steps)
    other = world("matchingnet", full_context=True, read_steps=read_steps + 1)
    assert (answers(one) - answers(other)).abs().max() > 1e-9


def test_the_lstm_is_the_one_that_torch_computes() -> None:
    parameters, sequence = drawn_lstm("cell", 5, 3), drawn(4, 2)
    with torch.no_grad():
        expected, _ = torchs_lstm(parameters, "cell", 2)(sequence)
    found = lstm_over(parameters, "cell", sequence)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_each_example_is_read_from_both_sides_and_added() -> None:
    """g(x_i) = right(x_i) + left(x_i) + f'(x_i), the left one along the reversed support set."""
    own = drawn(5, 3)
    parameters = drawn_lstm("right", 6, 3) | drawn_lstm("left", 6, 3)
    with torch.no_grad():
        right, _ = torchs_lstm(parameters, "right", 3)(own)
        left, _ = torchs_lstm(parameters, "left", 3)(own.flip(0))
    expected = right + left.flip(0) + own
    torch.testing.assert_close(in_context(parameters, own), expected, rtol=0, atol=1e-12)


def test_a_query_reads_what_it_attends_to() -> None:
    """Two looks, with torch's cell: its x is [f'(x), r], and what recurs is h = h^ + f'(x)."""
    own, queries = drawn(5, 3), drawn(2, 3)
    parameters = drawn_lstm("query", 9, 3)
    cell = torch.nn.LSTMCell(6, 3).double()
    order = torch.tensor([0, 1, 2, 6, 7, 8])  # [f'(x), h, r] without h
    weight, bias = parameters["query.weight"][TORCHS_ORDER], parameters["query.bias"][TORCHS_ORDER]
    with torch.no_grad():
        cell.weight_ih.copy_(weight[:, order])
        cell.weight_hh.copy_(weight[:, 3:6])
        cell.bias_ih.copy_(bias)
        cell.bias_hh.zero_()
        h, c = queries, torch.zeros(2, 3, dtype=torch.float64)
        for _ in range(2):
            read = (h @ own.T).softmax(-1) @ own
            h, c = cell(torch.cat([queries, read], dim=1), (h, c))
            h = h + queries
    found = attending(parameters, queries, own, 2)
    torch.testing.assert_close(found, h, rtol=0, atol=1e-12)


# torch orders the gates input, forget, update, output; ours come as input, forget, output, update.
TORCHS_ORDER = torch.tensor([0, 1, 2, 3, 4, 5, 9, 10, 11, 6, 7, 8])


def drawn_lstm(name: str, inputs: int, hidden: int) -> dict[str, Tensor]:
    both = drawn(4 * hidden + len(name), inputs + 1)[-4 * hidden :]
    return {f"{name}.weight": both[:, :-1], f"{name}.bias": both[:, -1]}


def torchs_lstm(parameters: dict[str, Tensor], name: str, inputs: int) -> torch.nn.LSTM:
    """With the same weights; torch gives x and what recurs weights of their own."""
    weight, bias = parameters[f"{name}.weight"][TORCHS_ORDER], parameters[f"{name}.bias"]
    theirs = torch.nn.LSTM(inputs, 3).double()
    values = (weight[:, :inputs], weight[:, inputs:], bias[TORCHS_ORDER], torch.zeros(12))
    with torch.no_grad():
        for parameter, value in zip(theirs.parameters(), values, strict=True):
            parameter.copy_(value)
    return theirs
