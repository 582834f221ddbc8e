"""Hidden classes are in no split, and a new name changes only what is read."""

import doctest

import numpy as np
import pytest

from tests.engine import worlds
from workbench.errors import ConfigError
from workbench.schema import nouns
from workbench.schema.nouns import class_key, names_of, with_name
from workbench.selection import selected
from workbench.services.draws import Draws
from workbench.services.experiment import resolve, to_flat

HIDDEN = ("alphabet 0/class 1", "alphabet 4/class 17", "no such/class")


def test_a_hidden_class_is_in_no_split_and_no_task():
    data = selected(worlds.pictures(), HIDDEN, ())
    assert data.splits["train"] == (0, *range(2, 12))
    assert data.splits["test"] == (16, 18, 19)
    session = worlds.session(classes__hidden=HIDDEN)
    assert session.spec.classes == 11
    drawn = [
        Draws(to_flat(session.config), worlds.pictures(), "test").image_task(i) for i in range(40)
    ]
    classes = {int(task.pool.classes[p]) for task in drawn for p in task.positions}
    assert classes == {16, 18, 19}


def test_a_run_records_what_is_hidden_and_reads_it_again():
    config = worlds.session(classes__hidden=HIDDEN, classes__renamed=("a/b=c",)).config
    assert to_flat(config)["classes.hidden"] == HIDDEN
    assert resolve(to_flat(config)) == config


def test_too_many_hidden_classes_are_said_with_both_numbers():
    with pytest.raises(ConfigError) as caught:
        worlds.session(classes__hidden=[f"alphabet 4/class {n}" for n in (16, 17)])
    assert "the test split has 2" in caught.value.problems[0].message


def test_a_new_name_changes_no_image():
    data = worlds.pictures()
    named = selected(data, (), with_name((), class_key("alphabet 0", "class 1"), "Alpha"))
    assert named.bank.classes[1].title == "alphabet 0, Alpha"
    assert named.bank.classes[2] == data.bank.classes[2]
    assert named.bank.images is data.bank.images
    assert named.splits == data.splits


@pytest.mark.parametrize("name", ["a,b", "x=y", "50%", "50%2C", "α / β", "a%3Db,c"])
def test_any_name_survives_a_list_and_a_flag(name):
    keys = (class_key("", name), class_key("g", name))
    assert len(set(keys)) == 2
    assert all("," not in key and "=" not in key for key in keys)
    config = resolve({"classes.hidden": ",".join(keys)})
    assert config.classes.hidden == keys
    renamed = with_name(with_name((), keys[0], "old"), keys[0], name)
    assert names_of(resolve({"classes.renamed": ",".join(renamed)}).classes.renamed) == {
        keys[0]: name
    }
    assert with_name(renamed, keys[0], "") == ()


def test_nothing_hidden_leaves_the_data_as_they_are():
    data = worlds.pictures()
    assert selected(data, (), ()) is data
    tasks = worlds.session().tasks("train", 0, 3)
    hidden = worlds.session(classes__renamed=("alphabet 0/class 1=x",)).tasks("train", 0, 3)
    np.testing.assert_array_equal(tasks.support_x, hidden.support_x)


def test_the_examples_of_names_hold():
    assert doctest.testmod(nouns).failed == 0
