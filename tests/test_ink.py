"""The pen, the one resize, and Omniglot's stroke files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench import ink
from workbench.errors import DataError


def stroke(*points: tuple[float, float]) -> ink.Stroke:
    return np.array(points, np.float32)


def test_an_empty_drawing_is_blank_paper() -> None:
    image = ink.render([])
    assert image.shape == (105, 105)
    assert image.dtype == np.uint8
    assert not image.any()


def test_a_lone_point_is_a_dot_as_wide_as_the_pen() -> None:
    """Pixels whose centres lie within 2.5 pixels of a pixel's centre: 21 of the 25 around it."""
    image = ink.render([stroke((52.5 / 105, 52.5 / 105))])
    assert (image == 255).sum() == 21
    assert image[52, 50:55].all()
    assert not image[50, 50]


def test_x_runs_right_and_y_runs_down() -> None:
    image = ink.render([stroke((0.1, 0.8), (0.3, 0.8))])
    rows, columns = np.nonzero(image)
    assert rows.mean() == pytest.approx(0.8 * 105 - 0.5, abs=0.5)
    assert columns.mean() == pytest.approx(0.2 * 105 - 0.5, abs=0.5)


def test_strokes_are_not_joined_to_one_another() -> None:
    image = ink.render([stroke((0.1, 0.5), (0.2, 0.5)), stroke((0.8, 0.5), (0.9, 0.5))])
    assert image[52, 15]
    assert image[52, 88]
    assert not image[52, 52]


def test_a_line_has_no_gaps_at_any_size_or_pen() -> None:
    for size in (28, 105, 400):
        for width in (0.5, 2.0, 5.0):
            image = ink.render([stroke((0.1, 0.13), (0.9, 0.87))], size, width)
            assert image[:, int(0.15 * size) : int(0.85 * size)].any(axis=0).all()


def test_a_drawing_covers_the_same_part_of_the_paper_at_any_size() -> None:
    strokes = [stroke((0.2, 0.2), (0.8, 0.5), (0.3, 0.9))]
    small, large = ((ink.render(strokes, size) > 0).mean() for size in (105, 420))
    assert small == pytest.approx(large, rel=0.05)


def test_what_leaves_the_paper_is_cut_off_and_harms_nothing() -> None:
    wild = [stroke((0.5, 0.5), (1e9, 0.5)), stroke((-3, -3)), stroke((0.5, -1e9), (0.5, 1e9))]
    image = ink.render(wild)
    assert image[52, 52:].all()
    assert image[:, 52].all()
    assert not image[:40, :40].any()


def test_many_drawings_at_once_equal_each_alone() -> None:
    paths = [ink.follow(stroke((0.1, 0.1 * k), (0.9, 0.5))) for k in range(1, 6)]
    number = np.repeat(np.arange(5), [len(path) for path in paths])
    together = ink.render_points(np.concatenate(paths), number, 5)
    alone = [ink.render_points(p, np.zeros(len(p), np.intp), 1)[0] for p in paths]
    np.testing.assert_array_equal(together, np.stack(alone))


def test_a_followed_path_has_no_step_longer_than_asked() -> None:
    path = ink.follow(stroke((0.1, 0.1), (0.1, 0.1), (0.9, 0.3)), spacing=0.01)
    assert np.hypot(*np.diff(path, axis=0).T).max() <= 0.01 + 1e-6
    np.testing.assert_allclose(path[[0, -1]], [(0.1, 0.1), (0.9, 0.3)], atol=1e-6)


@pytest.mark.parametrize("size", [1, 14, 28, 84, 105, 200])
def test_resize_equals_pillow_within_one_grey_level(size: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 105, 105), np.uint8)
    ours = ink.resize(images, size).astype(int)
    theirs = [
        np.array(Image.fromarray(i).resize((size, size), Image.Resampling.BILINEAR)) for i in images
    ]
    assert np.abs(ours - np.stack(theirs)).max() <= 1


def test_resize_keeps_leading_axes_and_makes_oblong_images_square() -> None:
    assert ink.resize(np.zeros((2, 3, 1, 40, 30), np.uint8), 28).shape == (2, 3, 1, 28, 28)
    assert (ink.resize(np.full((9, 17), 255, np.uint8), 28) == 255).all()


def test_resizing_to_the_same_size_gives_a_copy_of_its_own() -> None:
    image = np.zeros((28, 28), np.uint8)
    ink.resize(image, 28)[0, 0] = 9
    assert image[0, 0] == 0


def test_a_stroke_file_is_read_as_it_was_drawn() -> None:
    """Omniglot counts y downwards as negative, from the centre of the first pixel."""
    strokes = ink.read_strokes("START\n0,0,0\n104,-104,66\nBREAK\n52,-10,70\nBREAK\n")
    assert [len(s) for s in strokes] == [2, 1]
    np.testing.assert_allclose(strokes[0], [(0.5 / 105, 0.5 / 105), (104.5 / 105, 104.5 / 105)])
    np.testing.assert_allclose(strokes[1], [(52.5 / 105, 10.5 / 105)])


def test_blank_lines_empty_strokes_and_a_missing_last_break_do_no_harm() -> None:
    strokes = ink.read_strokes("START\r\nBREAK\r\n\r\n1,-1,0\r\n2,-2,5")
    assert [len(s) for s in strokes] == [2]
    assert ink.read_strokes("") == []


@pytest.mark.parametrize("line", ["a,b,c", "7", "nan,-3,0", "1e999,-3,0", "<html>"])
def test_a_line_that_is_no_point_is_named(line: str) -> None:
    with pytest.raises(DataError, match="Line 3 of the stroke file") as error:
        ink.read_strokes(f"START\n1,-1,0\n{line}\n")
    assert "x,y,milliseconds" in error.value.hint


def test_the_pen_draws_real_strokes_as_omniglot_does(
    omniglot_path: Path, strokes_path: Path
) -> None:
    """Over all 2,720 drawings the mean intersection over union is 0.940; here over every 40th."""
    overlaps = []
    with zipfile.ZipFile(strokes_path) as strokes, zipfile.ZipFile(omniglot_path) as images:
        for name in sorted(n for n in strokes.namelist() if n.endswith(".txt"))[::40]:
            twin = name.replace("strokes_", "images_").replace(".txt", ".png")
            with images.open(twin) as file, Image.open(file) as picture:
                real = np.asarray(picture.convert("L")) == 0
            ours = ink.render(ink.read_strokes(strokes.read(name).decode())) > 0
            overlaps.append((ours & real).sum() / (ours | real).sum())
    assert np.mean(overlaps) > 0.93
