"""Files that seem to be a published set's and are not are a sentence, and nothing worse."""

from __future__ import annotations

import hashlib
import io
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.datasets import published as make
from tests.datasets.serving import serving
from tests.datasets.test_published import load, mini_cache, put, refused
from workbench import archives
from workbench.datasets import fashion_mnist
from workbench.errors import DataError
from workbench.published import pickles


def test_two_sets_whose_files_have_the_same_names_are_fetched_into_one_cache_and_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The images of these archives are filled with the numbers of their classes; the first set's
    classes count from the end."""
    from torchvision import datasets

    theirs, own = make.four_files(), make.four_files()
    for half, count in (("train", 30), ("t10k", 10)):
        labels = 9 - np.arange(count, dtype=np.uint8) % 10
        theirs[f"{half}-labels-idx1-ubyte.gz"] = make.idx(labels)
    with serving(theirs) as first, serving(own) as second:
        for kind, files in ((datasets.KMNIST, theirs), (datasets.FashionMNIST, own)):
            sums = [(name, hashlib.md5(content).hexdigest()) for name, content in files.items()]
            monkeypatch.setattr(kind, "resources", sums)
        monkeypatch.setattr(datasets.KMNIST, "mirrors", [first.address + "/"])
        monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [second.address + "/"])
        monkeypatch.setattr(fashion_mnist, "MIRROR", second.address + "/")
        kuzushiji, fashion = (load(n, tmp_path, "").bank for n in ("kmnist", "fashion_mnist"))
    for number in range(10):
        assert set(np.unique(kuzushiji.class_images(number))) == {9 - number}
        assert set(np.unique(fashion.class_images(number))) == {number}


def test_files_that_are_here_are_read_without_torch(tmp_path: Path) -> None:
    """Whose addresses are torchvision's: loading it takes seconds."""
    put(tmp_path / "downloads" / "kmnist", make.four_files())
    program = (
        "import sys; from pathlib import Path; import workbench.datasets; "
        "from workbench.sources import DATASETS; "
        f"data = DATASETS['kmnist'](DATASETS.config('kmnist')()).load(Path({str(tmp_path)!r}), "
        "lambda *_: None); "
        "print(len(data.bank.classes), *{'torch', 'torchvision'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["10"]


# -------------------------------------------------------------------------------- other contents


def cifar(**changes: Any) -> bytes:
    """CIFAR-100 with other entries in its halves."""
    half = {
        "data": np.zeros((3, 3072), np.uint8),
        "fine_labels": [0, 1, 2],
        "coarse_labels": [0, 0, 0],
    }
    names = {"fine_label_names": [f"f{n}" for n in range(100)], "coarse_label_names": ["c"] * 20}
    files = {"meta": names, "train": half | changes, "test": half | changes}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            packed = pickle.dumps(content)
            member = tarfile.TarInfo(f"cifar-100-python/{name}")
            member.size = len(packed)
            tar.addfile(member, io.BytesIO(packed))
    return out.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"data": np.zeros((3, 3071), np.uint8)},
        {"data": [[1], [1, 2], [3]]},
        {"data": "all"},
        {"fine_labels": None},
        {"fine_labels": [2**80, 1, 2]},
        {"coarse_labels": [0]},
        {"coarse_labels": [77, 0, 0]},
    ],
)
def test_a_cifar_of_another_shape_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    place = put(tmp_path / "a", {"cifar-100-python.tar.gz": cifar(**changes)})
    error = refused("cifar_fs", tmp_path, place)
    assert "cifar-100-python.tar.gz is not what is published of CIFAR-FS: " in error.message


@pytest.mark.parametrize(
    "classes", [{"n0": [0, 10**6]}, {"n0": None}, {"n0": [[0], [1, 2]]}, 7, {3: [0], "n": [1]}]
)
def test_a_miniimagenet_with_other_tables_is_refused(classes: Any, tmp_path: Path) -> None:
    files = mini_cache(pickle.dumps)
    name = "mini-imagenet-cache-train.pkl"
    files[name] = pickle.dumps({**pickle.loads(files[name]), "class_dict": classes})
    error = refused("mini_imagenet", tmp_path, put(tmp_path / "a", files))
    assert f"{name} is not what is published of miniImageNet: " in error.message


@pytest.mark.parametrize("said", [{"labels": 3, "label_general_str": 4}, ["labels"], "labels"])
def test_a_tieredimagenet_with_other_labels_is_refused(said: Any, tmp_path: Path) -> None:
    files = {}
    for side in ("train", "val", "test"):
        files[f"{side}_images_png.pkl"] = pickle.dumps([])
        files[f"{side}_labels.pkl"] = pickle.dumps(said)
    error = refused("tiered_imagenet", tmp_path, put(tmp_path / "a", files))
    assert "is not what is published of tieredImageNet: " in error.message


class _Sized:
    """Pickled as an array that says how many bytes it has in place of them."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __reduce__(self) -> Any:
        from numpy._core.numeric import _frombuffer

        return _frombuffer, (self.size, np.dtype(np.uint8), (self.size,), "C")


def test_a_number_in_place_of_an_arrays_bytes_is_not_so_many_bytes() -> None:
    with pytest.raises(DataError, match="is not a whole pickle of arrays"):
        pickles.load(io.BytesIO(pickle.dumps(_Sized(5))), "five")


def test_a_tar_that_is_cut_off_while_it_is_read_is_said(tmp_path: Path) -> None:
    place = tmp_path / "a.tar"
    with tarfile.open(place, "w") as tar:
        member = tarfile.TarInfo("a/one.png")
        member.size = 50_000
        tar.addfile(member, io.BytesIO(bytes(50_000)))
    with archives.opened(place, 2, "Get it again.") as files:
        place.write_bytes(place.read_bytes()[:5_000])
        with pytest.raises(DataError, match="is not a whole tar archive"):
            files.read("a/one.png")
