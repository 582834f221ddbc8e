"""Presets: how files build on each other, and how a budget becomes a preset of every method."""

from __future__ import annotations

from pathlib import Path

from workbench.schema.presets import load_presets
from workbench.services.experiment import catalogue


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(f'title = "T"\nsummary = "S"\n{text}')


def test_a_preset_lies_over_the_one_that_it_extends(tmp_path: Path) -> None:
    write(
        tmp_path,
        _base='[algorithm]\nname = "maml"\ninner_steps = 9\n[training]\nsteps = 5\nseed = 1',
        over='extends = "_base"\n[training]\nsteps = 7',
    )
    (preset,) = load_presets(tmp_path)  # a name that begins with _ is not offered
    assert (preset.name, preset.title, preset.summary) == ("over", "T", "S")
    assert preset.values == {
        "algorithm.name": "maml",
        "algorithm.inner_steps": 9,
        "training.steps": 7,
        "training.seed": 1,
    }


def test_a_preset_of_another_method_keeps_nothing_of_the_former_ones_settings(
    tmp_path: Path,
) -> None:
    write(
        tmp_path,
        _base='[algorithm]\nname = "maml"\ninner_steps = 9\n[training]\nsteps = 5',
        over='extends = "_base"\nalgorithm = "fomaml"',
    )
    (preset,) = load_presets(tmp_path)
    assert preset.values == {"algorithm.name": "fomaml", "training.steps": 5}


def test_a_budget_is_as_many_tasks_for_every_method() -> None:
    known = catalogue()
    for method in known.options("algorithm"):
        values = known.complete({"preset": f"{method.name}-brief"})
        assert values["algorithm.name"] == method.name
        tasks = values["training.steps"] * values["training.meta_batch"]
        assert tasks == 2000, method.name
        assert (values["task.n_way"], values["task.k_shot"]) == (5, 1)


def test_a_method_is_offered_its_own_presets_and_those_of_any() -> None:
    known = catalogue()
    names = {preset.name for preset in known.presets("maml")}
    assert {"maml-brief", "maml-cpu", "maml-paper", "glyphs-quick"} <= names
    assert not any(name.startswith(("reptile", "fomaml")) for name in names)
    assert {p.name for p in known.presets("reptile")} < {p.name for p in known.presets()}


def test_every_method_with_a_paper_of_its_own_has_the_papers_settings() -> None:
    known = catalogue()
    names = {preset.name for preset in known.presets()}
    own = {
        option.name
        for option in known.options("algorithm")
        if option.paper and not option.paper.label.startswith("After")
    }
    assert {name for name in own if f"{name}-paper" not in names} == set()


def test_titles_tell_presets_apart() -> None:
    titles = [preset.title for preset in catalogue().presets()]
    assert len(set(titles)) == len(titles)


def test_every_preset_is_valid_and_says_nothing_that_does_not_apply() -> None:
    known = catalogue()
    for preset in known.presets():
        values = {"preset": preset.name}
        assert known.check(values) == [], preset.name
        if "algorithm.name" in preset.values:
            assert known.leftover(values) == [], preset.name
