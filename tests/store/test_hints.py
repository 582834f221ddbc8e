"""Each planted trouble is named with its numbers; a run in which none was planted raises no hint.

The rows go through a real run's folder, as the trainer writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from workbench.store import RunStatus, Store
from workbench.store.hints import Hint, hints, round_rate
from workbench.store.record import recorded

STEPS = 100
EVERY = 10
CLASSES: dict[str, Any] = {
    "algorithm": {"name": "maml", "inner_lr": 0.4, "second_order": True},
    "backbone": {"width": 32},
    "task": {"n_way": 5},
    "training": {"steps": STEPS, "meta_batch": 4, "optimizer": {"lr": 1e-3}},
    "validation": {"patience": 0},
}
FUNCTIONS: dict[str, Any] = {**CLASSES, "task": {}}
Series = Callable[[float], float]  # of the part of the run that is done, 0 to 1


def falling(part: float) -> float:
    return 1.6 - 1.2 * part


def rising(part: float) -> float:
    return 0.2 + 0.6 * part


def always(value: float) -> Series:
    return lambda part: value


class Run:
    """A healthy run, until something is planted.

    Attributes:
        loss, accuracy: of training; accuracy NaN for a regression.
        value: of validation, ± 0.02.
        inner: losses of the queries before and after, of the support set before and after.
    """

    def __init__(self, store: Store, config: dict[str, Any] = CLASSES) -> None:
        self.store, self.config = store, config
        self.loss: Series = falling
        self.accuracy: Series = rising
        self.value: Series = rising
        self.inner: tuple[Series, ...] = (always(1.7), falling, always(1.7), always(0.3))
        self.status, self.reason = RunStatus.RUNNING, ""
        self.interval = 0.02

    def hints(self, steps: int = STEPS) -> tuple[Hint, ...]:
        """What is said of the run after so many steps, each with a little noise."""
        random = np.random.default_rng(1)
        with self.store.create(self.config, {}) as writer:
            for step in range(1, steps + 1):
                part, noise = step / STEPS, random.normal(0, 0.01)
                row = {"step": step, "loss": self.loss(part)}
                writer.record("train", {**row, "accuracy": self.accuracy(part) + noise})
                if step % EVERY == 0:
                    losses = zip(NAMES, self.inner, strict=True)
                    writer.record("inner", {"step": step, **{n: f(part) for n, f in losses}})
                    row = {"step": step, "value": self.value(part) + noise}
                    writer.record("validation", {**row, "interval": self.interval})
            writer.status(self.status, self.reason, step=steps, steps=STEPS)
            return hints(recorded(self.store.open(writer.run)))


NAMES = ("loss_0", "loss_5", "support_0", "support_5")


def only(found: tuple[Hint, ...]) -> Hint:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("steps", [0, 1, 5, 10, 20, 30, 50, 100])
def test_a_healthy_run_raises_no_hint_at_any_moment(store: Store, steps: int) -> None:
    assert Run(store).hints(steps) == ()


@pytest.mark.parametrize("steps", [0, 1, 10, 20, 30, 50, 100])
def test_a_healthy_regression_raises_none_either(store: Store, steps: int) -> None:
    run = Run(store, FUNCTIONS)
    run.accuracy, run.value = always(float("nan")), falling
    assert run.hints(steps) == ()


def test_a_loss_that_is_no_number_is_named_with_the_step_and_the_last_loss(store: Store) -> None:
    run = Run(store)
    run.status, run.reason = RunStatus.FAILED, "The loss was no longer a number at step 31."
    run.loss = lambda part: falling(part) if part < 0.2 else 1e6
    hint = only(run.hints(30))
    assert hint.kind == "diverged"
    assert hint.message.startswith("The loss was no longer a number at step 31: the last one was ")
    assert hint.advice == "Lower the outer rate from 0.001 to 0.0003."
    assert (hint.key, hint.value) == ("training.optimizer.lr", 3e-4)


def test_a_loss_that_was_no_number_at_once_is_the_inner_rates_fault(store: Store) -> None:
    run = Run(store)
    run.status, run.reason = RunStatus.FAILED, "The loss was no longer a number at step 1."
    hint = only(run.hints(0))
    assert hint.message == "The loss was no longer a number at step 1: at once."
    assert (hint.key, hint.value) == ("algorithm.inner_lr", 0.1)


def test_a_regression_that_fails_in_its_first_steps_does_so_for_its_inner_rate(
    store: Store,
) -> None:
    """Two outer steps of 0.001 move no weight far."""
    run = Run(store, {**FUNCTIONS, "algorithm": {"name": "maml", "inner_lr": 0.1}})
    run.status, run.reason = RunStatus.FAILED, "The loss was no longer a number at step 2."
    run.accuracy = always(float("nan"))
    hint = only(run.hints(1))
    assert hint.message == "The loss was no longer a number at step 2: the last one was 1.59."
    assert (hint.key, hint.value) == ("algorithm.inner_lr", 0.02)


def test_a_loss_that_grows_is_noticed_before_it_is_no_number(store: Store) -> None:
    run = Run(store)
    run.loss = lambda part: falling(part) if part <= 0.4 else 20.0
    hint = only(run.hints(70))
    assert hint.kind == "diverged"
    assert hint.message == "The loss grows: it was 1.23 at its lowest and is 20 now."


@pytest.mark.parametrize(
    ("reason", "changes", "key", "value"),
    [
        ("DefaultCPUAllocator: can't allocate memory: you tried", {}, "training.threads", 1),
        ("DefaultCPUAllocator: not enough memory: you tried", {}, "training.threads", 1),
        ("Unable to allocate 2 GiB for an array", {"threads": 1}, "algorithm.second_order", False),
        ("can't allocate memory: you tried", {"meta_batch": 1}, "algorithm.second_order", False),
        (
            "can't allocate memory: you tried",
            {"strategy": "folded"},
            "training.strategy",
            "threads",
        ),
        ("CUDA error: out of memory", {}, "algorithm.second_order", False),
        # There tasks are halved by the program itself, down to one at a time.
        ("CUDA out of memory. Tried to allocate 2 GiB.", {}, "algorithm.second_order", False),
    ],
)
def test_memory_that_ran_out_names_what_to_make_smaller(
    store: Store, reason: str, changes: dict[str, Any], key: str, value: Any
) -> None:
    run = Run(store, {**CLASSES, "training": {**CLASSES["training"], **changes}})
    run.status, run.reason = RunStatus.FAILED, reason
    hint = only(run.hints(3))
    assert hint.kind == "memory"
    assert (hint.key, hint.value) == (key, value)


def test_a_method_that_can_make_its_graphs_again_is_told_so_before_it_loses_the_second_order(
    store: Store,
) -> None:
    able = {**CLASSES["algorithm"], "recompute": False}
    run = Run(store, {**CLASSES, "algorithm": able})
    run.status, run.reason = RunStatus.FAILED, "CUDA out of memory. Tried to allocate 2 GiB."
    hint = only(run.hints(3))
    assert (hint.key, hint.value) == ("algorithm.recompute", True)
    run.config["algorithm"]["second_order"] = False  # there are no graphs of steps
    hint = only(run.hints(3))
    assert hint.key == "backbone.width"


def test_the_same_words_in_the_reason_of_a_run_that_did_not_fail_are_none(store: Store) -> None:
    run = Run(store)
    run.status, run.reason = RunStatus.STOPPED, "out of memory"
    assert run.hints(30) == ()


def test_an_inner_rate_that_is_too_high_is_named_with_the_losses_around_adaptation(
    store: Store,
) -> None:
    run = Run(store)
    run.inner = (always(1.7), always(2.5), always(1.7), always(3.25))
    hint = only(run.hints(20))
    assert hint.kind == "inner_high"
    assert hint.message == (
        "Adapting makes the loss worse: 1.7 before, 2.5 after 5 steps, and the loss on the support "
        "set rises from 1.7 to 3.25."
    )
    assert (hint.key, hint.value) == ("algorithm.inner_lr", 0.1)


def test_a_support_loss_that_falls_while_the_queries_get_worse_is_not_the_rates_fault(
    store: Store,
) -> None:
    run = Run(store)
    run.inner = (always(1.7), always(2.5), always(1.7), always(0.1))
    assert run.hints(20) == ()


def test_an_inner_rate_that_is_too_low_is_named_and_a_higher_one_offered(store: Store) -> None:
    run = Run(store, {**CLASSES, "algorithm": {"name": "maml", "inner_lr": 1e-5}})
    run.inner = (always(1.61), always(1.605), always(1.61), always(1.6))
    run.loss, run.accuracy, run.value = always(1.61), always(0.2), always(0.2)
    hint = only(run.hints(50))
    assert hint.kind == "inner_low"
    assert hint.message == (
        "Adapting changes next to nothing: the loss is 1.61 before and 1.6 after 5 steps."
    )
    assert hint.advice == "Raise the inner rate from 1e-05 to 0.0001."
    assert (hint.key, hint.value) == ("algorithm.inner_lr", 1e-4)


@pytest.mark.parametrize(
    ("algorithm", "rate", "value"),
    [
        ("maml", 5.0, 10.0),
        ("maml", 10.0, None),
        ("meta_lstm", 0.1, 0.99),
        ("meta_lstm", 0.99, None),
    ],
)
def test_no_inner_rate_is_advised_that_the_method_does_not_take(
    store: Store, algorithm: str, rate: float, value: float | None
) -> None:
    run = Run(store, {**CLASSES, "algorithm": {"name": algorithm, "inner_lr": rate}})
    run.inner = (always(1.61), always(1.605), always(1.61), always(1.6))
    run.loss, run.accuracy, run.value = always(1.61), always(0.2), always(0.2)
    hint = only(run.hints(50))
    assert (hint.kind, hint.value) == ("inner_low", value)
    if value is None:
        assert hint.advice == "The inner rate is as high as it goes: take more steps."


def test_a_model_that_needs_no_adaptation_any_more_raises_no_hint(store: Store) -> None:
    run = Run(store)
    run.inner = (always(0.1), always(0.1), always(0.1), always(0.1))
    assert run.hints(50) == ()


def test_validation_at_chance_after_a_fair_part_of_the_run_is_no_progress(store: Store) -> None:
    run = Run(store)
    run.loss, run.accuracy, run.value = always(1.6), always(0.2), always(0.2)
    assert run.hints(20) == ()
    hint = only(run.hints(50))
    assert hint.kind == "no_progress"
    assert hint.message.startswith("No progress after 50 % of the run: the best validation is 20.")
    assert hint.message.endswith(" ± 2.0 %, guessing gives 20.0 %.")
    assert (hint.key, hint.value) == ("training.optimizer.lr", 3e-4)


def test_a_run_of_a_few_steps_is_told_to_train_longer(store: Store) -> None:
    run = Run(store, {**CLASSES, "training": {**CLASSES["training"], "steps": 40}})
    run.loss, run.accuracy, run.value = always(1.6), always(0.2), always(0.2)
    hint = only(run.hints(40))
    assert hint.advice == "40 steps are few: take 500."
    assert (hint.kind, hint.key, hint.value) == ("no_progress", "training.steps", 500)


def test_validations_of_too_few_tasks_to_tell_say_nothing_of_progress(store: Store) -> None:
    run = Run(store)
    run.loss, run.accuracy, run.value, run.interval = *(always(x) for x in (1.6, 0.2, 0.2)), 0.06
    assert run.hints(50) == ()


def test_a_regression_no_better_than_its_first_steps_is_no_progress(store: Store) -> None:
    run = Run(store, FUNCTIONS)
    run.accuracy, run.loss, run.value = always(float("nan")), always(4.0), always(4.1)
    run.inner = (always(5.0), always(4.0), always(5.0), always(2.0))
    hint = only(run.hints(50))
    assert hint.kind == "no_progress"
    assert "the untrained model had 4" in hint.message


def test_validation_that_falls_while_training_rises_is_overfitting(store: Store) -> None:
    run = Run(store)
    run.value = lambda part: 0.6 - abs(part - 0.4)
    hint = only(run.hints(100))
    assert hint.kind == "overfitting"
    assert hint.message.startswith("Overfitting since step 40: the accuracy went from 4")
    assert (hint.key, hint.value) == ("validation.patience", 5)
    assert hint.advice == "The best weights, of step 40, are kept. Stop early the next time."


def test_validation_that_falls_together_with_training_is_no_overfitting(store: Store) -> None:
    run = Run(store)
    run.value = run.accuracy = lambda part: 0.6 - abs(part - 0.4)
    assert run.hints(100) == ()


def test_a_plateau_within_the_interval_is_no_overfitting(store: Store) -> None:
    run = Run(store)
    run.value = lambda part: min(0.5, rising(part))
    assert run.hints(100) == ()


@pytest.mark.parametrize(
    ("rate", "rounded"), [(0.08, 0.1), (0.02, 0.02), (1 / 3000, 3e-4), (0.0042, 0.005), (4, 5)]
)
def test_a_suggested_rate_has_one_digit(rate: float, rounded: float) -> None:
    assert round_rate(rate) == rounded


def flat(store: Store, config: dict[str, Any] = CLASSES) -> Run:
    """A run that learns nothing."""
    run = Run(store, config)
    run.loss, run.accuracy, run.value = always(1.6), always(0.2), always(0.2)
    return run


def test_a_quarter_of_the_run_is_a_fair_part(store: Store) -> None:
    assert flat(store).hints(24) == ()
    assert only(flat(store).hints(25)).kind == "no_progress"


def test_adaptation_that_changes_nothing_in_the_first_tenth_of_a_run_is_no_trouble_yet(
    store: Store,
) -> None:
    run = flat(store, {**CLASSES, "training": {**CLASSES["training"], "steps": 1000}})
    run.inner = (always(1.61), always(1.605), always(1.61), always(1.6))
    assert run.hints(90) == ()
    assert only(run.hints(100)).kind == "inner_low"


def test_a_loss_that_has_grown_from_its_lowest_but_is_not_twice_its_first_has_not_diverged(
    store: Store,
) -> None:
    run = Run(store)
    run.loss = lambda part: 1.6 if part <= 0.1 else 0.1 if part <= 0.5 else 2.0
    assert run.hints(80) == ()
    run.loss = lambda part: 1.6 if part <= 0.1 else 0.1 if part <= 0.5 else 3.3
    assert only(run.hints(80)).kind == "diverged"


def regression(store: Store, value: Series) -> Run:
    """A run of functions that stays at a loss of 4."""
    run = Run(store, FUNCTIONS)
    run.accuracy, run.loss, run.value = always(float("nan")), always(4.0), value
    run.inner = (always(5.0), always(4.0), always(5.0), always(2.0))
    return run


def test_an_error_below_the_untrained_one_by_less_than_its_interval_is_no_progress(
    store: Store,
) -> None:
    run = regression(store, always(3.9))
    assert run.hints(50) == ()
    run.interval = 0.2
    assert only(run.hints(50)).kind == "no_progress"
    run.interval = 1.1  # more than a quarter of what it is compared with
    assert run.hints(50) == ()


def test_an_error_that_was_once_low_is_progress(store: Store) -> None:
    assert regression(store, lambda part: 2.0 + 4 * part).hints(50) == ()


def test_validation_that_fell_in_its_last_two_rows_alone_is_no_overfitting_yet(
    store: Store,
) -> None:
    run = Run(store)
    run.value = lambda part: 0.6 - abs(part - 0.7)
    assert run.hints(90) == ()
    assert only(run.hints(100)).kind == "overfitting"


def test_an_error_that_rises_while_the_loss_of_training_falls_is_overfitting(store: Store) -> None:
    run = Run(store, FUNCTIONS)
    run.accuracy, run.value = always(float("nan")), lambda part: 0.5 + abs(part - 0.4)
    hint = only(run.hints(100))
    assert hint.kind == "overfitting"
    assert hint.message.startswith("Overfitting since step 40: the error went from 1.1")


def test_a_run_that_was_to_stop_early_is_told_to_end_where_it_was_best(store: Store) -> None:
    run = Run(store, {**CLASSES, "validation": {"patience": 9}})
    run.value = lambda part: 0.6 - abs(part - 0.4)
    hint = only(run.hints(100))
    assert (hint.kind, hint.key, hint.value) == ("overfitting", "training.steps", 40)


def test_a_rise_in_training_that_noise_can_give_is_no_overfitting(store: Store) -> None:
    """Of ten steps each with noise of 0.01 the means are off by 0.003."""
    run = Run(store)
    run.value = lambda part: 0.6 - abs(part - 0.4)
    run.accuracy = lambda part: 0.5 + 0.015 * part
    assert run.hints(100) == ()


def test_overfitting_is_told_beside_the_gravest_trouble(store: Store) -> None:
    run = Run(store)
    run.value = lambda part: 0.6 - abs(part - 0.4)
    run.inner = (always(1.7), always(2.5), always(1.7), always(3.25))
    assert [hint.kind for hint in run.hints(100)] == ["inner_high", "overfitting"]


@pytest.mark.parametrize(("rate", "value"), [(1e-5, 1e-4), (5e-4, 1e-3), (1e-3, 3e-4), (0.1, 0.03)])
def test_a_low_outer_rate_is_raised_and_a_high_one_lowered(
    store: Store, rate: float, value: float
) -> None:
    training = {**CLASSES["training"], "optimizer": {"lr": rate}}
    hint = only(flat(store, {**CLASSES, "training": training}).hints(50))
    assert (hint.key, hint.value) == ("training.optimizer.lr", value)


def test_without_an_outer_rate_to_change_one_is_sent_to_look_at_tasks(store: Store) -> None:
    training = {name: value for name, value in CLASSES["training"].items() if name != "optimizer"}
    hint = only(flat(store, {**CLASSES, "training": training}).hints(50))
    assert hint.kind == "no_progress"
    assert (hint.advice, hint.key) == ("Look at some tasks on the Data page.", "")


def test_a_loss_that_grows_where_adapting_makes_it_worse_is_the_inner_rates_fault(
    store: Store,
) -> None:
    run = Run(store)
    run.loss = lambda part: falling(part) if part <= 0.4 else 20.0
    run.inner = (always(1.7), always(2.5), always(1.7), always(0.3))
    hint = only(run.hints(70))
    assert (hint.kind, hint.key) == ("diverged", "algorithm.inner_lr")


def test_a_loss_that_began_far_above_that_of_guessing_is_the_inner_rates_fault(
    store: Store,
) -> None:
    """Guessing one of five costs ln 5 = 1.61; 5 is more than three times that."""
    run = Run(store)
    run.loss = lambda part: 5.0 if part <= 0.1 else 1.0 if part <= 0.5 else 20.0
    assert only(run.hints(80)).key == "algorithm.inner_lr"
    run.loss = lambda part: 4.7 if part <= 0.1 else 1.0 if part <= 0.5 else 20.0
    assert only(run.hints(80)).key == "training.optimizer.lr"


def test_a_support_set_that_is_learned_while_the_queries_stay_is_no_low_inner_rate(
    store: Store,
) -> None:
    run = Run(store)
    run.inner = (always(1.61), always(1.605), always(1.61), always(0.3))
    assert run.hints(50) == ()


@pytest.mark.parametrize(("width", "value"), [(32, 16), (3, 1), (1, None)])
def test_a_network_of_one_channel_cannot_be_halved(
    store: Store, width: int, value: int | None
) -> None:
    plain = {**CLASSES["algorithm"], "second_order": False}
    changes = {"algorithm": plain, "backbone": {"width": width}}
    run = Run(store, {**CLASSES, **changes, "training": {**CLASSES["training"], "meta_batch": 1}})
    run.status, run.reason = RunStatus.FAILED, "out of memory"
    hint = only(run.hints(3))
    assert (hint.kind, hint.value) == ("memory", value)


def test_threads_are_not_advised_where_a_graphics_card_ran_out(store: Store) -> None:
    run = Run(store, {**CLASSES, "training": {**CLASSES["training"], "strategy": "folded"}})
    run.status, run.reason = RunStatus.FAILED, "CUDA out of memory. Tried to allocate 2 GiB."
    assert only(run.hints(3)).key == "algorithm.second_order"


def test_rates_that_are_learned_are_to_begin_higher_where_adapting_changes_nothing(
    store: Store,
) -> None:
    run = flat(store, {**CLASSES, "algorithm": {"name": "meta_sgd"}})
    run.inner = (always(1.61), always(1.605), always(1.61), always(1.6))
    hint = only(run.hints(50))
    assert (hint.kind, hint.advice) == ("inner_low", "Let the inner rates begin higher.")
    assert hint.key == ""
