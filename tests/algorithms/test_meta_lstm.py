"""Meta-LSTM's update against the equations by hand, in float64.

The model of the last tests is a line, whose support loss has gradient H theta - c (see `lines`).
With the weights of the gates at zero, f and i are the sigmoids of their biases:

    theta_(t+1)        = f theta_t - i (H theta_t - c)
    d theta_k/d theta_0 = f^k, since gradients are constants to the optimiser

so the outer gradient of the starting point is f^k times the query loss's gradient at theta_k.
"""

from __future__ import annotations

from math import copysign, exp, log
from typing import Any

import numpy as np
import pytest
import torch

from tests.algorithms import lines
from tests.algorithms.lines import close, column, quadratic, task
from tests.algorithms.worlds import World, double
from workbench.algorithms.meta_lstm import gate, update
from workbench.functional.meta import log_and_sign
from workbench.interfaces import State

RATE, KEPT = 0.3, 0.9
SIZES = {"hidden": 2, "cell": 2, "enter": 1, "forget": 1}


def line(**settings: object) -> World[Any]:
    """Meta-LSTM with a linear model."""
    return lines.line("meta_lstm", inner_lr=RATE, hidden=2, **settings)


def blind(state: State) -> State:
    """The same with gates that see nothing, the second one at KEPT."""
    blinded = {
        f"update.{name}.weight": torch.zeros_like(state.parameters[f"update.{name}.weight"])
        for name in ("enter", "forget")
    }
    forget = torch.tensor([log(KEPT / (1 - KEPT))], dtype=torch.float64)
    enter = torch.tensor([log(RATE / (1 - RATE))], dtype=torch.float64)
    biases = {"update.enter.bias": enter, "update.forget.bias": forget}
    return State(state.parameters | blinded | biases)


