import json
import pickle
from typing import Annotated, Literal

import pydantic
import pytest

from workbench.errors import ConfigError
from workbench.schema.catalogue import Catalogue
from workbench.schema.config import Config, Count, setting, validate
from workbench.schema.describe import describe


class Left(Config, title="Left"):
    """Turns left."""

    name: Literal["left"] = "left"
    angle: float = setting(90.0, gt=0, le=180, symbol="φ", unit="degrees", help="How far.")
    steps: tuple[Count, ...] = setting((1, 2), help="How often.")


class Right(Config, title="Right"):
    """Turns right."""

    name: Literal["right"] = "right"
    quick: bool = setting(True, help="At once.")
    mode: Literal["a", "b"] = setting("a", choices={"a": "first", "b": "second"}, help="Which.")


class Walk(Config, title="Walk"):
    """A walk."""

    turn: Annotated[Left | Right, pydantic.Field(discriminator="name")] = setting(
        Left(), help="Where to turn."
    )
    pause: int | None = setting(None, ge=1, help="Seconds, if any.")


class Trip(Config):
    walk: Walk = Walk()
    place: str = setting("", path=True, help="Where it starts.")


TREE = describe(Trip, lambda root, name: {})


def test_all_problems_are_reported_at_once_each_at_its_dotted_key():
    wrong = {"walk": {"turn": {"name": "left", "angle": 200, "speed": 1}, "pause": 0}}
    with pytest.raises(ConfigError) as caught:
        validate(Trip, wrong)
    said = {problem.path: problem.message for problem in caught.value.problems}
    assert said == {
        "walk.turn.angle": "Angle is 200; the most is 180.0.",
        "walk.turn.speed": "There is no setting called speed here.",
        "walk.pause": "Pause is 0; the least is 1.",
    }


def test_an_unknown_option_names_the_known_ones():
    with pytest.raises(ConfigError) as caught:
        validate(Trip, {"walk": {"turn": {"name": "up"}}})
    problem = caught.value.problems[0]
    assert (problem.path, problem.hint) == ("walk.turn", "Known: left, right.")


def test_a_list_may_come_as_text():
    walk = validate(Trip, {"walk": {"turn": {"name": "left", "steps": "3, 4"}}}).walk
    assert walk.turn.steps == (3, 4)


def test_a_config_error_survives_the_way_between_processes():
    with pytest.raises(ConfigError) as caught:
        validate(Trip, {"walk": {"pause": 0}})
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.problems == caught.value.problems
    assert copy.hint == caught.value.hint


def test_the_description_is_plain_data():
    assert json.loads(json.dumps(TREE)) == TREE


def test_the_description_keeps_what_was_declared():
    walk = TREE["fields"][0]
    turn = walk["fields"][0]
    angle = turn["options"][0]["fields"][0]
    assert (walk["type"], walk["label"], walk["help"]) == ("section", "Walk", "A walk.")
    assert (turn["type"], turn["default"]) == ("union", "left")
    assert [option["summary"] for option in turn["options"]] == ["Turns left.", "Turns right."]
    assert angle == {
        "key": "angle",
        "label": "Angle",
        "help": "How far.",
        "type": "float",
        "default": 90.0,
        "gt": 0,
        "le": 180,
        "symbol": "φ",
        "unit": "degrees",
    }


def test_the_rows_of_an_option_appear_when_it_is_chosen():
    catalogue = Catalogue(TREE)
    default = [row.key for row in catalogue.rows({})]
    chosen = [row.key for row in catalogue.rows({"walk.turn": "right"})]
    assert default == [
        "walk.turn.name",
        "walk.turn.angle",
        "walk.turn.steps",
        "walk.pause",
        "place",
    ]
    assert chosen == ["walk.turn.name", "walk.turn.quick", "walk.turn.mode", "walk.pause", "place"]


def test_the_same_mistake_is_described_alike_with_and_without_pydantic():
    """The window checks by the catalogue, the worker by the model; both must find the same rows."""
    wrong = {"walk.turn.name": "left", "walk.turn.angle": -1, "walk.pause": 0, "walk.x": 1}
    light = {problem.path for problem in Catalogue(TREE).check(wrong)}
    with pytest.raises(ConfigError) as caught:
        validate(Trip, {"walk": {"turn": {"name": "left", "angle": -1}, "pause": 0, "x": 1}})
    assert light == {problem.path for problem in caught.value.problems}


def test_the_range_of_a_list_is_asked_of_each_of_its_numbers():
    steps = TREE["fields"][0]["fields"][0]["options"][0]["fields"][1]
    assert (steps["type"], steps["ge"]) == ("ints", 1)
    with pytest.raises(ConfigError) as caught:
        validate(Trip, {"walk": {"turn": {"name": "left", "steps": "3,0"}}})
    assert caught.value.problems[0].path == "walk.turn.steps"
