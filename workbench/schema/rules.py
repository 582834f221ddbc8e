"""What no single setting can tell: rules between settings.

They need no torch, so the window checks while one types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from workbench.errors import Problem
from workbench.schema.rows import DataFacts, Option

WEIGHED = 4  # tasks of a step, offered where weights need several


class Options(Protocol):
    """The part of the catalogue that the rules read."""

    def options(self, root: str) -> list[Option]: ...

    def option(self, root: str, name: str) -> Option | None: ...


def across(catalogue: Options, values: Mapping[str, Any], facts: DataFacts | None) -> list[Problem]:
    """The problems between settings.

    Args:
        catalogue: to look plug-ins up in.
        values: every setting that applies, complete.
        facts: what is known of the loaded data set; None takes what the catalogue says of it.
    """
    dataset = catalogue.option("dataset", str(values.get("dataset.name")))
    if dataset is None:
        return []
    known = facts or DataFacts(_images_per_class(dataset, values), dataset.facts.get("classes", {}))
    problems = [*_required(values, dataset), *_kinds(catalogue, values, dataset)]
    problems += _weighed(catalogue, values)
    if dataset.kind == "classification":
        problems += _ways(catalogue, values)
        problems += _least(values)
        problems += _images(values, dataset, known)
        problems += _classes(values, dataset, known)
    return problems


def _required(values: Mapping[str, Any], dataset: Option) -> Iterator[Problem]:
    for name, hint in dataset.facts.get("required", {}).items():
        if not values.get(f"dataset.{name}"):
            yield Problem(f"dataset.{name}", f"{dataset.title} cannot do without this.", hint)


def _kinds(catalogue: Options, values: Mapping[str, Any], dataset: Option) -> Iterator[Problem]:
    for root in ("algorithm", "backbone", "sampler"):
        option = catalogue.option(root, str(values.get(f"{root}.name")))
        if option is None or option.does(dataset.kind):
            continue
        able = [other for other in catalogue.options(root) if other.does(dataset.kind)]
        titles = ", ".join(other.title for other in able)
        yield Problem(
            f"{root}.name",
            f"{option.title} does {' and '.join(option.kinds)}; {dataset.title} is {dataset.kind}.",
            f"Choose {titles}, or another data set." if able else "Choose another data set.",
            able[0].name if able else None,
        )


def _ways(catalogue: Options, values: Mapping[str, Any]) -> Iterator[Problem]:
    algorithm = catalogue.option("algorithm", str(values.get("algorithm.name")))
    tested, trained = values.get("task.n_way"), values.get("training.n_way")
    if algorithm is None or algorithm.any_way or trained in {None, tested}:
        return
    able = [o.title for o in catalogue.options("algorithm") if o.any_way]
    other = f", or choose {' or '.join(able)}" if able else ""
    yield Problem(
        "training.n_way",
        f"{algorithm.title} answers one number of ways: it cannot train with {trained} "
        f"and be tested with {tested}.",
        f"Leave the ways in training empty{other}.",
        tested,
    )


def _weighed(catalogue: Options, values: Mapping[str, Any]) -> Iterator[Problem]:
    sampler = catalogue.option("sampler", str(values.get("sampler.name")))
    if sampler is None or not sampler.importance or values.get("training.meta_batch") != 1:
        return
    yield Problem(
        "training.meta_batch",
        f"{sampler.title} sampling weighs the tasks of a step against each other; one alone "
        "always weighs 1.",
        f"Take {WEIGHED} tasks per step, or choose another sampler.",
        WEIGHED,
    )


def _least(values: Mapping[str, Any]) -> Iterator[Problem]:
    for least_key, most_key, words in (
        ("task.least_ways", "task.n_way", "ways"),
        ("task.least_shots", "task.k_shot", "shots"),
    ):
        least, most = values.get(least_key), values.get(most_key)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            message = f"The fewest {words} are {least}, the most {most}."
            yield Problem(least_key, message, f"Lower it to {most}, or leave it empty.", most)


def _images_per_class(dataset: Option, values: Mapping[str, Any]) -> int | None:
    stated = dataset.facts.get("images_per_class")
    found = values.get(f"dataset.{stated}") if isinstance(stated, str) else stated
    return found if isinstance(found, int) else None


def _images(values: Mapping[str, Any], dataset: Option, facts: DataFacts) -> Iterator[Problem]:
    have = facts.images_per_class
    if have is None:
        return
    blamed: set[str] = set()
    for prefix in ("task", "training"):
        shots_key, shots = _own_or_task(values, prefix, "k_shot")
        queries_key, queries = _own_or_task(values, prefix, "queries")
        if not _whole(shots, queries) or shots + queries <= have:
            continue
        at_fault = queries_key if have > shots else shots_key
        if at_fault in blamed:
            continue
        blamed.add(at_fault)
        need = f"{_count(shots, 'shot')} and {_count(queries, 'query', 'queries')}"
        noun = f"{dataset.title} {dataset.facts.get('noun', 'class')}"
        message = f"{need} need {shots + queries} images; each {noun} has {have}."
        otherwise = "or choose a data set with more images per class."
        if at_fault == queries_key:
            hint = f"Lower the queries to {have - shots}, {otherwise}"
            yield Problem(at_fault, message, hint, have - shots)
        else:
            hint = f"Lower the shots to at most {have - 1}, {otherwise}"
            yield Problem(at_fault, message, hint, max(1, have - queries))


def _classes(values: Mapping[str, Any], dataset: Option, facts: DataFacts) -> Iterator[Problem]:
    for prefix, splits in (("task", ("validation", "test")), ("training", ("train",))):
        key, ways = _own_or_task(values, prefix, "n_way")
        for split in splits:
            have = facts.classes.get(split)
            if have is None or not _whole(ways) or ways <= have:
                continue
            yield Problem(
                key,
                f"A {ways}-way task needs {ways} classes; "
                f"the {split} split of {dataset.title} has {have}.",
                f"Lower the ways to {have}, or choose a data set with more classes."
                if have >= 2
                else "Choose a data set with more classes.",
                have if have >= 2 else None,
            )
            break


def _own_or_task(values: Mapping[str, Any], prefix: str, name: str) -> tuple[str, Any]:
    """The key and value that count: training's own where there is one, the task's otherwise."""
    key = f"{prefix}.{name}"
    if values.get(key) is None:
        key = f"task.{name}"
    return key, values.get(key)


def _whole(*values: Any) -> bool:
    return all(isinstance(value, int) for value in values)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"
