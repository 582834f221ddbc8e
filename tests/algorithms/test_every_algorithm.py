"""What is true of any algorithm, held against each one that is registered."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import torch

from tests.algorithms.worlds import every_world, world
from workbench.engine.checkpoint import Checkpoint, read
from workbench.engine.mapping import fold
from workbench.engine.outer import gradient_norm
from workbench.functional.gradients import weighted_mean
from workbench.functional.losses import task_loss
from workbench.functional.tasks import TaskThreads, use_cores
from workbench.interfaces import ALGORITHMS, State
from workbench.schema.experiment import NormConfig
from workbench.services.experiment import resolve, to_flat
from workbench.task import Kind, Support, Task, TaskBatch

STEEPEST = 3.0  # norm of an outer gradient beyond which it is shortened
WORLDS = every_world()
CLASSIFIERS = [name for name, kind in WORLDS if kind == "classification"]
each_world = pytest.mark.parametrize(("name", "kind"), WORLDS)
each_classifier = pytest.mark.parametrize("name", CLASSIFIERS)


def scores(name: str, state: State, task: Task[torch.Tensor], **settings: object) -> torch.Tensor:
    """Answers (Q, N) of an adapted learner, without a graph."""
    place = world(name, n_way=task.n_way, **settings)
    with torch.no_grad():
        return place.algorithm.adapt(state, task.support, place.noise(0, task)).scores(task.query_x)


@each_world
def test_a_learner_answers_every_query_at_every_recorded_step(name: str, kind: Kind) -> None:
    place = world(name, kind)
    task = place.task(0)
    with torch.no_grad():
        learner = place.algorithm.adapt(place.state(), task.support, place.noise(0, task))
        answers = [learner.scores(task.query_x, step) for step in range(learner.steps + 1)]
    outputs = place.n_way if kind == "classification" else 1
    assert {answer.shape for answer in answers} == {(len(task.query_x), outputs)}
    assert len(learner.support_losses) in (0, learner.steps + 1)


@each_world
def test_a_learner_embeds_each_example(name: str, kind: Kind) -> None:
    place = world(name, kind)
    task = place.task(0)
    with torch.no_grad():
        learner = place.algorithm.adapt(place.state(), task.support, place.noise(0, task))
        assert learner.embed(task.query_x).shape == (
            len(task.query_x),
            place.algorithm.backbone.features,
        )


@each_world
def test_adapting_and_differentiating_leave_the_state_bit_equal(name: str, kind: Kind) -> None:
    place = world(name, kind)
    state, task = place.state(), place.task(0)
    before = {key: tensor.clone() for key, tensor in (state.parameters | state.buffers).items()}
    with torch.no_grad():
        place.algorithm.adapt(state, task.support, place.noise(0, task)).scores(task.query_x)
    place.gradient(state, 1)
    after = state.parameters | state.buffers
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert not any(tensor.requires_grad for tensor in after.values())


@each_world
def test_evaluation_keeps_no_graph(name: str, kind: Kind) -> None:
    place = world(name, kind)
    task = place.task(0)
    with torch.no_grad():
        learner = place.algorithm.adapt(place.state(), task.support, place.noise(0, task))
        assert learner.scores(task.query_x).grad_fn is None


@each_world
def test_threads_give_the_gradient_of_the_plain_loop_to_the_last_bit(name: str, kind: Kind) -> None:
    place = world(name, kind)
    state = place.state()

    # Each thread computes with one core; so must the loop that it is held against.
    use_cores(1)

    def mean(threads: int) -> dict[str, torch.Tensor]:
        with TaskThreads(threads) as pool:
            found = pool.each(lambda seed: place.gradient(state, seed), range(4))
        return weighted_mean([result.gradient for result in found], [1.0] * 4)

    loop, threaded = mean(1), mean(3)
    assert all(torch.equal(loop[key], threaded[key]) for key in loop)


@pytest.mark.parametrize(
    ("name", "kind"), [pair for pair in WORLDS if ALGORITHMS[pair[0]].traits.folds]
)
@pytest.mark.parametrize("norm", ["support", "query_batch"])
def test_folded_tasks_give_the_gradient_of_the_plain_loop(name: str, kind: Kind, norm: str) -> None:
    place = world(name, kind)
    place.algorithm.norm = NormConfig(train=norm)
    state, seeds = place.state(), range(3)
    loop = [place.gradient(state, seed) for seed in seeds]
    tasks = [place.task(seed) for seed in seeds]
    parts = ("support_x", "support_y", "query_x", "query_y")
    stacked = [torch.stack([getattr(task, part) for task in tasks]) for part in parts]
    steps = place.algorithm.training_steps()
    noise = [place.noise(seed, task, steps) for seed, task in zip(seeds, tasks, strict=True)]
    folded = fold(place.algorithm, state, TaskBatch(*stacked, tasks[0].n_way), noise)
    for one, other in zip(folded, loop, strict=True):
        assert one.loss == pytest.approx(other.loss, abs=1e-12)
        assert torch.allclose(one.scores, other.scores, rtol=0, atol=1e-10)
        for key in other.gradient:
            assert torch.allclose(one.gradient[key], other.gradient[key], rtol=0, atol=1e-10), key


@each_world
def test_the_same_seed_gives_the_same_numbers(name: str, kind: Kind) -> None:
    first, second = (world(name, kind).gradient(world(name, kind).state(3), 5) for _ in range(2))
    assert first.loss == second.loss
    assert all(torch.equal(first.gradient[k], second.gradient[k]) for k in first.gradient)


@each_world
def test_every_parameter_gets_a_gradient(name: str, kind: Kind) -> None:
    place = world(name, kind)
    state = place.state()
    results = [place.gradient(state, seed) for seed in range(4)]
    mean = place.algorithm.combine(state, results, [1.0] * 4).gradient
    assert mean.keys() == state.parameters.keys()
    silent = [key for key, tensor in mean.items() if not torch.any(tensor != 0)]
    assert silent == []


@each_world
def test_a_saved_state_answers_as_before(name: str, kind: Kind, tmp_path_factory) -> None:
    place = world(name, kind)
    state, task = place.state(), place.task(0)
    file = io.BytesIO()
    Checkpoint(3, state, {}, 1.0, 0.5, 2, 1, 2).write(file)
    path = tmp_path_factory.mktemp("saved") / "checkpoint"
    path.write_bytes(file.getvalue())
    loaded = read(path, torch.device("cpu"))
    with torch.no_grad():
        answers = [
            place.algorithm.adapt(one, task.support, place.noise(0, task)).scores(task.query_x)
            for one in (state, loaded.state)
        ]
    assert torch.equal(*answers)
    assert (loaded.step, loaded.best_step, loaded.stale, loaded.validated) == (3, 2, 1, 2)


@each_world
def test_the_query_loss_falls_on_easy_tasks(name: str, kind: Kind) -> None:
    # A network of four channels bears larger inner steps than those that the defaults are for.
    inner = ALGORITHMS.config(name).model_fields.get("inner_lr")
    small = kind == "classification" and inner is not None
    place = world(name, kind, **({"inner_lr": max(inner.default, 0.01)} if small else {}))
    state, by_heart = place.state(), place.algorithm.traits.slow_start
    # The many steps that evaluation may take fit a line before anything is learned.
    steps = place.algorithm.training_steps() if kind == "regression" else None

    def loss_after_adapting(at: State) -> float:
        total = 0.0
        for seed in range(4) if by_heart else range(100, 106):
            task = place.task(seed)
            with torch.no_grad():
                noise = place.noise(seed, task, steps)
                learner = place.algorithm.adapt(at, task.support, noise, steps)
                total += float(task_loss(learner.scores(task.query_x), task.query_y))
        return total

    before = loss_after_adapting(state)
    recommended = ALGORITHMS[name].recommended
    shots = recommended.get("training.k_shot", 2)
    # Plain descent here: only a rate that is recommended for plain descent means something.
    plain = recommended.get("training.optimizer.name") == "sgd"
    rate = float(recommended["training.optimizer.lr"]) if plain else 0.5 if by_heart else 0.05
    for step in range(90):
        if step in (30, 60) and loss_after_adapting(state) < 0.9 * before:
            break  # most methods need no more
        seeds = range(4) if by_heart else range(4 * step, 4 * step + 4)
        results = [place.gradient(state, seed, shots) for seed in seeds]
        update = place.algorithm.combine(state, results, [1.0] * 4)
        # One steep task must not undo what the others taught.
        norm = gradient_norm(list(update.gradient.values()))
        pace = rate * min(1.0, STEEPEST / norm)
        moved = {k: v - pace * update.gradient[k] for k, v in state.parameters.items()}
        state = State(moved, update.buffers)
    assert loss_after_adapting(state) < 0.9 * before


@each_classifier
@pytest.mark.parametrize("n_way", [2, 7])
def test_any_number_of_ways_can_be_trained_for(name: str, n_way: int) -> None:
    place = world(name, n_way=n_way)
    assert scores(name, place.state(), place.task(0)).shape[1] == n_way
    assert place.gradient(place.state(), 0).scores.shape[1] == n_way


@each_classifier
def test_fewer_classes_than_outputs_mask_the_others(name: str) -> None:
    place, smaller = world(name, n_way=5), world(name, n_way=3).task(0)
    with torch.no_grad():
        learner = place.algorithm.adapt(place.state(), smaller.support, place.noise(0, smaller))
        assert learner.scores(smaller.query_x).shape[1] == 3


@each_classifier
def test_any_way_is_claimed_exactly_where_more_classes_than_outputs_work(name: str) -> None:
    place, larger = world(name, n_way=3), world(name, n_way=6).task(0)

    def ways() -> int:
        with torch.no_grad():
            learner = place.algorithm.adapt(place.state(), larger.support, place.noise(0, larger))
            return int(learner.scores(larger.query_x).shape[1])

    if place.algorithm.traits.any_way:
        assert ways() == 6
    else:
        with pytest.raises((IndexError, RuntimeError)):
            ways()


@each_classifier
def test_class_equivariance_is_claimed_exactly_where_renaming_classes_renames_answers(
    name: str,
) -> None:
    place = world(name)
    task, new_name = place.task(0), torch.tensor([2, 0, 1])
    renamed = replace(task, support_y=new_name[task.support_y])
    same = torch.allclose(
        scores(name, place.state(), renamed)[:, new_name],
        scores(name, place.state(), task),
        rtol=0,
        atol=1e-10,
    )
    assert same is place.algorithm.traits.class_equivariant


@each_classifier
def test_order_invariance_is_claimed_exactly_where_shuffling_the_support_changes_nothing(
    name: str,
) -> None:
    settings = {"inner_batch": 3} if name == "reptile" else {}
    place = world(name, **settings)
    task = place.task(0)
    order = torch.tensor([4, 0, 5, 2, 1, 3])
    shuffled = replace(task, support_x=task.support_x[order], support_y=task.support_y[order])
    same = torch.allclose(
        scores(name, place.state(), shuffled, **settings),
        scores(name, place.state(), task, **settings),
        rtol=0,
        atol=1e-10,
    )
    assert same is place.algorithm.traits.order_invariant


@each_classifier
def test_an_inductive_answer_does_not_depend_on_the_other_queries(name: str) -> None:
    place = world(name)
    task = place.task(0)
    with torch.no_grad():
        learner = place.algorithm.adapt(place.state(), task.support, place.noise(0, task))
        for mode in set(place.algorithm.traits.norm_eval) - {"query_batch"}:
            together = learner.scores(task.query_x, norm=mode)
            alone = torch.cat([learner.scores(one[None], norm=mode) for one in task.query_x])
            assert torch.allclose(together, alone, rtol=0, atol=1e-10), mode


@each_classifier
def test_a_transductive_answer_depends_on_the_other_queries(name: str) -> None:
    place = world(name)
    task = place.task(0)
    with torch.no_grad():
        learner = place.algorithm.adapt(place.state(), task.support, place.noise(0, task))
        together = learner.scores(task.query_x, norm="query_batch")
        fewer = learner.scores(task.query_x[:4], norm="query_batch")
    assert not torch.allclose(together[:4], fewer, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_settings_survive_being_written_as_flags(name: str) -> None:
    config = resolve({"algorithm": name})
    as_flags = {key: str(value) for key, value in to_flat(config).items() if value is not None}
    as_flags = {key: value.strip("()").replace(" ", "") for key, value in as_flags.items()}
    assert resolve(as_flags) == config


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_a_method_says_what_it_is(name: str) -> None:
    plugin = ALGORITHMS[name]
    assert plugin.title
    assert plugin.family.endswith("-based")
    assert plugin.summary.endswith(".")
    assert plugin.choose_when.endswith(".")


def test_a_support_set_knows_its_ways() -> None:
    task = world("protonet").task(0)
    assert isinstance(task.support, Support)
    assert task.support.n_way == 3


@each_classifier
def test_an_adapted_model_answers_as_evaluation_says_and_not_as_training_does(name: str) -> None:
    place = world(name)
    place.algorithm.norm = NormConfig(train="query_batch", eval="support")
    task = place.task(0)
    with torch.no_grad():
        learner = place.algorithm.adapt(place.state(), task.support, place.noise(0, task))
        answers = [learner.scores(task.query_x, norm=norm) for norm in (None, "support")]
    assert torch.equal(*answers)


BOTH = [
    name
    for name in CLASSIFIERS
    if {"support", "query_batch"} <= set(ALGORITHMS[name].traits.norm_train)
]


@pytest.mark.parametrize("name", BOTH)
def test_the_queries_of_training_are_normalised_as_training_says(name: str) -> None:
    place, found = world(name), []
    for train in ("support", "query_batch"):
        place.algorithm.norm = NormConfig(train=train, eval="support_plus_one")
        found.append(place.gradient(place.state(), 0).scores)
    assert (found[0] - found[1]).abs().max() > 1e-6


def settings_of(name: str) -> set[str]:
    return set(ALGORITHMS.config(name).model_fields)


STEPPING = [pair for pair in WORLDS if {"inner_steps", "inner_steps_eval"} <= settings_of(pair[0])]


@pytest.mark.parametrize(("name", "kind"), STEPPING)
def test_how_many_steps_evaluation_takes_changes_nothing_in_training(name: str, kind: Kind) -> None:
    few, many = (world(name, kind, inner_steps=2, inner_steps_eval=steps) for steps in (2, 4))
    state = few.state()
    first, second = (place.gradient(state, 0) for place in (few, many))
    assert first.loss == second.loss
    assert all(torch.equal(first.gradient[key], second.gradient[key]) for key in first.gradient)


SECOND_ORDER = [pair for pair in WORLDS if "second_order" in settings_of(pair[0])]


@pytest.mark.parametrize(("name", "kind"), SECOND_ORDER)
def test_the_order_changes_the_gradient_and_not_the_loss(name: str, kind: Kind) -> None:
    first, second = (world(name, kind, second_order=order) for order in (False, True))
    state = first.state()
    found = [place.gradient(state, 0) for place in (first, second)]
    assert found[0].loss == pytest.approx(found[1].loss, abs=1e-12)
    apart = [(found[0].gradient[key] - one).abs().max() for key, one in found[1].gradient.items()]
    assert max(apart) > 1e-9


WALKING = [pair for pair in WORLDS if "inner_steps_eval" in settings_of(pair[0])]


@pytest.mark.parametrize(("name", "kind"), WALKING)
def test_a_support_loss_is_that_of_the_model_after_so_many_steps(name: str, kind: Kind) -> None:
    place = world(name, kind)
    state, task = place.state(), place.task(0)
    noise = place.noise(0, task, 3)
    with torch.no_grad():
        learners = [place.algorithm.adapt(state, task.support, noise, steps) for steps in range(4)]
    found = [learner.support_losses[-1] for learner in learners]
    assert list(learners[-1].support_losses) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), WALKING)
def test_as_many_steps_are_taken_as_are_asked_for_and_else_those_of_evaluation(
    name: str, kind: Kind
) -> None:
    place = world(name, kind, inner_steps_eval=4)
    state, task = place.state(), place.task(0)
    with torch.no_grad():
        for asked, taken in ((None, 4), (0, 0), (1, 1), (7, 7)):
            noise = place.noise(0, task, asked)
            learner = place.algorithm.adapt(state, task.support, noise, asked)
            assert learner.steps == taken
