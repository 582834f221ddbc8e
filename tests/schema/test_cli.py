import pytest

from workbench.errors import ConfigError
from workbench.schema.catalogue import Catalogue
from workbench.schema.cli import refuse_leftover, refuse_unknown, take_settings


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


def test_settings_are_taken_out_of_the_arguments(catalogue):
    words = ["train", "--algorithm", "maml", "--task.n_way=7", "--json", "--training.steps", "9"]
    settings, rest = take_settings(words, catalogue)
    assert settings == {"algorithm.name": "maml", "task.n_way": "7", "training.steps": "9"}
    assert rest == ["train", "--json"]


def test_the_long_form_of_a_choice_means_the_same(catalogue):
    assert take_settings(["--algorithm.name", "maml"], catalogue)[0] == {"algorithm.name": "maml"}


def test_a_switch_may_stand_alone(catalogue):
    settings, _ = take_settings(["--algorithm.second_order", "--task.n_way", "5"], catalogue)
    assert settings == {"algorithm.second_order": "true", "task.n_way": "5"}


def test_a_negative_number_is_a_value(catalogue):
    assert take_settings(["--algorithm.inner_lr", "-1e-3"], catalogue)[0] == {
        "algorithm.inner_lr": "-1e-3"
    }


def test_a_flag_without_its_value_is_refused(catalogue):
    with pytest.raises(ConfigError, match=r"--task\.n_way needs a value"):
        take_settings(["--task.n_way", "--json"], catalogue)


def test_an_unknown_flag_is_answered_with_the_nearest(catalogue):
    with pytest.raises(ConfigError) as caught:
        refuse_unknown(catalogue, ["--algorithm.iner_lr", "3"], ["--json"])
    assert [(p.message, p.hint) for p in caught.value.problems] == [
        ("There is no flag --algorithm.iner_lr.", "Did you mean --algorithm.inner_lr?")
    ]


def test_a_setting_of_another_algorithm_is_refused_and_its_owners_named(catalogue):
    with pytest.raises(ConfigError) as caught:
        refuse_leftover(catalogue, {"algorithm.name": "protonet", "algorithm.inner_lr": "1"})
    problem = caught.value.problems[0]
    assert problem.message == "protonet has no setting inner_lr."
    assert "maml" in problem.hint


def test_a_setting_that_means_nothing_for_the_data_is_left_out_with_a_note(catalogue):
    notes = refuse_leftover(catalogue, {"dataset.name": "sinusoid", "task.n_way": "5"})
    assert notes == ["--task.n_way means nothing for sinusoid; it is left out."]
