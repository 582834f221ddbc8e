import numpy as np
import pytest
from PIL import Image

from workbench.errors import DataError
from workbench.services.pictures import class_folders, picture_files, read_pictures


def _picture(path, dark_on_light=True, mode="L"):
    ink = np.zeros((20, 20), np.uint8)
    ink[8:12, 2:18] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(255 - ink if dark_on_light else ink).convert(mode).save(path)
    return path


def test_dark_ink_on_paper_and_light_ink_on_black_are_read_alike(tmp_path):
    files = [_picture(tmp_path / "a.png"), _picture(tmp_path / "b.png", dark_on_light=False)]
    one, other = read_pictures(files, (1, 20, 20))
    assert (one == other).all()
    assert (one[0, 10, 10], one[0, 0, 0]) == (255, 0)


def test_a_picture_is_brought_to_the_size_and_channels_of_the_model(tmp_path):
    file = _picture(tmp_path / "a.png", mode="RGB")
    assert read_pictures([file], (1, 14, 14)).shape == (1, 1, 14, 14)
    assert read_pictures([file], (3, 14, 14)).shape == (1, 3, 14, 14)


def test_what_shines_through_is_paper(tmp_path):
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (2, 8, 18, 12))
    clear.save(tmp_path / "a.png")
    assert (
        read_pictures([tmp_path / "a.png"], (1, 20, 20))
        == read_pictures([_picture(tmp_path / "b.png")], (1, 20, 20))
    ).all()


def test_a_text_file_named_png_is_named_in_the_error(tmp_path):
    (tmp_path / "notes.png").write_text("these are notes")
    with pytest.raises(DataError, match=r"notes\.png is not a readable image"):
        read_pictures([tmp_path / "notes.png"], (1, 14, 14))


def test_each_folder_is_a_class(tmp_path):
    _picture(tmp_path / "b" / "1.png")
    _picture(tmp_path / "a" / "2.png")
    _picture(tmp_path / "a" / "1.png")
    found = class_folders(tmp_path)
    assert {name: [f.name for f in files] for name, files in found.items()} == {
        "a": ["1.png", "2.png"],
        "b": ["1.png"],
    }


def test_a_folder_without_classes_says_what_is_needed(tmp_path):
    _picture(tmp_path / "1.png")
    with pytest.raises(DataError, match="has no folders; one for each class is needed"):
        class_folders(tmp_path)


def test_an_empty_class_is_named(tmp_path):
    _picture(tmp_path / "a" / "1.png")
    (tmp_path / "b").mkdir()
    with pytest.raises(DataError, match=r"There is no picture in .*b"):
        class_folders(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"There is no file .*gone\.png"):
        picture_files([tmp_path / "gone.png"])
