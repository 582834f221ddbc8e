"""What a run will take, known before it starts."""

from __future__ import annotations

import pytest
import torch

from tests.engine.worlds import pictures, session
from workbench.engine.cost import measure, metered
from workbench.errors import Cancelled


def go_on() -> None:
    pass


def test_a_graph_keeps_each_storage_once_until_it_is_gone() -> None:
    """x x keeps x twice, 100 numbers of 8 bytes; exp keeps its result, 100 more: 1,600 bytes. The
    sum keeps nothing, and the backward pass lets go of all."""
    x = torch.linspace(0, 1, 100, dtype=torch.float64, requires_grad=True)
    with metered() as meter:
        y = (x * x).exp().sum()
        assert meter.now == 1600
        y.backward()
    assert (meter.now, meter.peak) == (0, 1600)


def test_a_graph_that_nobody_differentiates_is_let_go_of_with_its_result() -> None:
    x = torch.ones(100, dtype=torch.float64, requires_grad=True)
    with metered() as meter:
        for _ in range(5):
            y = x.exp()
            del y
    assert (meter.now, meter.peak) == (0, 800)


def test_metering_changes_no_second_derivative() -> None:
    """d²/dx² of x⁴ is 12 x²."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    with metered():
        (first,) = torch.autograd.grad((x**4).sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(first.sum(), x)
    assert second.tolist() == [12.0, 48.0]


def test_more_inner_steps_and_second_order_need_more_memory() -> None:
    data = pictures()

    def memory(**settings: object) -> int:
        return measure(session(data, **settings), go_on).memory

    two = memory()
    assert memory(algorithm__inner_steps=4) > 1.2 * two  # the images' patches are kept once
    assert memory(algorithm="fomaml", training__threads=2) < two
    assert memory(training__threads=1) < two, "one task at a time keeps one graph"


def test_memory_is_what_the_dearest_part_of_a_run_needs() -> None:
    """MAML++ begins in first order; most of its run keeps the graph of every inner step."""
    data = pictures()
    found = [
        measure(
            session(
                data,
                algorithm="maml_plus_plus",
                algorithm__multi_step_loss=False,
                algorithm__order_annealing=annealed,
            ),
            go_on,
        ).memory
        for annealed in (True, False)
    ]
    assert found[0] == found[1]


def test_a_whole_run_takes_its_steps_and_its_validations() -> None:
    """7 steps with a validation after every third, and after the last: 3 validations."""
    cost = measure(session(training__steps=7, validation__every=3), go_on)
    assert min(cost.step_seconds, cost.validation_seconds) > 0
    assert cost.seconds == pytest.approx(7 * cost.step_seconds + 3 * cost.validation_seconds)


def test_a_sampler_with_a_table_and_networks_that_fold_are_measured_too() -> None:
    cost = measure(session(sampler="delta", backbone="mlp", training__strategy="folded"), go_on)
    assert cost.memory > 0


def test_measuring_can_be_given_up_and_leaves_the_session_as_it_was() -> None:
    world = session()
    before = world.tasks("train", 0, 2).support_x
    calls = iter([None, None])

    def give_up() -> None:
        if next(calls, "end") == "end":
            raise Cancelled

    with pytest.raises(Cancelled):
        measure(world, give_up)
    assert torch.equal(world.tasks("train", 0, 2).support_x, before)
    assert world.config.training.steps == 6