def test_gradients_are_preprocessed_with_p_of_ten() -> None:
    """e^-3 gives (-0.3, 1); -e^-20 is below e^-10: (-1, -e^-10); 0 gives (-1, 0)."""
    found = log_and_sign(torch.tensor([exp(-3), -exp(-20), 0.0], dtype=torch.float64), 10.0)
    expected = torch.tensor([[-0.3, 1.0], [-1.0, -exp(-10)], [-1.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_a_gate_sees_the_hidden_state_the_weight_and_itself() -> None:
    """2 * 0.5 - 1 * 0.25 (hidden) + 3 * 0.1 (weight) + 4 * 0.2 (gate) - 1 (bias) = 0.85."""
    optimiser = {
        "update.enter.weight": torch.tensor([[2.0, -1.0, 3.0, 4.0]], dtype=torch.float64),
        "update.enter.bias": torch.tensor([-1.0], dtype=torch.float64),
    }
    hidden = torch.tensor([[0.5, 0.25]], dtype=torch.float64)
    memory = {"enter": torch.tensor([[0.2]], dtype=torch.float64)}
    weight = torch.tensor([0.1], dtype=torch.float64)
    found = gate(optimiser, "enter", hidden, weight, memory)
    assert float(found) == pytest.approx(1 / (1 + exp(-0.85)))


def test_three_updates_are_torchs_lstm_and_two_recurrent_gates() -> None:
    """One weight of 0.5 with gradients and losses of its own in each step: hidden state and cell by
    `torch.nn.LSTMCell`, (1) to (3) by hand. Each gate sees what it was itself before."""
    place = line()
    optimiser = place.state(seed=3).parameters
    cell = torch.nn.LSTMCell(4, 2, dtype=torch.float64)
    names = {"weight_ih": "input", "weight_hh": "state", "bias_ih": "bias"}
    order = [0, 1, 2, 3, 6, 7, 4, 5]  # torch has the candidate before the last gate
    given = {theirs: optimiser[f"update.{name}"][order] for theirs, name in names.items()}
    cell.load_state_dict({**given, "bias_hh": torch.zeros(8)})

    def opened(name: str, hidden: torch.Tensor, weight: float, before: float) -> float:
        seen = [*hidden[0].tolist(), weight, before]
        row = optimiser[f"update.{name}.weight"][0].tolist()
        bias = float(optimiser[f"update.{name}.bias"])
        return 1 / (1 + exp(-sum(w * s for w, s in zip(row, seen, strict=True)) - bias))

    weight, enter, forget, state = 0.5, 0.0, 0.0, None
    moved = torch.tensor([weight], dtype=torch.float64)
    memory = {name: torch.zeros(1, size).double() for name, size in SIZES.items()}
    for gradient, loss in ((0.2, 1.5), (-0.1, 0.4), (0.03, 2.0)):
        shown = [log(abs(gradient)) / 10, copysign(1, gradient), log(loss) / 10, 1.0]
        state = cell(torch.tensor([shown], dtype=torch.float64), state)
        enter, forget = (
            opened(name, state[0], weight, before)
            for name, before in (("enter", enter), ("forget", forget))
        )
        weight = forget * weight - enter * gradient
        slope = torch.tensor([gradient], dtype=torch.float64)
        moved, memory = update(optimiser, moved, slope, loss, memory)
        assert float(moved) == pytest.approx(weight, rel=1e-12)
        torch.testing.assert_close(memory["hidden"], state[0], rtol=0, atol=1e-12)
        torch.testing.assert_close(memory["cell"], state[1], rtol=0, atol=1e-12)


def test_each_weight_has_a_state_of_its_own_under_one_rule() -> None:
    """Two weights with equal gradients and pasts move alike; with other gradients they do not."""
    place = line()
    optimiser = place.state().parameters
    memory = {name: torch.zeros(3, size).double() for name, size in SIZES.items()}
    weights = torch.tensor([0.5, 0.5, 0.5], dtype=torch.float64)
    gradient = torch.tensor([0.2, 0.2, -0.01], dtype=torch.float64)
    moved, after = update(optimiser, weights, gradient, 1.0, memory)
    assert moved[0] == moved[1]
    assert torch.equal(after["hidden"][0], after["hidden"][1])
    assert not torch.allclose(after["hidden"][0], after["hidden"][2], rtol=0, atol=1e-3)


@pytest.mark.parametrize("steps", [1, 3])
def test_the_outer_gradient_of_the_starting_point_is_the_one_derived_by_hand(steps: int) -> None:
    place = line(inner_steps=steps)
    state = blind(place.state())
    theta = column(state.parameters)
    hessian, constant = quadratic(task().support_x, task().support_y)
    for _ in range(steps):
        theta = KEPT * theta - RATE * (hessian @ theta - constant)
    query_hessian, query_constant = quadratic(task().query_x, task().query_y)
    found = place.algorithm.task_gradient(state, task(), {}).gradient
    close(column(found), KEPT**steps * (query_hessian @ theta - query_constant))


def test_the_optimiser_learns_from_the_query_loss() -> None:
    """Against a central difference in one weight of each of its gates; the line's gradients do not
    depend on them in the first step, the only one."""
    place = line(inner_steps=1)
    state = place.state()
    found = place.algorithm.task_gradient(state, task(), {}).gradient

    def loss(name: str, step: float) -> float:
        moved = state.parameters[name].clone()
        moved.view(-1)[0] += step
        at = State(state.parameters | {name: moved})
        return place.algorithm.task_gradient(at, task(), {}).loss

    for name in ("update.enter.weight", "update.forget.bias", "update.input"):
        slope = (loss(name, 1e-5) - loss(name, -1e-5)) / 2e-5
        assert float(found[name].view(-1)[0]) == pytest.approx(slope, rel=1e-5, abs=1e-10)


def test_an_untrained_optimiser_begins_at_the_first_rate() -> None:
    place = line()
    state = double(place.algorithm.init(np.random.default_rng(0)))
    enter = state.parameters["update.enter.bias"].sigmoid()
    assert float(enter) == pytest.approx(RATE, rel=1e-6)


def test_an_untrained_optimiser_keeps_the_weights() -> None:
    """0.999 of them at a step."""
    forget = line().state().parameters["update.forget.bias"].sigmoid()
    assert float(forget) == pytest.approx(0.999, rel=1e-6)


def test_the_inner_loop_goes_on_from_the_memory_of_its_last_step() -> None:
    place, one = line(), task()
    state = place.state()
    weights = torch.cat([state.parameters["head.weight"].flatten(), state.parameters["head.bias"]])
    design = torch.cat([one.support_x, torch.ones_like(one.support_x)], dim=1)
    memory = {name: torch.zeros(2, size).double() for name, size in SIZES.items()}
    for _ in range(3):
        rest = design @ weights - one.support_y.flatten()
        slope, loss = 2 * design.T @ rest / len(rest), float(rest.square().mean())
        weights, memory = update(state.parameters, weights, slope, loss, memory)
    learner = place.algorithm.adapt(state, one.support, {}, 3)
    close(column(learner.trace.parameters[-1]).flatten(), weights)
