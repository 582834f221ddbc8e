"""A person's own files, dropped and typed."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.app.data.worlds import PATIENCE_MS, choose, drop, type_over
from tests.datasets.published import four_files
from workbench.app.main import Workbench
from workbench.app.pages.data import DataPage


def test_a_truncated_zip_is_said_in_the_panel_and_nothing_can_be_trained_on_it(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    broken = tmp_path / "images_background.zip"
    broken.write_bytes(b"PK\x03\x04 cut off in the middle")
    choose(page, "omniglot")
    assert page.source.isVisible()
    assert page.browse.grid.isHidden() or not page.browse.grid.isVisible()
    page.source.path.setText(str(broken))
    QTest.keyClick(page.source.path, Qt.Key.Key_Return)
    qtbot.waitUntil(page.source.problem.isVisible, timeout=PATIENCE_MS)
    assert "images_background.zip" in page.source.problem.message()
    assert not page.use.isEnabled()
    assert page.use.toolTip()
    choose(page, "glyphs")
    assert page.use.isEnabled()
    assert not page.source.problem.isVisible()


def test_a_dropped_omniglot_is_shown_and_used_for_training(
    qtbot: QtBot, page: DataPage, omniglot_path: Path
) -> None:
    drop(page, omniglot_path)
    qtbot.waitUntil(
        lambda: page.sets.current == "omniglot" and page.sets.shown.view is not None,
        timeout=PATIENCE_MS,
    )
    view = page.sets.shown.view
    assert view is not None
    assert len(view.groups) == 30
    assert {split: sum(g.split == split for g in view.groups) for split in view.splits} == {
        "train": 20,
        "validation": 5,
        "test": 5,
    }
    QTest.mouseClick(page.use, Qt.MouseButton.LeftButton)
    draft = page._context.draft
    assert draft.value("dataset.name") == "omniglot"
    assert draft.value("dataset.path") == str(omniglot_path)
    assert page._context.shell.current_page() == "Train"


def test_a_dropped_folder_of_photographs_is_a_data_set_of_its_own(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    for number, name in enumerate(("ant", "bee", "cat", "dog", "elk", "fox")):
        folder = tmp_path / "animals" / name
        folder.mkdir(parents=True)
        for image in range(4):
            colour = (40 * number, 255 - 40 * number, 60 * image)
            Image.new("RGB", (64, 48), colour).save(folder / f"{image}.jpg")
    (tmp_path / "animals" / "cat" / "notes.txt").write_text("hello")
    drop(page, tmp_path / "animals")
    assert page.sets.current == "image_folder"
    qtbot.waitUntil(lambda: page.importer.dialog is not None, timeout=PATIENCE_MS)
    dialog, shown = page.importer.dialog, page.sets.shown
    assert dialog is not None
    assert dialog.model.keys() == ["0", "1", "2", "3", "4", "5"]
    assert "animals/cat/notes.txt" in dialog.notes[0].label.text()
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert (shown.path, shown.ready, shown.busy) == ("", None, False), "nothing was committed"
    drop(page, tmp_path / "animals")
    qtbot.waitUntil(lambda: page.importer.dialog not in (None, dialog), timeout=PATIENCE_MS)
    dialog = page.importer.dialog
    assert dialog is not None
    dialog.colour.set_value("on")
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: shown.view is not None and shown.view.bank.image_shape[0] == 3, timeout=PATIENCE_MS
    )
    assert page.groups.search.placeholderText() == "Search 6 classes"
    assert shown.lines() == ("6 classes", "24 images")
    assert shown.view is not None
    statements = [statement.text for statement in shown.view.audit()]
    assert statements == ["No class on two sides"], "classes without groups have none to tear"
    assert shown.view.held_out() == "Single classes"
    assert shown.view.image(0, 0).shape == (28, 28, 3)
    assert shown.ready is not None
    assert "animals/cat/notes.txt" in shown.ready.notes[0]
    qtbot.waitUntil(lambda: page.preview.sheet.shown() > 0, timeout=PATIENCE_MS)
    page.dressing.hide(0, True)
    page.dressing.undo()
    said = [message.text for message in page._context.shell.messages.messages()]
    assert sum("animals/cat/notes.txt" in text for text in said) == 1, "not with every change"


def test_what_cannot_be_imported_stays_said_until_it_can(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    """Also while another set, asked for before, is made ready in the background."""
    folder = tmp_path / "animals"
    folder.mkdir()
    drop(page, folder)
    qtbot.waitUntil(page.source.problem.isVisible, timeout=PATIENCE_MS)
    page.sets.changed.emit()
    assert page.source.problem.isVisible()
    for number in range(12):
        (folder / str(number)).mkdir()
        for image in range(4):
            Image.new("L", (8, 8), 10 * number).save(folder / str(number) / f"{image}.png")
    QTest.mouseClick(page.source.problem._remedy, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.importer.dialog is not None, timeout=PATIENCE_MS)
    assert not page.source.problem.isVisible()
    dialog = page.importer.dialog
    assert dialog is not None
    dialog.reject()


def test_what_is_looked_at_is_given_up_when_another_set_is_chosen(
    page: DataPage, tmp_path: Path
) -> None:
    """Or its pictures would become those of the set that is shown by then."""
    folder = tmp_path / "animals" / "ant"
    folder.mkdir(parents=True)
    Image.new("L", (20, 20)).save(folder / "1.png")
    drop(page, tmp_path / "animals")
    assert page.importer.busy
    choose(page, "glyphs")
    assert not page.importer.busy
    assert not page.source.line.isVisible()


def test_a_folder_that_is_not_called_as_a_published_one_is_a_persons_own(page: DataPage) -> None:
    reader_of = page.sets.reader_of
    for name, reader in (
        ("images_of_birds", "image_folder"),
        ("images_background.zip", "omniglot"),
        ("femnist.zip", "image_folder"),
        ("my dtd", "image_folder"),
        ("dtdata", "image_folder"),
        ("emnist-letters.zip", "emnist"),
        ("train_32x32.mat", "svhn"),
        ("vectors.NPZ", "features"),
        ("", "image_folder"),
    ):
        assert reader_of(name) == reader


def test_a_table_of_file_names_is_for_pictures_and_one_of_numbers_for_vectors(
    page: DataPage, tmp_path: Path
) -> None:
    for first, reader in (("Filename,label", "image_folder"), ("label,x,y", "features")):
        (tmp_path / "a.csv").write_text(f"\ufeff{first}\n", encoding="utf-8")
        assert page.sets.reader_of(str(tmp_path / "a.csv")) == reader
        page.sets.choose("mini_imagenet")
        assert page.sets.reader_of(str(tmp_path / "a.csv")) == reader
        page.sets.choose("glyphs")
    assert page.sets.reader_of(str(tmp_path / "none.csv")) == "features"


def test_a_file_that_is_dropped_after_a_damaged_one_is_the_only_one_that_is_spoken_of(
    qtbot: QtBot, page: DataPage, tmp_path: Path
) -> None:
    """The damaged one is not made ready once more behind it."""
    for number in range(4):
        folder = tmp_path / "animals" / f"{number}"
        folder.mkdir(parents=True)
        for image in range(2):
            Image.new("L", (20, 20), 40 * number + image).save(folder / f"{image}.png")
    damaged = tmp_path / "animals" / "0" / "2.png"
    damaged.write_bytes(b"no picture")
    drop(page, tmp_path / "animals")
    qtbot.waitUntil(lambda: page.importer.dialog is not None, timeout=PATIENCE_MS)
    dialog, shown = page.importer.dialog, page.sets.shown
    assert dialog is not None
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.failed is not None, timeout=PATIENCE_MS)
    drop(page, tmp_path / "nothing.zip")
    assert not shown.busy
    qtbot.waitUntil(lambda: "nothing.zip" in page.source.problem.message(), timeout=PATIENCE_MS)
    QTest.mouseClick(page.source.problem._remedy, Qt.MouseButton.LeftButton)
    assert page.importer.busy
    assert not shown.busy
    qtbot.waitUntil(page.source.problem.isVisible, timeout=PATIENCE_MS)
    assert "nothing.zip" in page.source.problem.message()


def test_a_file_of_which_two_sets_are_made_is_for_the_shown_one(page: DataPage) -> None:
    for name in ("cifar_fs", "fc100"):
        page.sets.choose(name)
        assert page.sets.reader_of("cifar-100-python.tar.gz") == name


def test_a_set_that_nobody_may_publish_says_which_files_it_is_read_from(page: DataPage) -> None:
    words = {name: page.sets.all[name].empty_words()[1] for name in ("mini_imagenet", "dtd")}
    assert words["mini_imagenet"].startswith("Choose the folder with train.csv, val.csv, test.csv")
    assert words["dtd"].endswith("zip or its folder, or download it above.")


def test_what_only_a_script_can_bring_has_no_card(page: DataPage, workbench: Workbench) -> None:
    offered = {
        option.name
        for option in workbench.catalogue.options("dataset")
        if not option.facts.get("scripted")
    }
    assert set(page.cards) == offered
    assert len(offered) < len(workbench.catalogue.options("dataset"))


def test_data_sets_are_found_by_a_word(page: DataPage) -> None:
    page.strip._filter("sinus")
    assert not page.cards["sinusoid"].isHidden()
    assert page.cards["glyphs"].isHidden()
    page.strip._filter("")
    assert not page.cards["glyphs"].isHidden()


def test_a_set_that_was_fetched_before_opens_when_chosen_and_offers_no_download(
    qtbot: QtBot, page: DataPage, workbench: Workbench
) -> None:
    shown = page.sets.all["kmnist"]
    choose(page, "kmnist")
    assert page.source.download.isVisible()
    type_over(page.split.form.seed.lineEdit(), "7")
    assert not shown.busy, "a seed is no wish to download"
    assert page.cards["kmnist"].state_words() == "Not here yet"
    fetched = workbench.store.root / "cache" / "downloads" / "kmnist"
    fetched.mkdir(parents=True)
    for name, content in four_files().items():
        (fetched / name).write_bytes(content)
    page.sets.prepare_quick()  # as at the next start
    qtbot.waitUntil(lambda: shown.ready is not None, timeout=PATIENCE_MS)
    assert not page.source.download.isVisible()
    assert page.cards["kmnist"].state_words() == "On this computer"
    shutil.rmtree(fetched)
    shown.ready, shown.view, shown.here = None, None, False
    choose(page, "glyphs")
    page.sets.prepare_quick()
    qtbot.waitUntil(lambda: shown.here, timeout=PATIENCE_MS)
    assert page.cards["kmnist"].state_words() == "On this computer", "its bank outlives the files"


def test_the_fields_standard_follows_the_usual_set_and_fetched_ones_come_last(
    page: DataPage,
) -> None:
    names = list(page.cards)
    assert names[:2] == ["glyphs", "omniglot"]
    assert names.index("image_folder") < names.index("mini_imagenet")
