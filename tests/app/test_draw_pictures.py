"""Pictures on the board: in the colours of a model's data set, and not larger than needed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import workbench.datasets  # noqa: F401 - registers them
from workbench import pictures
from workbench.app.canvas import QUERY, Cell, Desk
from workbench.app.pages.draw.models import channels_of
from workbench.app.pages.draw.own import OwnPictures
from workbench.schema.catalogue import Catalogue
from workbench.sources import DATASETS


def test_a_model_is_asked_in_the_colours_that_its_data_set_has() -> None:
    catalogue = Catalogue.load()
    names = [option.name for option in catalogue.options("dataset")]
    found = {name: channels_of({"dataset.name": name}, catalogue) for name in names}
    assert found == {name: getattr(DATASETS[name], "channels", 1) for name in names}
    assert (found["cifar_fs"], found["mini_imagenet"], found["omniglot"]) == (3, 3, 1)
    own = {"dataset.name": "image_folder", "dataset.colour": True}
    assert channels_of(own, catalogue) == 3


def test_a_large_photograph_is_unpacked_and_kept_no_larger_than_it_is_needed() -> None:
    """1,600 x 1,200 with 512 enough: half is 800 x 600, a quarter too little."""
    slope = np.linspace(0, 120, 1600 * 1200).reshape(1200, 1600).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(slope).save(out, "JPEG")
    assert pictures.decode(out.getvalue(), "slope").size == (1600, 1200)
    small = pictures.decode(out.getvalue(), "slope", enough=512)
    assert small.size == (800, 600)
    for fit in ("crop", "pad", "stretch"):
        whole = pictures.together([Image.fromarray(slope)], 64, fit)[0]
        wanted = pictures.pixels(Image.fromarray(slope), (1, 64, 64), fit)
        assert np.abs(whole.astype(int) - wanted).max() <= 3
    assert pictures._reduced(Image.fromarray(slope), 64, "crop").size == (178, 134)


def test_pictures_that_find_no_place_are_not_even_read(qtbot: QtBot, tmp_path: Path) -> None:
    """A class takes 20. The rest of the files is not there at all."""
    Image.new("L", (30, 30), 60).save(tmp_path / "0.png")
    desk, page = Desk(), QWidget()
    qtbot.addWidget(page)
    own = OwnPictures(desk, lambda: ("pad", False), page)
    said: list[str] = []
    own.done.connect(said.append)
    own.failed.connect(lambda message, _hint: said.append(message))
    own.take([tmp_path / "0.png"] * 20 + [tmp_path / "none.png"] * 9, Cell(0, 0))
    assert len(desk.board.classes[0].drawn) == 20
    assert ["20 of 29" in words for words in said] == [True]
    own.take([tmp_path / "0.png", tmp_path / "none.png"], QUERY)
    assert desk.board.query.image is not None
    assert "1 of 2" in said[-1]
