"""What was found of a split's images is remembered beside them, and of no other."""

import json
from dataclasses import replace

import numpy as np
import pytest

from workbench.bank import Bank, ClassInfo
from workbench.leaks import Statement
from workbench.services.audits import audit_images
from workbench.sources import ImageData

VALUES = {"dataset": "glyphs"}
SPLITS = {"train": (0, 1), "test": (2,)}


@pytest.fixture
def data(tmp_path):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (3, 4, 1, 16, 16), np.uint8)
    images[2, 0] = images[0, 0]
    infos = [ClassInfo(name, "") for name in "abc"]
    bank = Bank.of(list(zip(infos, images, strict=True))).save(tmp_path / "bank")
    return ImageData(bank, SPLITS, False, str(bank.folder))


def looked(data):
    """The statements, and whether the images were looked at for them."""
    told = []
    found = audit_images(VALUES, data, lambda *given: told.append(given))
    return found, bool(told)


def test_a_second_audit_of_the_same_split_looks_at_nothing(data):
    first, second = looked(data), looked(data)
    assert (first[1], second[1]) == (True, False)
    assert first[0] == second[0]
    assert first[0][0] == Statement("1 image on two sides: c is a", False)


def test_another_split_another_name_and_another_bank_are_looked_at_anew(data, tmp_path):
    looked(data)
    turned = replace(data, splits={"train": (1, 2), "test": (0,)})
    assert looked(turned) == (
        [Statement("1 image on two sides: a is c", False), *looked(data)[0][1:]],
        True,
    )
    classes = (ClassInfo("x", ""), *data.bank.classes[1:])
    found, anew = looked(replace(data, bank=replace(data.bank, classes=classes)))
    assert (found[0].text, anew) == ("1 image on two sides: c is x", True)
    images = data.bank.images.copy()
    images[8] = 0
    other = Bank(images, data.bank.starts, data.bank.classes).save(data.folder)
    found, anew = looked(replace(data, bank=other))
    assert (found[0].holds, anew) == (True, True)


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"no": 1}]', json.dumps("x")])
def test_a_damaged_memory_is_forgotten(data, text):
    first, _ = looked(data)
    (place,) = data.bank.folder.glob("leaks-*.json")
    place.write_text(text)
    assert looked(data) == (first, True)


def test_data_without_a_folder_are_looked_at_each_time(data):
    bare = replace(data, folder="")
    assert looked(bare)[1]
    assert looked(bare)[1]
