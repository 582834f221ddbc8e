"""What a learner remembers of the queries that it was asked."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors, Trace
from workbench.functional.learners import GradientLearner, HeadLearner
from workbench.functional.normalisation import Normaliser, Product
from workbench.schema.experiment import NormMode
from workbench.task import Support

SUPPORT = Support(torch.tensor([[1.0], [3.0]]), torch.tensor([0, 1]), 2)
BODY = {"body": torch.tensor([[2.0]])}
HEADS = tuple({"head": torch.tensor([[w], [-w]])} for w in (1.0, 0.5, 0.25))


class Body:
    """Twice an example; knows how many batches it saw."""

    calls = 0

    def __call__(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        self.calls += 1
        return x @ parameters["body"]


def head(parameters: Tensors, features: Tensor) -> Tensor:
    return features @ parameters["head"].T


def learner(body: Body) -> HeadLearner:
    trace = Trace(HEADS, (0.0, 0.0))
    return HeadLearner(body, head, trace, SUPPORT, "support", fixed=BODY)


def test_a_batch_of_queries_is_embedded_once_whichever_steps_answer_it() -> None:
    body = Body()
    found, query_x = learner(body), torch.tensor([[5.0], [7.0]])
    answers = [found.scores(query_x, step).tolist() for step in (0, 1, 2, -1)]
    assert body.calls == 1
    assert answers == [
        [[10.0, -10.0], [14.0, -14.0]],
        [[5.0, -5.0], [7.0, -7.0]],
        [[2.5, -2.5], [3.5, -3.5]],
        [[2.5, -2.5], [3.5, -3.5]],
    ]


def test_each_step_answers_as_it_does_where_nothing_is_remembered() -> None:
    models = tuple({**BODY, **at} for at in HEADS)
    plain = GradientLearner(Body(), head, Trace(models, (0.0, 0.0)), SUPPORT, "support")
    found, query_x = learner(Body()), torch.tensor([[5.0], [7.0]])
    for step in range(3):
        assert torch.equal(found.scores(query_x, step), plain.scores(query_x, step))


@pytest.mark.parametrize("norm", ["query_batch", "support_plus_one"])
def test_queries_are_embedded_anew_for_another_normalisation(norm: NormMode) -> None:
    body = Body()
    found, query_x = learner(body), torch.tensor([[5.0]])
    found.scores(query_x)
    found.scores(query_x, norm=norm)
    assert body.calls == 2


def test_a_batch_that_was_written_to_is_another_batch() -> None:
    found, query_x = learner(Body()), torch.tensor([[5.0]])
    assert found.scores(query_x, 0)[0, 0] == 10
    query_x.fill_(6.0)
    assert found.scores(query_x, 0)[0, 0] == 12


def test_features_of_an_evaluation_do_not_hide_the_graph_of_a_training() -> None:
    weight = BODY["body"].clone().requires_grad_()
    found = HeadLearner(Body(), head, Trace(HEADS, ()), SUPPORT, "support", fixed={"body": weight})
    query_x = torch.tensor([[5.0]])
    with torch.no_grad():
        found.scores(query_x, 0)
    (slope,) = torch.autograd.grad(found.scores(query_x, 0)[0, 0], weight)
    assert slope.tolist() == [[5.0]]


def test_a_learner_that_has_answered_goes_with_its_last_use() -> None:
    """At once, and not when the garbage collector comes by: it may hold the graph of a training."""
    found = learner(Body())
    found.scores(torch.tensor([[5.0]]))
    alive = weakref.ref(found)
    gc.disable()
    try:
        del found
        assert alive() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("norm", ["query_batch", "support_plus_one", "support"])
def test_an_example_is_embedded_as_it_would_be_alone(norm: NormMode) -> None:
    """Whatever else is embedded with it, and in which mode queries are answered."""
    weight = torch.tensor([[2.0]], dtype=torch.float64)

    def body(parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        one = torch.ones(1, dtype=torch.float64)
        return normaliser(Product(F.linear, x), parameters["body"], one, 0 * one)

    support = Support(SUPPORT.x.double(), SUPPORT.y, 2)
    heads = Trace(({"body": weight}, {"body": -weight}), (0.0,))
    found = GradientLearner(body, head, heads, support, norm)
    several = torch.tensor([[5.0], [7.0], [-1.0]], dtype=torch.float64)
    together, alone = found.embed(several), found.embed(several[:1])
    torch.testing.assert_close(together[:1], alone, rtol=0, atol=1e-12)
    assert float(alone) < 0  # after the last step
