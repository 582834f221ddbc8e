import numpy as np
import pytest
import torch

from workbench.bank import Bank
from workbench.errors import DataError
from workbench.services.own_data import as_images, as_labels, save_arrays

PICTURES = np.arange(10 * 4 * 4, dtype=np.uint8).reshape(10, 4, 4)


def test_images_get_a_channel_and_keep_their_values():
    images = as_images(PICTURES)
    assert images.shape == (10, 1, 4, 4)
    assert (images[:, 0] == PICTURES).all()


def test_floats_become_256_levels_from_numpy_and_torch_alike():
    floats = np.array([[[0.0, 0.5], [1.0, 0.25]]], np.float32)
    expected = [[[[0, 128], [255, 64]]]]
    assert as_images(floats).tolist() == expected
    assert as_images(torch.from_numpy(floats)).tolist() == expected


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 4)), "Images have the shape 3 × 4; "),
        (np.zeros((0, 4, 4)), "Images have the shape 0 × 4 × 4; "),
        (np.full((2, 4, 4), 3.0), "Images range from 3 to 3; "),
        (np.full((2, 4, 4), np.nan), "Images range from nan to nan; "),
        (np.full((2, 4, 4), "x"), "Images hold <U1; "),
    ],
)
def test_what_is_no_picture_is_refused_with_what_it_is(array, message):
    with pytest.raises(DataError) as caught:
        as_images(array)
    assert caught.value.message.startswith(message)


def test_labels_must_be_one_for_each_image():
    with pytest.raises(DataError, match="10 images and 9 labels"):
        as_labels(np.zeros(9), 10)


def test_classes_without_splits_are_shared_out_and_no_class_is_in_two(tmp_path):
    labels = np.repeat(np.arange(5), 2)
    bank = Bank.open(save_arrays((PICTURES, labels), tmp_path))
    groups = {info.name: info.group for info in bank.classes}
    assert sorted(groups) == ["0", "1", "2", "3", "4"]
    assert sorted(groups.values()) == ["test", "train", "train", "train", "validation"]
    number = [info.name for info in bank.classes].index("3")
    assert (bank.class_images(number)[:, 0] == PICTURES[labels == 3]).all()


def test_given_splits_are_kept(tmp_path):
    data = {"train": {"a": PICTURES[:2], "b": PICTURES[2:4]}, "test": {"a": PICTURES[4:6]}}
    bank = Bank.open(save_arrays(data, tmp_path))
    assert [(c.group, c.name) for c in bank.classes] == [
        ("train", "a"),
        ("train", "b"),
        ("test", "a"),
    ]


def test_the_same_arrays_are_written_once(tmp_path):
    data = {"a": PICTURES[:5], "b": PICTURES[5:]}
    assert save_arrays(data, tmp_path) == save_arrays(data, tmp_path)
    assert save_arrays({**data, "c": PICTURES}, tmp_path) != save_arrays(data, tmp_path)


def test_images_of_two_sizes_are_refused(tmp_path):
    with pytest.raises(DataError, match="2 different sizes: 1 × 3 × 3, 1 × 4 × 4"):
        save_arrays({"a": PICTURES, "b": PICTURES[:, :3, :3]}, tmp_path)
