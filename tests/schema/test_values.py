import pytest

from workbench.schema.rows import Row
from workbench.schema.values import nearest, read

STEPS = Row("a.steps", "Steps", "int", default=5, ge=1, le=50)
RATE = Row("a.rate", "Rate", "float", default=0.1, gt=0, lt=1)
ON = Row("a.on", "On", "bool", default=False)
WIDTHS = Row("a.widths", "Widths", "ints", default=(40, 40), ge=1)
MODE = Row("a.mode", "Mode", "choice", default="x", choices=(("x", "X"), ("y", "Y")))
MAYBE = Row("a.maybe", "Maybe", "int", ge=1, nullable=True)


@pytest.mark.parametrize(
    ("row", "given", "meant"),
    [
        (STEPS, "7", 7),
        (STEPS, 7.0, 7),
        (STEPS, "1e1", 10),
        (RATE, "1e-3", 0.001),
        (ON, "yes", True),
        (ON, "off", False),
        (WIDTHS, "3, 4,5", (3, 4, 5)),
        (WIDTHS, [3, 4], (3, 4)),
        (MODE, "y", "y"),
        (MAYBE, "none", None),
        (MAYBE, "", None),
    ],
)
def test_a_value_is_read_as_the_type_of_its_row(row, given, meant):
    assert read(row, given) == (meant, None)


@pytest.mark.parametrize(
    ("row", "given", "message", "remedy"),
    [
        (STEPS, 0, "Steps is 0; the least is 1.", 1),
        (STEPS, "51", "Steps is 51; the most is 50.", 50),
        (RATE, 0.0, "Rate is 0; it must be above 0.", 0.1),
        (RATE, 1, "Rate is 1; it must be below 1.", 0.1),
        (RATE, "nan", 'Rate is "nan"; it must be a finite number.', 0.1),
        (STEPS, "ten", 'Steps is "ten"; it must be a whole number.', 5),
        (STEPS, 2.5, "Steps is 2.5; it must be a whole number.", 5),
        (STEPS, True, "Steps is True; it must be a whole number.", 5),
        (ON, "perhaps", 'On is "perhaps"; it must be true or false.', False),
        (WIDTHS, "3,0", "Widths is 0; the least is 1.", 1),
        (MODE, "z", 'Mode is "z"; it must be one of x, y.', "x"),
    ],
)
def test_a_wrong_value_names_both_numbers_and_a_remedy(row, given, message, remedy):
    problem = read(row, given)[1]
    assert (problem.path, problem.message, problem.remedy) == (row.key, message, remedy)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (STEPS, "1 – 50"),
        (RATE, "above 0, below 1"),
        (WIDTHS, "1 or more"),
        (Row("k", "K", "float", ge=0, lt=1), "from 0, below 1"),
        (Row("k", "K", "float", gt=0, le=10), "above 0, up to 10"),
        (Row("k", "K", "float", le=1000), "up to 1,000"),
        (ON, ""),
    ],
)
def test_a_range_is_said_in_words(row, words):
    assert row.range_words == words


def test_the_nearest_word_is_proposed_and_a_far_one_is_not():
    assert nearest("inner_rl", ["inner_lr", "steps"]) == "inner_lr"
    assert nearest("zzz", ["inner_lr", "steps"]) == ""
