import shlex
import subprocess
import sys

import pytest

from workbench.errors import Problem
from workbench.schema.catalogue import Catalogue
from workbench.schema.rows import DataFacts, Preset


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


def _by_path(problems):
    return {problem.path: problem for problem in problems}


def test_the_catalogue_is_read_without_torch_or_pydantic():
    code = (
        "import sys; from workbench.schema.catalogue import Catalogue; Catalogue.load().rows({}); "
        "print([m for m in ('torch', 'pydantic', 'PySide6') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_setting_has_a_sentence_and_a_label(catalogue):
    bare = [
        row.key
        for option in catalogue.options("algorithm")
        for row in catalogue.rows({"algorithm": option.name})
        if not row.help.endswith(".") or not row.label
    ]
    assert bare == []


def test_the_rows_of_another_option_replace_those_of_the_first(catalogue):
    maml = {row.key for row in catalogue.rows({"algorithm": "maml"})}
    protonet = {row.key for row in catalogue.rows({"algorithm": "protonet"})}
    assert "algorithm.inner_lr" in maml - protonet
    assert "algorithm.name" in maml & protonet


def test_what_has_no_meaning_for_the_kind_of_data_is_not_shown(catalogue):
    assert "task.n_way" in catalogue.defaults({"dataset": "glyphs"})
    assert "task.n_way" not in catalogue.defaults({"dataset": "sinusoid"})


def test_defaults_are_layered_and_the_person_wins():
    tree = {
        "fields": [
            _union(
                "dataset",
                [
                    {
                        "name": "d",
                        "title": "D",
                        "fields": [],
                        "recommended": {"a": 1, "b": 1, "c": 1},
                    }
                ],
            ),
            _union(
                "algorithm",
                [{"name": "m", "title": "M", "fields": [], "recommended": {"b": 2, "c": 2}}],
            ),
            *(
                {"key": key, "label": key, "type": "int", "default": 0}
                for key in ("a", "b", "c", "d")
            ),
        ]
    }
    catalogue = Catalogue(tree, [Preset("p", "P", "", {"c": 3})])
    assert _last4(catalogue.defaults({})) == [1, 2, 2, 0]
    assert _last4(catalogue.complete({"preset": "p"})) == [1, 2, 3, 0]
    assert _last4(catalogue.complete({"preset": "p", "c": 4, "a": 9})) == [9, 2, 4, 0]


def _union(key, options):
    return {
        "key": key,
        "label": key,
        "type": "union",
        "default": options[0]["name"],
        "options": options,
    }


def _last4(values):
    return [values[key] for key in ("a", "b", "c", "d")]


def test_a_recommended_option_brings_its_own_settings_and_loses_them_when_another_is_chosen(
    catalogue,
):
    """Reptile recommends SGD at rate 1; Adam at rate 1 would be nonsense."""
    reptile = catalogue.defaults({"algorithm": "reptile"})
    assert reptile["training.optimizer.name"] == "sgd"
    adam = catalogue.defaults({"algorithm": "reptile", "training.optimizer": "adam"})
    assert adam["training.optimizer.lr"] == 1e-3  # as declared
    assert adam["training.optimizer.name"] == "sgd"  # what Reset goes back to


def test_every_recommendation_and_preset_is_valid(catalogue):
    for root in ("dataset", "algorithm"):
        for option in catalogue.options(root):
            assert set(catalogue.expand(option.recommended)) <= catalogue.keys, option.name
            kinds = option.kinds or (option.kind,)
            data = [d.name for d in catalogue.options("dataset") if d.kind in kinds]
            values = {f"{root}.name": option.name}
            values |= {f"{root}.{key}": "there" for key in option.facts.get("required", {})}
            if root == "algorithm":
                values["dataset.name"] = data[0]
            elif option.kind == "regression":
                values["algorithm.name"] = "maml"
            assert catalogue.check(values) == [], option.name
    for preset in catalogue.presets():
        assert catalogue.check({"preset": preset.name}) == [], preset.name


def test_wrong_values_are_all_reported_each_under_its_row(catalogue):
    wrong = {"task.n_way": 1, "training.steps": "ten", "tsk.n_way": 5, "algorithm": "mamml"}
    problems = _by_path(catalogue.check(wrong))
    assert set(problems) == {"task.n_way", "training.steps", "tsk.n_way", "algorithm.name"}
    assert problems["tsk.n_way"].hint == "Did you mean task.n_way?"
    assert problems["algorithm.name"] == Problem(
        "algorithm.name", 'There is no algorithm called "mamml".', "Did you mean maml?", "maml"
    )


def test_a_data_set_that_cannot_do_without_a_setting_asks_for_it_under_its_row(catalogue):
    (problem,) = catalogue.check({"dataset": "arrays"})
    assert (problem.path, problem.message) == ("dataset.path", "Own arrays cannot do without this.")
    assert catalogue.check({"dataset": "arrays", "dataset.path": "there"}) == []


def test_too_many_queries_name_both_numbers_and_the_remedy(catalogue):
    facts = DataFacts(images_per_class=20)
    problems = catalogue.check({"algorithm": "maml", "task.queries": 20}, facts)
    assert [problem.path for problem in problems] == ["task.queries"]
    assert problems[0].message.startswith("1 shot and 20 queries need 21 images; each ")
    assert problems[0].message.endswith(" has 20.")
    assert problems[0].hint.startswith("Lower the queries to 19, or ")
    assert problems[0].remedy == 19


def test_training_has_no_more_queries_than_a_person_asks_for_in_the_test(catalogue):
    """MAML recommends 5 in training."""
    few = catalogue.complete({"algorithm": "maml", "task.queries": 2})
    many = catalogue.complete({"algorithm": "maml", "task.queries": 9})
    own = catalogue.complete({"algorithm": "maml", "task.queries": 2, "training.queries": 7})
    assert [one["training.queries"] for one in (few, many, own)] == [None, 5, 7]


def test_too_many_shots_are_blamed_on_the_shots_once(catalogue):
    facts = DataFacts(images_per_class=20)
    problems = catalogue.check({"algorithm": "maml", "task.k_shot": 25}, facts)
    assert [problem.path for problem in problems] == ["task.k_shot"]


def test_more_ways_than_a_split_has_classes_are_refused(catalogue):
    facts = DataFacts(classes={"train": 100, "validation": 8, "test": 10})
    problems = catalogue.check({"algorithm": "maml", "task.n_way": 9}, facts)
    assert [(p.path, p.remedy) for p in problems] == [("task.n_way", 8)]
    assert "A 9-way task needs 9 classes; the validation split" in problems[0].message


def test_a_method_that_cannot_do_the_kind_of_data_is_refused(catalogue):
    problems = catalogue.check({"dataset": "sinusoid", "algorithm": "protonet"})
    assert [problem.path for problem in problems] == ["algorithm.name"]
    assert catalogue.option("algorithm", problems[0].remedy).does("regression")


def test_a_method_with_one_number_of_ways_cannot_train_with_another(catalogue):
    values = {"algorithm": "maml", "task.n_way": 5, "training.n_way": 10}
    problems = catalogue.check(values)
    assert [(p.path, p.remedy) for p in problems] == [("training.n_way", 5)]
    assert catalogue.check({**values, "algorithm": "protonet"}) == []


@pytest.mark.parametrize("sampler", ["importance_weighted", "importance_delta"])
def test_weights_among_the_tasks_of_a_step_need_several(catalogue, sampler):
    values = {"algorithm": "protonet", "sampler": sampler}
    problems = catalogue.check(values)
    assert [(p.path, p.remedy) for p in problems] == [("training.meta_batch", 4)]
    assert catalogue.check({**values, "training.meta_batch": 4}) == []
    assert catalogue.check({**values, "sampler": "weighted"}) == []


def test_the_command_line_says_only_what_differs(catalogue):
    values = {
        "algorithm.name": "maml",
        "algorithm.inner_lr": 0.4,
        "task.n_way": 5,
        "training.optimizer.name": "sgd",
    }
    words = shlex.split(catalogue.command(values))
    assert words[:2] == ["fewshot-workbench", "train"]
    assert words[2:] == [
        "--algorithm", "maml", "--training.optimizer", "sgd", "--algorithm.inner_lr", "0.4",
    ]  # fmt: skip


def test_the_command_line_quotes_what_a_shell_would_split(catalogue):
    values = {"dataset.name": "arrays", "dataset.path": "/a folder/b"}
    assert "--dataset.path '/a folder/b'" in catalogue.command(values)
