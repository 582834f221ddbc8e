"""MAML++ against derivations by hand, in float64.

On a line (see `tests.algorithms.lines`) with two steps, A_i = diag(alpha_i), g_i = H theta_i - c,
q_i = H_query theta_i - c_query and weights v_1, v_2 of the two query losses,

    theta_(i+1) = theta_i - A_i g_i

    d / d theta_0 = v_1 (I - H A_0) q_1 + v_2 (I - H A_0) (I - H A_1) q_2
    d / d alpha_0 = -g_0 * (v_1 q_1 + v_2 (I - H A_1) q_2)
    d / d alpha_1 = -g_1 *  v_2 q_2

and the first order leaves every matrix away.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from tests.algorithms.lines import THETA, close, column, line, quadratic, task
from tests.algorithms.worlds import World, world
from tests.engine.worlds import session
from workbench.functional.losses import task_loss
from workbench.interfaces import State, Tensors
from workbench.schema.experiment import NormConfig

STATE = State(
    {
        **THETA,
        "rate.head.weight": torch.tensor([0.3, -0.1], dtype=torch.float64),
        "rate.head.bias": torch.tensor([0.05, 0.2], dtype=torch.float64),
    }
)
ALPHA = torch.tensor([[[0.3], [0.05]], [[-0.1], [0.2]]], dtype=torch.float64)  # (steps, 2, 1)
IDENTITY = torch.eye(2, dtype=torch.float64)


def progress(value: float) -> Tensors:
    return {"progress": torch.tensor(value, dtype=torch.float64)}


@pytest.mark.parametrize("second_order", [True, False])
def test_weights_and_rates_get_the_gradients_derived_by_hand(second_order: bool) -> None:
    # Half of the way to 0.3 a is 1/2, so that v = (1/4, 3/4).
    settings = {"inner_steps": 2, "multi_step_until": 0.3, "order_annealing": not second_order}
    one, v = task(), (0.25, 0.75)
    place = line("maml_plus_plus", **settings)
    found = place.algorithm.task_gradient(STATE, one, progress(0.15)).gradient
    hessian, c = quadratic(one.support_x, one.support_y)
    query_hessian, query_c = quadratic(one.query_x, one.query_y)
    theta, inner, outer, through = [column(THETA)], [], [], []
    for alpha in ALPHA:
        inner.append(hessian @ theta[-1] - c)
        theta.append(theta[-1] - alpha * inner[-1])
        outer.append(query_hessian @ theta[-1] - query_c)
        through.append(IDENTITY - hessian * alpha.T if second_order else IDENTITY)
    close(column(found), through[0] @ (v[0] * outer[0] + v[1] * through[1] @ outer[1]))
    rates = torch.stack([found["rate.head.weight"], found["rate.head.bias"]])  # (2, steps)
    close(rates[:, :1], -inner[0] * (v[0] * outer[0] + v[1] * through[1] @ outer[1]))
    close(rates[:, 1:], -inner[1] * v[1] * outer[1])


def test_learned_rates_move_the_weights_at_evaluation_and_the_last_ones_go_on() -> None:
    one = task()
    hessian, c = quadratic(one.support_x, one.support_y)
    learner = line("maml_plus_plus", inner_steps=2).algorithm.adapt(STATE, one.support, {}, 4)
    theta = column(THETA)
    for step, alpha in enumerate((ALPHA[0], ALPHA[1], ALPHA[1], ALPHA[1])):
        theta = theta - alpha * (hessian @ theta - c)
        close(column(learner.trace.parameters[step + 1]), theta)


def test_the_weights_of_the_steps_sum_to_one_and_end_with_the_last_step_alone() -> None:
    there = line("maml_plus_plus", inner_steps=4, multi_step_until=0.5).algorithm
    assert there.step_weights(0) == dict.fromkeys((1, 2, 3, 4), 0.25)
    assert there.step_weights(0.25) == {1: 0.125, 2: 0.125, 3: 0.125, 4: 0.625}
    assert there.step_weights(0.5) == there.step_weights(1) == {4: 1.0}
    assert line("maml_plus_plus", multi_step_loss=False).algorithm.step_weights(0) == {5: 1.0}


def test_the_order_changes_once_its_share_of_the_run_is_done() -> None:
    found = {
        (annealed, done): gradient(annealed, done)
        for annealed in (True, False)
        for done in (0.4, 0.6)
    }
    assert torch.equal(found[True, 0.6], found[False, 0.6])
    assert not torch.allclose(found[True, 0.4], found[False, 0.4])


def gradient(annealed: bool, done: float) -> torch.Tensor:
    place = line("maml_plus_plus", inner_steps=2, order_annealing=annealed, first_order_until=0.5)
    return column(place.algorithm.task_gradient(STATE, task(), progress(done)).gradient)


def test_with_every_switch_off_it_is_maml() -> None:
    off = ("learned_rates", "step_affine", "multi_step_loss", "order_annealing")
    plain, maml = world("maml_plus_plus", **dict.fromkeys(off, False)), world("maml")
    found, expected = plain.gradient(plain.state(), 0), maml.gradient(maml.state(), 0)
    assert found.gradient.keys() == expected.gradient.keys()
    for name, one in expected.gradient.items():
        torch.testing.assert_close(found.gradient[name], one, rtol=0, atol=1e-10)
    assert found.loss == pytest.approx(expected.loss, abs=1e-12)


def image_world(train: str = "query_batch", **settings: object) -> World:
    place = world("maml_plus_plus", inner_steps=2, inner_steps_eval=4, **settings)
    place.algorithm.norm = NormConfig(train=train, eval="per_step")
    return place


@pytest.mark.parametrize("train", ["query_batch", "support", "per_step"])
def test_the_statistics_of_a_task_are_those_that_met_its_queries_after_each_step(
    train: str,
) -> None:
    place = image_world(train)
    state, one = place.state(), place.task(0)
    result = place.algorithm.task_gradient(state, one, progress(0))
    learner = place.algorithm.adapt(state, one.support, {}, 2)
    for step in (1, 2):
        seen = one.support_x if train == "support" else one.query_x
        weight = learner.trace.parameters[step]["conv0.weight"]
        z = F.conv2d(seen, weight, padding=1).transpose(0, 1).flatten(1)
        close(result.statistics["running0.mean"][step], z.mean(1))
        close(result.statistics["running0.variance"][step], z.var(1, correction=0))


def test_a_batch_moves_the_averages_a_tenth_of_the_way_to_its_statistics() -> None:
    place = image_world()
    state = place.state()
    result = place.gradient(state, 0)
    buffers = place.algorithm.combine(state, [result], [1.0]).buffers
    close(buffers["running1.mean"], 0.1 * result.statistics["running1.mean"])
    close(buffers["running1.variance"], 0.9 + 0.1 * result.statistics["running1.variance"])


@pytest.mark.parametrize("part", ["statistics", "gains"])
def test_each_step_answers_with_its_own_and_steps_beyond_with_the_last(part: str) -> None:
    place = image_world()
    plain = trained(place)
    for row, affected in ((0, {0}), (1, {1}), (2, {2, 3, 4})):
        # A gain of an early step moves the weights too, so that all later answers change.
        expected = set(range(row, 5)) if part == "gains" else affected
        assert changed(place, plain, with_row_changed(plain, part, row)) == expected


def test_queries_of_training_can_meet_the_averages_that_they_meet_at_the_test() -> None:
    place = image_world("per_step", multi_step_loss=False)
    state, one = trained(place), place.task(3)
    learner = place.algorithm.adapt(state, one.support, {}, 2)
    expected = task_loss(learner.scores(one.query_x, 2, "per_step"), one.query_y)
    assert place.algorithm.task_gradient(state, one, progress(1)).loss == expected.item()


def trained(place: World) -> State:
    """A state whose rows differ."""
    state = place.state()
    result = place.gradient(state, 0)
    return State(state.parameters, place.algorithm.combine(state, [result], [1.0]).buffers)


def with_row_changed(state: State, part: str, row: int) -> State:
    name = "running2.mean" if part == "statistics" else "step.norm2.weight"
    tensors = state.buffers if part == "statistics" else state.parameters
    other = tensors[name].clone()
    other[row] += 0.3
    if part == "statistics":
        return State(state.parameters, state.buffers | {name: other})
    return State(state.parameters | {name: other}, state.buffers)


def changed(place: World, one: State, other: State) -> set[int]:
    """The steps after which two states answer differently."""
    task = place.task(5)
    first, second = (place.algorithm.adapt(state, task.support, {}) for state in (one, other))
    return {
        step
        for step in range(first.steps + 1)
        if not torch.equal(first.scores(task.query_x, step), second.scores(task.query_x, step))
    }


def test_the_inner_loop_moves_no_gain_that_has_a_value_for_each_step() -> None:
    place = image_world()
    state = place.state()
    rows = torch.tensor([[1.0], [1.2], [0.8]], dtype=torch.float64).expand(3, 4)
    state = State(state.parameters | {"step.norm0.weight": rows}, state.buffers)
    learner = place.algorithm.adapt(state, place.task(0).support, {}, 2)
    for step, row in enumerate(rows):
        assert torch.equal(learner.trace.parameters[step]["norm0.weight"], row)


def test_the_rates_of_each_weight_can_be_looked_at_by_step() -> None:
    place = image_world()
    rates = place.algorithm.inner_rates(place.state())
    assert set(rates) == {
        *(f"conv{block}.weight" for block in range(4)),
        "head.weight",
        "head.bias",
    }
    assert {tuple(rate.shape) for rate in rates.values()} == {(2,)}


def test_training_is_told_how_much_of_the_run_is_done_and_evaluation_is_not() -> None:
    run = session(algorithm="maml_plus_plus", training__steps=8)
    batch = run.tasks("train", 6, 2)
    told = [noise["progress"] for noise in run.noise("train", 6, batch, 2)]
    assert told == [0.75, 0.75]
    assert all("progress" not in noise for noise in run.noise("validation", 6, batch, None))


@pytest.mark.parametrize("until", [0.0, 0.5])
def test_the_step_at_which_the_first_order_ends_is_of_second_order(until: float) -> None:
    settings = {"inner_steps": 2, "first_order_until": until}
    annealed, plain = (
        line("maml_plus_plus", order_annealing=choice, **settings).algorithm
        for choice in (True, False)
    )
    found, expected = (
        column(method.task_gradient(STATE, task(), progress(until)).gradient)
        for method in (annealed, plain)
    )
    assert torch.equal(found, expected)


def test_a_multi_step_loss_that_ends_at_once_was_never_there() -> None:
    there = line("maml_plus_plus", multi_step_until=0.0).algorithm
    assert there.step_weights(0) == {5: 1.0}


def test_without_learned_rates_the_weights_move_at_the_rate_that_was_set() -> None:
    one = task()
    hessian, c = quadratic(one.support_x, one.support_y)
    method = line("maml_plus_plus", learned_rates=False, inner_lr=0.3).algorithm
    learner = method.adapt(State(THETA), one.support, {}, 1)
    theta = column(THETA) - 0.3 * (hessian @ column(THETA) - c)
    close(column(learner.trace.parameters[1]), theta)


def test_a_task_that_is_not_told_its_progress_is_of_the_end_of_the_run() -> None:
    method = line("maml_plus_plus", inner_steps=2).algorithm
    untold, late = (method.task_gradient(STATE, task(), noise) for noise in ({}, progress(1)))
    assert all(torch.equal(untold.gradient[name], one) for name, one in late.gradient.items())


def test_the_averages_of_a_batch_move_a_tenth_in_all_however_many_tasks_it_has() -> None:
    """Two tasks of half a tenth each: 0.95 0.05 m1 + 0.05 m2."""
    place = image_world()
    state = place.state()
    results = [place.gradient(state, seed) for seed in (0, 1)]
    buffers = place.algorithm.combine(state, results, [1.0, 1.0]).buffers
    first, second = (result.statistics["running1.mean"] for result in results)
    close(buffers["running1.mean"], 0.95 * 0.05 * first + 0.05 * second)
