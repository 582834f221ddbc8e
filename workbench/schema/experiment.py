"""The settings of a whole experiment: fixed sections, and one plug-in of each registry.

`experiment_model` joins them into the one model that validates a form, a file and a command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol, Union

import pydantic

from workbench.schema.config import Config, setting
from workbench.schema.outer_loop import AdamConfig, ConstantConfig, Optimizer, Schedule
from workbench.schema.registry import Registry
from workbench.schema.tasks import AugmentConfig, ClassesConfig, TaskConfig

NormMode = Literal["support", "support_plus_one", "query_batch", "running", "per_step"]

NORM_WORDS = {
    "support": "of the support set",
    "support_plus_one": "of the support set and one query",
    "query_batch": "of all queries (transductive)",
    "running": "running averages",
    "per_step": "running averages of each inner step",
}


class NormConfig(Config, title="Normalisation"):
    """Whose statistics batch normalisation uses."""

    train: NormMode = setting(
        "support",
        choices=NORM_WORDS,
        label="In training",
        help="Where batch normalisation takes its mean and variance from while training.",
    )
    eval: NormMode = setting(
        "support",
        choices=NORM_WORDS,
        label="In evaluation",
        help="The same while evaluating and drawing. Statistics of all queries let a model peek "
        "at the others: such a figure is called transductive and is always reported beside an "
        "inductive one.",
    )


class TrainingConfig(Config, title="Outer loop"):
    """How the starting point is learned."""

    steps: int = setting(
        1000,
        ge=1,
        le=10_000_000,
        suggest=(100, 60_000),
        unit="outer steps",
        help="How many times the starting point is improved.",
    )
    meta_batch: int = setting(
        16,
        ge=1,
        le=1024,
        suggest=(1, 64),
        label="Meta-batch",
        symbol="T",
        unit="tasks per step",
        help="How many tasks are averaged in one outer step.",
    )
    seed: int = setting(
        0,
        ge=0,
        le=2**31 - 1,
        help="Decides every random choice: the first weights, the tasks, the noise.",
    )
    optimizer: Optimizer = setting(
        AdamConfig(), label="Optimiser", help="How the outer gradient moves the starting point."
    )
    schedule: Schedule = setting(
        ConstantConfig(), label="Rate schedule", help="How the outer rate changes during the run."
    )
    clip_norm: float = setting(
        0.0,
        ge=0,
        le=1e6,
        label="Clip gradient",
        unit="largest norm, 0 is off",
        help="Shortens an outer gradient that is longer than this, so that one odd task cannot "
        "throw the run off.",
    )
    n_way: int | None = setting(
        None,
        ge=2,
        le=1000,
        label="Ways in training",
        applies="classification",
        help="Classes in a training task, if not as in the task. Prototypical networks train "
        "better "
        "with more.",
    )
    k_shot: int | None = setting(
        None,
        ge=1,
        le=1000,
        label="Shots in training",
        help="Labelled examples in a training task, if not as in the task.",
    )
    queries: int | None = setting(
        None,
        ge=1,
        le=1000,
        label="Queries in training",
        help="Queries in a training task, if not as in the task.",
    )
    strategy: Literal["auto", "threads", "folded"] = setting(
        "auto",
        choices={
            "auto": "the quickest here",
            "threads": "a thread for each core",
            "folded": "all in one pass",
        },
        label="Map over tasks",
        advanced=True,
        help="How the tasks of one step are computed. All in one pass suits small networks and "
        "GPUs; where a method cannot, its tasks are cut among threads.",
    )
    threads: int = setting(
        0,
        ge=0,
        le=256,
        label="Processor threads",
        unit="0 is one per core",
        advanced=True,
        help="How many processor cores a run may use. The same number gives the same bits.",
    )


class ValidationConfig(Config, title="Validation and checkpoints"):
    """How often the run looks at held-out classes and saves itself."""

    every: int = setting(
        100,
        ge=1,
        le=1_000_000,
        label="Validate every",
        unit="steps",
        help="How often the model is tried on tasks of classes that it never trains on.",
    )
    tasks: int = setting(
        200,
        ge=2,
        le=100_000,
        label="Validation tasks",
        unit="fixed tasks",
        help="How many tasks are tried each time; always the same ones, so that two "
        "validations can "
        "be compared.",
    )
    patience: int = setting(
        0,
        ge=0,
        le=10_000,
        label="Early stopping",
        unit="validations, 0 is off",
        help="Stop when so many validations in a row bring no improvement.",
    )
    save_every: int = setting(
        100,
        ge=1,
        le=1_000_000,
        label="Save every",
        unit="steps",
        help="How often a checkpoint is written. A run that dies goes on from its last one.",
    )


class EvaluationConfig(Config, title="Evaluation"):
    """The number at the end."""

    tasks: int = setting(
        600,
        ge=2,
        le=1_000_000,
        label="Test tasks",
        unit="fixed tasks",
        help="How many tasks the final figure is averaged over. More make its interval narrower.",
    )
    seed: int = setting(
        11,
        ge=0,
        le=2**31 - 1,
        label="Task seed",
        help="Decides which tasks are drawn. The same seed gives the same tasks to every "
        "algorithm.",
    )


class Experiment(Protocol):
    """What `experiment_model` makes, for those who read it."""

    @property
    def dataset(self) -> Config: ...
    @property
    def algorithm(self) -> Config: ...
    @property
    def backbone(self) -> Config: ...
    @property
    def sampler(self) -> Config: ...
    @property
    def task(self) -> TaskConfig: ...
    @property
    def classes(self) -> ClassesConfig: ...
    @property
    def augment(self) -> AugmentConfig: ...
    @property
    def norm(self) -> NormConfig: ...
    @property
    def training(self) -> TrainingConfig: ...
    @property
    def validation(self) -> ValidationConfig: ...
    @property
    def evaluation(self) -> EvaluationConfig: ...
    @property
    def device(self) -> str: ...


_WORDS = {
    "dataset": ("Data set", "Where the tasks come from."),
    "algorithm": ("Algorithm", "How to learn to learn."),
    "backbone": ("Network", "What turns an example into features."),
    "sampler": ("Task sampling", "Which tasks come next."),
}


def experiment_model(
    registries: Mapping[str, Registry[Any]], defaults: Mapping[str, str]
) -> type[Config]:
    """The model of a whole experiment.

    Args:
        registries: by root key, in the order shown: dataset, algorithm, backbone, sampler.
        defaults: by root key, the plug-in chosen where nobody chooses.
    """
    choices: dict[str, Any] = {}
    for key, registry in registries.items():
        models = tuple(registry.config(name) for name in registry)
        annotation = Union[models] if len(models) > 1 else models[0]  # noqa: UP007 - run time
        if len(models) > 1:
            annotation = Annotated[annotation, pydantic.Field(discriminator="name")]
        default = registry.config(defaults[key])()
        label, words = _WORDS.get(key, (key.capitalize(), f"Which {key} to use."))
        choices[key] = (annotation, setting(default, label=label, help=words))
    fixed: dict[str, Any] = {
        "task": (TaskConfig, TaskConfig()),
        "classes": (ClassesConfig, ClassesConfig()),
        "augment": (AugmentConfig, AugmentConfig()),
        "norm": (NormConfig, NormConfig()),
        "training": (TrainingConfig, TrainingConfig()),
        "validation": (ValidationConfig, ValidationConfig()),
        "evaluation": (EvaluationConfig, EvaluationConfig()),
        "device": (
            str,
            setting(
                "auto",
                help="Where to compute: cpu, cuda, cuda:1, mps, or auto for the fastest there is.",
            ),
        ),
    }
    return pydantic.create_model("Experiment", __base__=Config, **choices, **fixed)
