"""Each planted leak is named; a clean split raises none."""

import numpy as np
import pytest

from workbench import leaks
from workbench.bank import Bank, ClassInfo
from workbench.errors import Cancelled
from workbench.leaks import by_images, by_names
from workbench.schema.nouns import Words

WORDS = Words("character", "alphabet", "drawer")
SPLITS = {"train": (0, 1), "validation": (2,), "test": (3,)}
CLEAN = [
    "No image on two sides",
    "No rotated twin held out",
    "No near copy held out",
    "No image twice in a character",
]


def drawings(side=28):
    """Four classes of five smooth pictures, no two alike."""
    random = np.random.default_rng(3)
    coarse = random.uniform(0, 255, (4, 5, 1, 7, 7))
    return np.kron(coarse, np.ones((side // 7, side // 7))).astype(np.uint8)


def bank_of(images, names="abcd", groups=("One", "One", "Two", "Three")):
    infos = map(ClassInfo, names, groups)
    return Bank.of(list(zip(infos, images, strict=True)))


def silent(done, total):
    pass


def audited(images):
    return by_images(bank_of(images), SPLITS, WORDS, silent)


def said(statements):
    return [one.text for one in statements if one.leaks]


@pytest.mark.parametrize("side", [7, 14, 28, 84])
def test_a_clean_split_raises_none(side):
    found = audited(drawings(side))
    assert [one.text for one in found] == CLEAN
    assert said([*found, *by_names(bank_of(drawings()), SPLITS, WORDS)]) == []


def test_an_alphabet_on_two_sides_is_named():
    bank = bank_of(drawings(), groups=("One", "Two_(old)", "Two_(old)", "Three"))
    assert said(by_names(bank, SPLITS, WORDS)) == ["1 alphabet on two sides: Two (old)"]


def test_a_class_on_two_sides_is_named():
    bank = bank_of(drawings(), names="aacb", groups=("", "", "", ""))
    torn = {"train": (0,), "validation": (3,), "test": (1, 2)}
    assert said(by_names(bank, torn, WORDS)) == ["1 character on two sides: a"]
    same = {"train": (0, 1), "validation": (2,), "test": (1,)}
    assert said(by_names(bank_of(drawings()), same, WORDS)) == [
        "1 alphabet on two sides: One",
        "1 character on two sides: One b",
    ]


def test_a_copy_on_the_held_out_side_is_named_with_its_source():
    images = drawings()
    images[3, 2] = images[0, 4]
    assert said(audited(images)) == ["1 image on two sides: Three d is One a"]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_rotation_of_a_training_class_on_the_test_side_is_named_with_its_angle(turn):
    """The whole class: all five images of d are those of b, turned."""
    images = drawings()
    images[3] = np.rot90(images[1], turn, axes=(-2, -1))
    words = f"5 rotated twins held out: Three d is One b turned by {90 * turn}°"
    assert said(audited(images)) == [words]


def changed(image, how):
    """The same picture as another program would have saved it."""
    random = np.random.default_rng(5)
    picture = image.astype(float)
    if how == "noise":
        picture += random.normal(0, 3, picture.shape)
    elif how == "darker":
        picture = 10 + 0.8 * picture
    elif how == "one pixel":
        picture[0, 0, 0] = 255 - picture[0, 0, 0]
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("turn", [0, 3])
@pytest.mark.parametrize("how", ["noise", "darker", "one pixel"])
def test_a_near_copy_is_named_though_no_pixel_needs_to_be_the_same(how, turn):
    images = drawings()
    images[2, 1] = np.rot90(changed(images[0, 0], how), turn, axes=(-2, -1))
    turned = f" turned by {90 * turn}°" if turn else ""
    assert said(audited(images)) == [f"1 near copy held out: Two c is One a{turned}"]


def test_an_image_twice_in_a_class_is_named():
    images = drawings()
    images[1, 4] = images[1, 0]
    (found,) = [one for one in audited(images) if not one.holds]
    assert found.text == "1 image twice in a character: One b"
    assert not found.leaks, "no class is on two sides for it"


def test_blank_sheets_are_no_near_copies_of_each_other():
    images = drawings()
    images[0, 0], images[3, 0] = 0, 1
    assert said(audited(images)) == []


def test_colour_and_sides_that_differ_are_compared_too():
    random = np.random.default_rng(0)
    images = np.kron(random.uniform(0, 255, (4, 3, 3, 4, 5)), np.ones((8, 8))).astype(np.uint8)
    images[3, 0] = np.rot90(images[0, 0], 2, axes=(-2, -1))
    images[2, 0] = changed(images[1, 2], "noise")
    assert said(audited(images)) == [
        "1 rotated twin held out: Three d is One a turned by 180°",
        "1 near copy held out: Two c is One b",
    ]


def test_many_leaks_are_counted_and_three_are_named():
    images = np.concatenate([drawings(), drawings()])
    names, groups = "abcdefgh", ["g"] * 8
    bank = bank_of(images, names, groups)
    splits = {"train": (0, 1, 2, 3), "validation": (4, 5), "test": (6, 7)}
    assert said(by_images(bank, splits, WORDS, silent)) == [
        "20 images on two sides: g e is g a, g f is g b, g g is g c …"
    ]


def test_whoever_gives_up_is_heard():
    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        by_images(bank_of(drawings()), SPLITS, WORDS, stop)


def test_whoever_gives_up_is_heard_while_near_copies_are_compared(monkeypatch):
    """Four turns of four parts each, and every block of pairs: more than the turns alone."""
    monkeypatch.setattr(leaks, "BLOCK", 2)
    heard = []
    images = drawings()[:2].copy()
    images[1] = images[0] ^ 1
    bank = bank_of(images, "ab", ("One", "Two"))
    splits = {"train": (0,), "test": (1,)}
    found = by_images(bank, splits, WORDS, lambda done, total: heard.append((done, total)))
    assert said(found) == ["5 near copies held out: Two b is One a"]
    turns = [done for done, total in heard if total == 4]
    assert turns == sorted(turns)
    assert min(turns.count(turn) for turn in range(4)) >= 5
    assert turns.count(0) > 5, "blocks of pairs are heard too"


def test_a_split_that_is_empty_leaks_nothing():
    bank = bank_of(drawings())
    assert said(by_images(bank, {"train": (0, 1)}, WORDS, silent)) == []


def test_of_a_large_set_some_images_are_read_and_it_is_said(monkeypatch):
    monkeypatch.setattr(leaks, "MOST_READ", 7)
    images = drawings()
    images[3, 3] = images[0, 3]  # every third: images 0 and 3 of each class
    found = [one.text for one in audited(images) if one.leaks]
    assert found == ["1 image on two sides: Three d is One a (one image in 3 looked at)"]
