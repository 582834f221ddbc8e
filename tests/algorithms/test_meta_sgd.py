"""Meta-SGD against derivations by hand, in float64.

On a line (see `tests.algorithms.lines`) with A = diag(alpha) and g = H theta - c,

    theta' = theta - A g          q = H_query theta' - c_query, the query gradient there

    d L_query / d theta = (I - A H)^T q = (I - H A) q       first order: q
    d L_query / d alpha = -g * q                            in either order
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.algorithms.lines import THETA, close, column, line, quadratic, task
from tests.algorithms.worlds import World, double
from tests.engine.worlds import session
from workbench.engine.train import Trainer
from workbench.errors import ConfigError
from workbench.interfaces import State

STATE = State(
    {
        **THETA,
        "rate.head.weight": torch.tensor([[0.3]], dtype=torch.float64),
        "rate.head.bias": torch.tensor([-0.2], dtype=torch.float64),
    }
)


def place(**settings: object) -> World:
    return line("meta_sgd", **settings)


@pytest.mark.parametrize("second_order", [True, False])
def test_starting_point_and_rates_get_the_gradients_derived_by_hand(second_order: bool) -> None:
    one = task()
    found = place(second_order=second_order).algorithm.task_gradient(STATE, one, {}).gradient
    (hessian, c), (query_hessian, query_c) = (
        quadratic(x, y) for x, y in ((one.support_x, one.support_y), (one.query_x, one.query_y))
    )
    theta, alpha = column(STATE.parameters), column(STATE.parameters, "rate.")
    inner = hessian @ theta - c
    outer = query_hessian @ (theta - alpha * inner) - query_c
    through = torch.eye(2, dtype=torch.float64) - hessian @ torch.diag(alpha.flatten())
    close(column(found), through @ outer if second_order else outer)
    close(column(found, "rate."), -inner * outer)


def test_learned_rates_move_the_weights_at_evaluation() -> None:
    one, found = task(), []
    for factor in (1.0, 2.0):
        rates = {name: factor * value for name, value in STATE.parameters.items() if "rate" in name}
        learner = place().algorithm.adapt(State(STATE.parameters | rates), one.support, {})
        found.append(column(learner.trace.parameters[-1]) - column(THETA))
    close(found[1], 2 * found[0])
    assert found[0].abs().min() > 0.01


def test_each_weight_begins_with_a_rate_of_its_own_from_the_range() -> None:
    there = place(lowest_rate=0.02, highest_rate=0.05).algorithm
    state = session(algorithm="meta_sgd").initial_state()
    rates = session(algorithm="meta_sgd").algorithm.inner_rates(state)
    assert {name: rate.shape for name, rate in rates.items()} == {
        name: value.shape for name, value in state.parameters.items() if "rate." not in name
    }
    every = torch.cat([rate.flatten() for rate in rates.values()])
    assert len(every.unique()) > 0.9 * len(every)
    assert 0.005 <= every.min() < 0.02
    assert 0.08 < every.max() <= 0.1
    own = column(double(there.init(np.random.default_rng(0))).parameters, "rate.")
    assert ((own >= 0.02) & (own <= 0.05)).all()


def test_the_outer_step_clips_and_moves_the_rates_with_the_weights() -> None:
    changed = {"training__optimizer__name": "sgd", "training__optimizer__lr": 1.0}
    run = session(algorithm="meta_sgd", training__clip_norm=0.25, training__steps=1, **changed)
    trainer = Trainer(run)
    before = trainer.published[1].parameters
    list(trainer.events())
    after = trainer.published[1].parameters
    moved = {name: (after[name] - before[name]).double() for name in before}
    length = torch.cat([value.flatten() for value in moved.values()]).norm()
    assert float(length) == pytest.approx(0.25, rel=1e-4)
    assert moved["rate.head.weight"].abs().max() > 1e-5


def test_a_range_that_ends_below_its_beginning_is_refused_with_both_numbers() -> None:
    with pytest.raises(ConfigError) as refused:
        place(lowest_rate=0.2, highest_rate=0.1)
    assert [problem.message for problem in refused.value.problems] == [
        "The first rates would go from 0.2 to 0.1."
    ]


def test_first_rates_may_all_be_one_rate() -> None:
    there = place(lowest_rate=0.125, highest_rate=0.125).algorithm
    rates = column(double(there.init(np.random.default_rng(0))).parameters, "rate.")
    assert rates.tolist() == [[0.125], [0.125]]
