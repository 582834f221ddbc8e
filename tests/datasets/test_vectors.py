"""Feature vectors: blobs that are drawn, and a person's own."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.datasets import blobs, features
from workbench.errors import DataError
from workbench.published import vectors
from workbench.services.experiment import resolve
from workbench.sources import ImageData

# ------------------------------------------------------------------------------ levels


def test_a_level_is_a_255th_of_the_range_of_its_feature() -> None:
    values = np.array([[0.0, 5.0, 7.0], [1.0, 10.0, 7.0], [0.5, 0.0, 7.0]])
    found = vectors.levels(values, values.min(axis=0), values.max(axis=0))
    assert found.shape == (3, 1, 1, 3)
    assert found[:, 0, 0].tolist() == [[0, 128, 0], [255, 255, 0], [128, 0, 0]]


# ------------------------------------------------------------------------------ blobs


def drawn(tmp_path: Path, **settings: Any) -> ImageData:
    return blobs.Blobs(blobs.Config(**settings)).load(tmp_path, lambda *_: None)


def test_blobs_are_where_their_formula_puts_them(tmp_path: Path) -> None:
    """With s = 3 and sigma = 1 the reach is 4 sqrt(10) = 12.65 to either side: a level is 0.0992.
    The mean of 400 points is off its centre by 1/20, three times that at most in these few."""
    data = drawn(tmp_path, classes=10, examples=400, features=4, spread=3.0, deviation=1.0)
    reach = 4 * np.sqrt(10)
    back = data.bank.images[:, 0, 0] / 255 * 2 * reach - reach
    for number in range(10):
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence((0, number))))
        centre = 3.0 * random.standard_normal(4)
        own = back[400 * number : 400 * (number + 1)]
        assert np.abs(own.mean(axis=0) - centre).max() < 0.25
        assert own.std() == pytest.approx(np.hypot(1.0, centre.std()), rel=0.1)


def test_a_blob_stays_when_more_are_asked_for(tmp_path: Path) -> None:
    few, many = drawn(tmp_path, classes=5), drawn(tmp_path, classes=20)
    assert np.array_equal(few.bank.images, many.bank.images[: len(few.bank.images)])


def test_blobs_that_stand_apart_are_told_apart_by_their_nearest_mean(tmp_path: Path) -> None:
    """Centres are sqrt(2 * 16) * 4 = 22.6 apart, points sqrt(16) * 1 = 4 from theirs."""
    data = drawn(tmp_path, classes=20, examples=10, spread=4.0, deviation=1.0)
    points = data.bank.images[:, 0, 0].astype(float).reshape(20, 10, 16)
    means = points[:, :5].mean(axis=1)
    asked = points[:, 5:].reshape(-1, 16)
    nearest = np.linalg.norm(asked[:, None] - means, axis=-1).argmin(axis=1)
    assert (nearest == np.repeat(np.arange(20), 5)).all()


def test_a_perceptron_is_recommended_for_vectors() -> None:
    for name in ("blobs", "features"):
        values: dict[str, Any] = {"dataset": name}
        if name == "features":
            values["dataset.path"] = __file__
        assert resolve(values).backbone.name == "mlp"


# ------------------------------------------------------------------------------ a person's own


def table(tmp_path: Path, text: str, name: str = "v.csv") -> Path:
    place = tmp_path / name
    place.write_text(text, encoding="utf-8")
    return place


def load(place: Path, **settings: Any) -> ImageData:
    config = features.Config(path=str(place), **settings)
    return features.Features(config).load(place.parent / "cache", lambda *_: None)


def refused(place: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        load(place)
    cache = place.parent / "cache"
    assert not cache.exists() or not list(cache.iterdir())
    assert caught.value.hint
    return caught.value


ROWS = [(c, i) for c in range(5) for i in range(3)]


def test_a_table_is_read_with_quotes_newlines_groups_and_splits(tmp_path: Path) -> None:
    sides = ["train", "Train", "train", "val", "test"]
    lines = ["\ufeffLabel,width,group,split,height"]
    lines += [f'"a, ""{c}""\nb",{c}.5,g{c},{sides[c]},{10 * i}' for c, i in ROWS]
    data = load(table(tmp_path, "\n".join(lines)))
    assert [len(numbers) for numbers in data.splits.values()] == [3, 1, 1]
    assert data.split_given
    assert data.bank.image_shape == (1, 1, 2)
    assert sorted(info.name for info in data.bank.classes) == [f'a, "{c}"\nb' for c in range(5)]
    last = next(n for n, info in enumerate(data.bank.classes) if info.group == "g4")
    assert data.bank.class_images(last)[:, 0, 0].tolist() == [[255, 0], [255, 128], [255, 255]]


@pytest.mark.parametrize("form", ["csv", "npz", "npy"])
def test_the_three_forms_hold_the_same(tmp_path: Path, form: str) -> None:
    values = np.array([[c, i] for c, i in ROWS], np.float32)
    labels = np.array([f"class {c}" for c, _ in ROWS])
    place = tmp_path / f"v.{form}"
    if form == "npz":
        np.savez(place, features=values, labels=labels)
    elif form == "npy":
        np.save(place, values)
        np.save(tmp_path / "labels.npy", labels)
    else:
        lines = ["x,y,label", *(f"{c},{i},class {c}" for c, i in ROWS)]
        table(tmp_path, "\n".join(lines))
        # "y" is also how arrays of labels are called, but not beside a column called label.
    data = load(place)
    assert data.bank.counts.tolist() == [3] * 5
    assert [len(numbers) for numbers in data.splits.values()] == [3, 1, 1]
    assert data.bank.class_images(4)[2, 0, 0].tolist() == [255, 255]


def test_the_splits_follow_the_seed(tmp_path: Path) -> None:
    place = table(tmp_path, "label,x\n" + "\n".join(f"{n % 20},{n}" for n in range(60)))
    one, same, other = (load(place, seed=seed).splits for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_class_with_one_vector_is_left_out_and_named_also_the_second_time(
    tmp_path: Path,
) -> None:
    lines = ["label,x", *(f"{c},{i}" for c, i in ROWS), "alone,7"]
    place = table(tmp_path, "\n".join(lines))
    for _ in range(2):
        data = load(place)
        assert len(data.bank.classes) == 5
        words = "Left out, for a task needs two vectors of each class: alone; one each."
        assert data.notes == (words,)


def test_classes_whose_names_differ_in_capitals_alone_are_refused(tmp_path: Path) -> None:
    names = ["Cat", "cat", "CAT"]
    lines = ["label,x", *(f"{names[i % 3]},{i}" for i in range(9))]
    error = refused(table(tmp_path, "\n".join(lines)))
    assert error.message == "Classes whose names differ in capitals alone: CAT, Cat, cat."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "its first line has no column label: it is empty"),
        ("name,x\na,1", "its first line has no column label: name, x"),
        ("label,x\na,1,2", "line 2 has 3 values, the first has 2"),
        ("label,x\na,many", "line 2: could not convert string to float: 'many'"),
        ('label,x\n"a,1', "unexpected end of data"),
        ("label,x,split\na,1,later", "its split 'later' is none of train, validation and test"),
    ],
)
def test_a_table_that_cannot_be_followed_is_refused(tmp_path: Path, text: str, words: str) -> None:
    place = table(tmp_path, text)
    assert refused(place).message == f"{place} cannot be used: {words}."


@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
def test_a_value_that_is_no_number_is_found(tmp_path: Path, value: str) -> None:
    place = table(tmp_path, f"label,x\na,1\na,{value}")
    words = f"Vector 2 of {place} holds a value that is not a finite number."
    assert refused(place).message == words


def test_arrays_that_hold_pickles_are_refused_and_run_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "taken",))

    for form in ("npy", "npz"):
        place = tmp_path / f"v.{form}"
        objects = np.array([Evil()], object)
        if form == "npy":
            np.save(place, objects, allow_pickle=True)
        else:
            np.savez(place, features=objects, labels=np.array(["a"]))
        assert "cannot be used" in refused(place).message
        assert not (tmp_path / "taken").exists()
        place.unlink()
    place = tmp_path / "w.npy"
    place.write_bytes(pickle.dumps(Evil()))
    assert "cannot be used" in refused(place).message
    assert not (tmp_path / "taken").exists()


def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "v.npz"
    np.savez(place, features=np.zeros((4, 2)), labels=np.zeros(3))
    assert refused(place).message.endswith("it has 4 vectors and 3 of label.")
    np.savez(place, features=np.zeros((4, 2, 2)), labels=np.zeros(4))
    assert "not (vectors, features)" in refused(place).message
    np.savez(place, images=np.zeros((4, 2)))
    assert refused(place).message.endswith("it holds images, not features and labels.")


def test_an_archive_of_arrays_that_unpacks_to_more_than_there_is_room_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "MOST_BYTES", 1 << 20)
    place = tmp_path / "v.npz"
    np.savez_compressed(place, features=np.zeros((1 << 16, 4)), labels=np.zeros(1 << 16))
    assert place.stat().st_size < 1 << 14
    assert "it unpacks to 0 GB, of at most 0" in refused(place).message


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_an_archive_of_arrays_that_is_cut_off_is_refused(tmp_path: Path, keep: int) -> None:
    out = io.BytesIO()
    np.savez(out, features=np.zeros((40, 2)), labels=np.zeros(40))
    place = tmp_path / "v.npz"
    place.write_bytes(out.getvalue()[:keep])
    assert "cannot be used" in refused(place).message


def test_a_file_of_another_kind_and_none_are_refused(tmp_path: Path) -> None:
    place = table(tmp_path, "x", "v.txt")
    assert refused(place).message == f"{place} is no .csv, .npz or .npy."
    assert "cannot be read" in refused(tmp_path / "none.csv").message
    np.save(tmp_path / "v.npy", np.zeros((4, 2)))
    assert "cannot be read" in refused(tmp_path / "v.npy").message  # its labels
