"""Every published set is read from a tiny archive in its layout, picked or fetched."""

from __future__ import annotations

import hashlib
import io
import pickle
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.datasets import published as make
from tests.datasets.serving import Server, serving
from workbench.datasets import cub, fashion_mnist, gtsrb
from workbench.errors import Cancelled, DataError
from workbench.published import pickles
from workbench.sources import DATASETS, ImageData

SIZE = 16
ARCHIVES = {
    "kmnist": make.four_files,
    "fashion_mnist": make.four_files,
    "emnist": make.emnist,
    "svhn": make.svhn,
    "gtsrb": make.gtsrb,
    "flowers102": make.flowers,
    "dtd": lambda: make.folders("dtd", "dtd-r1.0.1.tar.gz", {"dtd/labels/train1.txt": b"x"}),
    "food101": lambda: make.folders("food-101", "food-101.tar.gz", {"food-101/meta/x.json": b"{}"}),
    "fgvc_aircraft": make.aircraft,
    "cifar_fs": make.cifar,
    "fc100": make.cifar,
    "cub": make.cub,
}
# Classes, images of each, channels.
FOUND = {
    "kmnist": (10, 4, 1),
    "fashion_mnist": (10, 4, 1),
    "emnist": (47, 4, 1),
    "svhn": (10, 4, 3),
    "gtsrb": (5, 3, 3),
    "flowers102": (5, 3, 3),
    "dtd": (5, 3, 3),
    "food101": (5, 3, 3),
    "fgvc_aircraft": (5, 3, 3),
    "cifar_fs": (100, 3, 3),
    "fc100": (100, 3, 3),
    "cub": (8, 2, 3),
}
ENTRIES = sorted(ARCHIVES)


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def load(name: str, cache: Path, path: Path | str, **settings: Any) -> ImageData:
    config = DATASETS.config(name)(path=str(path), **{"image_size": SIZE, **settings})
    return DATASETS[name](config).load(cache, lambda *_: None)


def refused(name: str, tmp_path: Path, path: Path | str, **settings: Any) -> DataError:
    cache = tmp_path / "cache"
    with pytest.raises(DataError) as caught:
        load(name, cache, path, **settings)
    assert caught.value.hint
    assert not cache.exists() or not [p for p in cache.rglob("*") if p.is_file()]
    return caught.value


def names(data: ImageData, split: str) -> list[str]:
    return [data.bank.classes[number].name for number in data.splits[split]]


# ------------------------------------------------------------------------------ all of them


@pytest.mark.parametrize("name", ENTRIES)
def test_a_folder_with_the_published_files_is_read(name: str, tmp_path: Path) -> None:
    data = load(name, tmp_path / "cache", put(tmp_path / "a", ARCHIVES[name]()))
    classes, each, channels = FOUND[name]
    assert data.bank.counts.tolist() == [each] * classes
    assert data.bank.image_shape == (channels, SIZE, SIZE)
    together = sorted(n for numbers in data.splits.values() for n in numbers)
    assert together == list(range(classes))
    assert all(data.splits.values())


@pytest.mark.parametrize("name", ENTRIES)
def test_the_first_of_the_files_may_be_picked_itself(name: str, tmp_path: Path) -> None:
    folder = put(tmp_path / "a", ARCHIVES[name]())
    first = DATASETS[name].parts[0]  # type: ignore[attr-defined]
    data = load(name, tmp_path / "cache", folder / first)
    assert len(data.bank.classes) == FOUND[name][0]


@pytest.mark.parametrize("name", [n for n in ENTRIES if DATASETS[n].unpacks])  # type: ignore[attr-defined]
def test_an_archive_may_have_been_unpacked(name: str, tmp_path: Path) -> None:
    files = ARCHIVES[name]()
    first = next(iter(files))
    archive = files.pop(first)
    folder = put(tmp_path / "a", files)
    if first.endswith(".zip"):
        zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    else:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
    packed = load(name, tmp_path / "cache", put(tmp_path / "b", ARCHIVES[name]()))
    loose = load(name, tmp_path / "cache", folder)
    assert loose.bank.classes == packed.bank.classes
    assert loose.bank.counts.tolist() == packed.bank.counts.tolist()


@pytest.mark.parametrize("name", ENTRIES)
def test_the_second_opening_reads_the_bank_alone(name: str, tmp_path: Path) -> None:
    folder, told = put(tmp_path / "a", ARCHIVES[name]()), []
    config = DATASETS.config(name)(path=str(folder), image_size=SIZE)
    first = DATASETS[name](config).load(tmp_path / "cache", lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1] == len(first.bank.images)
    told.clear()
    DATASETS[name](config).load(tmp_path / "cache", lambda *step: told.append(step))
    assert told == []


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("keep", [0, 0.5, 0.95])
def test_files_that_are_cut_off_are_refused(name: str, keep: float, tmp_path: Path) -> None:
    files = {k: v[: int(keep * len(v))] for k, v in ARCHIVES[name]().items()}
    refused(name, tmp_path, put(tmp_path / "a", files))


@pytest.mark.parametrize("name", ENTRIES)
def test_cancelling_leaves_nothing(name: str, tmp_path: Path) -> None:
    folder = put(tmp_path / "a", ARCHIVES[name]())

    def stop(done: int, total: int, text: str) -> None:
        if total:
            raise Cancelled

    config = DATASETS.config(name)(path=str(folder), image_size=SIZE)
    with pytest.raises(Cancelled):
        DATASETS[name](config).load(tmp_path / "cache", stop)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_without_the_files_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    error = refused("kmnist", tmp_path, tmp_path / "a")
    assert error.message == f"train-images-idx3-ubyte.gz is not in {tmp_path / 'a'}."
    error = refused("cub", tmp_path, tmp_path / "a")
    assert error.message == "There is no images.txt in the archive."
    error = refused("dtd", tmp_path, tmp_path / "nowhere")
    assert error.message == f"There is no file or folder {tmp_path / 'nowhere'}."


def test_every_entry_says_what_it_is() -> None:
    """What a person wants to know before they fetch gigabytes."""
    for name in {*ENTRIES, "mini_imagenet", "tiered_imagenet", "omniglot"}:
        entry = DATASETS[name]
        assert entry.title, name
        assert entry.summary.endswith("."), name
        assert entry.source, name
        assert entry.licence, name
        assert entry.citation, name
        assert {"classes", "images", "bytes"} == set(entry.facts["published"]), name
        assert "files" in entry.facts or name in {"kmnist", "fashion_mnist"}


# ------------------------------------------------------------------------------ the splits


def test_a_seed_deals_the_classes_where_no_split_is_published(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", make.four_files())
    one, same, other = (load("kmnist", tmp_path, folder, seed=s).splits for s in (1, 1, 2))
    assert [len(numbers) for numbers in one.values()] == [4, 3, 3]
    assert one == same
    assert one != other


def test_cifar_fs_holds_out_64_16_and_20_classes(tmp_path: Path) -> None:
    """Among them, by its authors' lists, otters for validation and whales for the test."""
    data = load("cifar_fs", tmp_path, put(tmp_path / "a", make.cifar()))
    assert [len(numbers) for numbers in data.splits.values()] == [64, 16, 20]
    assert "dolphin" in names(data, "train")
    assert "otter" in names(data, "validation")
    assert "whale" in names(data, "test")


def test_fc100_holds_out_whole_superclasses(tmp_path: Path) -> None:
    data = load("fc100", tmp_path, put(tmp_path / "a", make.cifar()))
    assert [len(numbers) for numbers in data.splits.values()] == [60, 20, 20]
    groups = {
        split: {data.bank.classes[n].group for n in numbers}
        for split, numbers in data.splits.items()
    }
    assert groups["test"] == {"aquatic_mammals", "insects", "medium_mammals", "people"}
    assert "small_mammals" in groups["validation"]
    assert not groups["train"] & (groups["validation"] | groups["test"])


def test_cub_deals_its_birds_by_their_numbers(tmp_path: Path) -> None:
    """Counted from 0: 0, 2, 4, 6 train, 1 and 5 validate, 3 and 7 test."""
    data = load("cub", tmp_path, put(tmp_path / "a", make.cub()))
    assert {split: [name[:3] for name in names(data, split)] for split in data.splits} == {
        "train": ["001", "003", "005", "007"],
        "validation": ["002", "006"],
        "test": ["004", "008"],
    }
    assert [cub.SIDES[n % 4] for n in range(200)].count("train") == 100


# ------------------------------------------------------------------------------ what is read


def test_images_lie_in_the_class_of_their_label(tmp_path: Path) -> None:
    """Each image of these archives is filled with the number of its class."""
    for name, files in (("kmnist", make.four_files()), ("cifar_fs", make.cifar())):
        data = load(name, tmp_path, put(tmp_path / name, files))
        for number in range(len(data.bank.classes)):
            assert set(np.unique(data.bank.class_images(number))) == {number}


def test_svhn_reads_colours_and_takes_its_label_10_for_the_digit_0(tmp_path: Path) -> None:
    data = load("svhn", tmp_path, put(tmp_path / "a", make.svhn()))
    for digit in range(10):
        images = data.bank.class_images(digit)
        assert data.bank.classes[digit].name == str(digit)
        assert set(np.unique(images[:, 0])) == {digit + 100}
        assert set(np.unique(images[:, 1:])) == {digit}


def test_emnist_is_turned_upright_and_its_letters_begin_at_a(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", make.emnist())
    data = load("emnist", tmp_path, folder, part="letters", image_size=28)
    assert [info.name for info in data.bank.classes] == list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert (data.bank.images[:, 0, 1, 0] == 255).all()
    assert (data.bank.images[:, 0, 0, 1] < 255).all()
    balanced = load("emnist", tmp_path, folder)
    kinds = [info.group for info in balanced.bank.classes]
    assert [kinds.count(kind) for kind in ("digits", "capitals", "small letters")] == [10, 26, 11]


def test_flowers_lie_in_the_class_that_their_number_has(tmp_path: Path) -> None:
    data = load("flowers102", tmp_path, put(tmp_path / "a", make.flowers()), image_size=20)
    assert [info.name for info in data.bank.classes] == ["001", "002", "003", "004", "005"]


def test_the_photographers_strip_is_cut_off_an_aircraft(tmp_path: Path) -> None:
    """The picture is 40 x 60; its upper 40 x 40 are what is left."""
    from workbench import pictures

    folder = put(tmp_path / "a", make.aircraft())
    data = load("fgvc_aircraft", tmp_path, folder, image_size=40)
    first = pictures.decode(make.picture(0, (40, 60)), "x").crop((0, 0, 40, 40))
    expected = pictures.pixels(first, (3, 40, 40))
    assert data.bank.classes[0].name == "F/A-18 mark 0"
    assert any(np.array_equal(expected, image) for image in data.bank.class_images(0))


def test_a_table_that_names_what_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = put(
        tmp_path / "a",
        {"CUB_200_2011/images.txt": b"1 001.Bird/x.jpg", "CUB_200_2011/images/y.jpg": b""},
    )
    error = refused("cub", tmp_path, folder)
    assert error.message == "images.txt names 001.Bird/x.jpg, which is not there."


def test_labels_that_do_not_belong_to_the_images_are_refused(tmp_path: Path) -> None:
    files = make.four_files()
    files["t10k-labels-idx1-ubyte.gz"] = files["train-labels-idx1-ubyte.gz"]
    error = refused("kmnist", tmp_path, put(tmp_path / "a", files))
    assert error.message == "Kuzushiji-MNIST has 10 images of shape 1 × 28 × 28 and 30 labels."
    files = make.four_files() | {"t10k-labels-idx1-ubyte.gz": make.idx(np.full(10, 77))}
    error = refused("kmnist", tmp_path, put(tmp_path / "b", files))
    assert error.message == "Kuzushiji-MNIST has labels from 77 to 77; 10 classes are known."


# ------------------------------------------------------------------------------ downloads

# How each class of torchvision says where its files are: attribute → value, from the address and
# the md5 of each file.
Sums = Mapping[str, str]
KNOWN = {
    "kmnist": ("KMNIST", lambda a, m: {"mirrors": [a], "resources": list(m.items())}),
    "fashion_mnist": ("FashionMNIST", lambda a, m: {"mirrors": [a], "resources": list(m.items())}),
    "emnist": ("EMNIST", lambda a, m: {"url": a + "gzip.zip", "md5": m["gzip.zip"]}),
    "svhn": (
        "SVHN",
        lambda a, m: {
            "split_list": {
                side: [a + f"{side}_32x32.mat", f"{side}_32x32.mat", m[f"{side}_32x32.mat"]]
                for side in ("train", "test")
            }
        },
    ),
    "flowers102": (
        "Flowers102",
        lambda a, m: {
            "_download_url_prefix": a,
            "_file_dict": {
                "image": ("102flowers.tgz", m["102flowers.tgz"]),
                "label": ("imagelabels.mat", m["imagelabels.mat"]),
            },
        },
    ),
    "dtd": ("DTD", lambda a, m: {"_URL": a + next(iter(m)), "_MD5": next(iter(m.values()))}),
    "food101": ("Food101", lambda a, m: {"_URL": a + next(iter(m)), "_MD5": m["food-101.tar.gz"]}),
    "fgvc_aircraft": ("FGVCAircraft", lambda a, m: {"_URL": a + next(iter(m))}),
    "cifar_fs": (
        "CIFAR100",
        lambda a, m: {"url": a + next(iter(m)), "tgz_md5": next(iter(m.values()))},
    ),
}


@pytest.fixture(params=[*KNOWN, "gtsrb", "cub"])
def fetchable(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Server]]:
    """An entry, and a server from which its publisher seems to hand it out."""
    name, files = request.param, ARCHIVES[request.param]()
    sums = {file: hashlib.md5(content).hexdigest() for file, content in files.items()}
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    with serving(files) as server:
        base = server.address + "/"
        monkeypatch.setattr(fashion_mnist, "MIRROR", base)
        if name in KNOWN:
            from torchvision import datasets

            theirs, values = KNOWN[name]
            for attribute, value in values(base, sums).items():
                monkeypatch.setattr(getattr(datasets, theirs), attribute, value)
        else:
            module = {"gtsrb": gtsrb, "cub": cub}[name]
            (file,) = sums
            monkeypatch.setattr(module, "ADDRESS", base + (file if name == "cub" else ""))
            monkeypatch.setattr(module, "MD5", sums[file])
        yield name, server


def test_an_empty_path_fetches_what_is_missing_once(
    fetchable: tuple[str, Server], tmp_path: Path
) -> None:
    name, server = fetchable
    entry = DATASETS[name](DATASETS.config(name)(path=""))
    assert not entry.here(tmp_path / "cache")
    data = load(name, tmp_path / "cache", "")
    assert entry.here(tmp_path / "cache")
    assert len(data.bank.classes) == FOUND[name][0]
    load(name, tmp_path / "cache", "")
    assert len(server.requests) == len(ARCHIVES[name]())


def test_a_damaged_download_is_not_read(fetchable: tuple[str, Server], tmp_path: Path) -> None:
    name, server = fetchable
    server.answer = lambda _, data: (200, b"x" + data[1:], len(data))
    if name == "fgvc_aircraft":  # without a checksum it is found out when it is opened
        with pytest.raises(DataError, match="is not a whole tar archive"):
            load(name, tmp_path, "")
        return
    assert "arrived damaged 3 times" in refused(name, tmp_path, "").message


def test_a_bank_outlives_the_download_that_it_was_made_of(
    fetchable: tuple[str, Server], tmp_path: Path
) -> None:
    """Who needs the room may delete gigabytes of archives."""
    name, server = fetchable
    first = load(name, tmp_path, "")
    shutil.rmtree(tmp_path / "downloads")
    server.requests.clear()
    entry = DATASETS[name](DATASETS.config(name)(path="", image_size=SIZE))
    assert entry.here(tmp_path)
    assert load(name, tmp_path, "").bank.classes == first.bank.classes
    assert server.requests == []


def test_sets_whose_files_have_the_same_names_keep_them_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kuzushiji-MNIST lies in the cache; Fashion-MNIST must not take its files for its own."""
    files = make.four_files()
    sums = {file: hashlib.md5(content).hexdigest() for file, content in files.items()}
    from torchvision import datasets

    with serving(files) as server:
        monkeypatch.setattr(datasets.KMNIST, "mirrors", [server.address + "/"])
        monkeypatch.setattr(datasets.KMNIST, "resources", list(sums.items()))
        load("kmnist", tmp_path, "")
    kinds = {name: DATASETS[name](DATASETS.config(name)()) for name in ENTRIES}
    assert [name for name in ENTRIES if kinds[name].here(tmp_path)] == ["kmnist"]


def test_a_download_that_the_disk_spoilt_is_taken_away_and_fetched_anew(
    fetchable: tuple[str, Server], tmp_path: Path
) -> None:
    name, server = fetchable
    load(name, tmp_path / "first", "")
    (folder,) = (tmp_path / "first" / "downloads").iterdir()
    spoilt = next(iter(ARCHIVES[name]()))
    content = (folder / spoilt).read_bytes()
    (folder / spoilt).write_bytes(content[: len(content) // 2])
    # Without a checksum nobody knows whether it was the disk.
    known = name != "fgvc_aircraft"
    said = "is damaged, and was taken away" if known else "is not a whole tar archive"
    with pytest.raises(DataError, match=said):
        load(name, tmp_path / "first", "", image_size=8)
    assert (folder / spoilt).exists() is not known
    if not known:
        return
    asked = len(server.requests)
    data = load(name, tmp_path / "first", "", image_size=8)
    assert len(data.bank.classes) == FOUND[name][0]
    assert len(server.requests) == asked + 1


def test_torchvisions_own_addresses_are_what_is_asked() -> None:
    """Every address that is known is encrypted or can be, and every file but one has a checksum."""
    from torchvision import datasets

    constants = " ".join(map(str, datasets.GTSRB.download.__code__.co_consts))
    assert gtsrb.ADDRESS in constants
    assert gtsrb.MD5 in constants
    for name in ENTRIES:
        entry = DATASETS[name](DATASETS.config(name)())
        remotes = entry.remotes()  # type: ignore[attr-defined]
        assert [remote.name for remote in remotes] == list(entry.wanted())  # type: ignore[attr-defined]
        for remote in remotes:
            assert all(address.startswith("http") for address in remote.addresses)
            known = remote.checksum.startswith("md5:") and len(remote.checksum) == 36
            assert known or name == "fgvc_aircraft"


# ------------------------------------------------------------------------------ ImageNet's


def sheet(classes: int, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat(np.arange(classes), 2)
    images = np.zeros((len(labels), 84, 84, 3), np.uint8)
    images[..., 0] = 10 * (labels + first)[:, None, None]
    return images, labels


def mini_cache(dump: Any) -> dict[str, bytes]:
    files, first = {}, 0
    for side, count in (("train", 4), ("val", 2), ("test", 3)):
        images, labels = sheet(count, first)
        classes = {f"n{first + c:08d}": np.flatnonzero(labels == c).tolist() for c in range(count)}
        content = {"image_data": images, "class_dict": classes}
        files[f"mini-imagenet-cache-{side}.pkl"] = dump(content)
        first += count
    return files


def mini_category(dump: Any) -> dict[str, bytes]:
    """Labels go on counting from one file to the next."""
    files, first = {}, 0
    for side, count in (("train_phase_train", 4), ("val", 2), ("test", 3)):
        images, labels = sheet(count, first)
        content = {
            "data": images,
            "labels": (labels + first).tolist(),
            "catname2label": {f"n{first + c:08d}": first + c for c in range(count)},
        }
        files[f"miniImageNet_category_split_{side}.pickle"] = dump(content)
        first += count
    return files


def mini_tables(_: Any) -> dict[str, bytes]:
    files, first = {}, 0
    for side, count in (("train", 4), ("val", 2), ("test", 3)):
        lines = ["filename,label"]
        for c in range(count):
            own = f"n{first + c:08d}"
            for i in range(2):
                name = f"{own}0000{i}.jpg"
                pixels = np.zeros((84, 84, 3), np.uint8)
                pixels[..., 0] = 10 * (first + c)
                out = io.BytesIO()
                Image.fromarray(pixels).save(out, "PNG")
                files[f"images/{name}"] = out.getvalue()
                lines.append(f"{name},{own}")
        files[f"{side}.csv"] = "\r\n".join(lines).encode()
        first += count
    return files


@pytest.mark.parametrize("layout", [mini_cache, mini_category, mini_tables])
@pytest.mark.parametrize("dump", [make.as_python_2, pickle.dumps], ids=["python 2", "python 3"])
def test_miniimagenet_is_read_in_every_layout_that_people_have(
    layout: Any, dump: Any, tmp_path: Path
) -> None:
    data = load("mini_imagenet", tmp_path / "cache", put(tmp_path / "a", layout(dump)))
    assert [len(numbers) for numbers in data.splits.values()] == [4, 2, 3]
    by_name = {info.name: number for number, info in enumerate(data.bank.classes)}
    for place in range(9):
        images = data.bank.class_images(by_name[f"n{place:08d}"])
        assert images.shape == (2, 3, SIZE, SIZE)
        assert set(np.unique(images[:, 0])) == {10 * place}
        assert set(np.unique(images[:, 1:])) == {0}
    assert names(data, "validation") == ["n00000004", "n00000005"]


@pytest.mark.parametrize("wanted", ["pickles", "npz", "plain labels"])
def test_tieredimagenet_is_read_in_either_layout(wanted: str, tmp_path: Path) -> None:
    files, first = {}, 0
    for side, count in (("train", 4), ("val", 2), ("test", 3)):
        images, labels = sheet(count, first)
        if wanted == "npz":
            out = io.BytesIO()
            np.savez(out, images=images)
            files[f"{side}_images.npz"] = out.getvalue()
        else:
            packed = [
                np.frombuffer(png(image), np.uint8)[:, None] for image in images
            ]  # (bytes, 1), as OpenCV gives them
            files[f"{side}_images_png.pkl"] = pickle.dumps(packed)
        said: dict[str, Any] = {
            "label_specific": labels,
            "label_specific_str": [f"kind {first + c}" for c in range(count)],
            "label_general": labels // 2,
            "label_general_str": [f"group {first}.{c}" for c in range(count)],
        }
        files[f"{side}_labels.pkl"] = pickle.dumps(
            {"labels": labels.tolist()} if wanted == "plain labels" else said
        )
        first += count
    data = load("tiered_imagenet", tmp_path / "cache", put(tmp_path / "a", files))
    assert [len(numbers) for numbers in data.splits.values()] == [4, 2, 3]
    for place in range(9):
        assert set(np.unique(data.bank.class_images(place)[:, 0])) == {10 * place}
    if wanted != "plain labels":
        assert names(data, "test") == ["kind 6", "kind 7", "kind 8"]
        assert data.bank.classes[8].group == "group 6.1"


def png(image: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def test_an_npz_that_does_not_fit_its_labels_is_refused(tmp_path: Path) -> None:
    files = {}
    for side in ("train", "val", "test"):
        images, labels = sheet(3)
        out = io.BytesIO()
        np.savez(out, images=images[:-1])
        files[f"{side}_images.npz"] = out.getvalue()
        files[f"{side}_labels.pkl"] = pickle.dumps({"labels": labels.tolist()})
    error = refused("tiered_imagenet", tmp_path, put(tmp_path / "a", files))
    assert error.message.endswith("holds no 6 coloured images called images.")


def test_imagenets_sets_ask_for_their_files(tmp_path: Path) -> None:
    for name in ("mini_imagenet", "tiered_imagenet"):
        assert refused(name, tmp_path, "").message.endswith("needs its files.")
        (tmp_path / name).mkdir()
        assert "train" in refused(name, tmp_path, tmp_path / name).message


# ------------------------------------------------------------------------------ hostile pickles


class Evil:
    """Creates a file when a reader that trusts it takes it in."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return (Path.touch, (self.place,))


def test_a_pickle_that_would_run_code_is_refused_and_runs_none(tmp_path: Path) -> None:
    place = tmp_path / "taken"
    folder = put(tmp_path / "a", mini_cache(lambda _: pickle.dumps(Evil(place))))
    error = refused("mini_imagenet", tmp_path, folder)
    assert "is refused: it would call" in error.message
    assert not place.exists()
    pickle.loads(pickle.dumps(Evil(place)))
    assert place.exists(), "the pickle was harmless, and the test shows nothing"


@pytest.mark.parametrize(
    "code",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy\nndarray\n((I99999999999\ntR.",
        b"cbuiltins\nbytearray\n(I99999999999\ntR.",
        b"(S'x'\nios\nsystem\n.",
        b"Pnowhere\n.",
    ],
)
def test_nothing_but_arrays_can_be_named(code: bytes) -> None:
    with pytest.raises(DataError) as caught:
        pickles.load(io.BytesIO(code), "x.pkl")
    assert caught.value.message.startswith("x.pkl is ")


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(["ab", "c"]),
        np.array([], np.uint8),
        {"a": [1, 2.5, None, True, (3, "x")], "b": {"c": np.float32(0.5)}},
    ],
    ids=["order", "fortran", "text", "empty", "containers"],
)
@pytest.mark.parametrize("protocol", range(2, 6))
def test_what_a_pickle_may_hold_comes_out_as_it_went_in(value: Any, protocol: int) -> None:
    found = pickles.load(io.BytesIO(pickle.dumps(value, protocol)))
    if isinstance(value, np.ndarray):
        assert found.dtype == value.dtype
        assert np.array_equal(found, value)
    else:
        assert found == {"a": [1, 2.5, None, True, [3, "x"]], "b": {"c": 0.5}}


def test_lists_in_lists_that_would_fill_the_memory_are_read_as_they_are() -> None:
    """Forty lists, each twice in the next: a trillion if each were copied."""
    nested: list[Any] = []
    for _ in range(40):
        nested = [nested, nested]
    found = pickles.load(io.BytesIO(pickle.dumps(nested)))
    assert found[0] is found[1]


def test_a_pickle_cannot_change_what_it_may_call() -> None:
    """BUILD with a pair of states sets attributes of whatever lies on the stack."""
    code = b"cnumpy\ndtype\n(N}S'__defaults__'\nI1\nstb."
    with pytest.raises(DataError, match=r"is refused|is not a whole pickle"):
        pickles.load(io.BytesIO(code), "x.pkl")
    again = pickles.load(io.BytesIO(pickle.dumps(np.arange(3))))
    assert again.tolist() == [0, 1, 2]


def test_a_picture_of_absurd_size_in_an_archive_is_refused_without_being_unpacked(
    tmp_path: Path,
) -> None:
    """A PNG whose header says 30,000 x 30,000 pixels."""
    bomb = bytearray(make.picture(1, form="PNG"))
    bomb[16:24] = 2 * (30_000).to_bytes(4, "big")
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    extra = {"dtd/images/class_0/bomb.jpg": bytes(bomb)}
    folder = put(tmp_path / "a", make.folders("dtd", "dtd-r1.0.1.tar.gz", extra))
    message = refused("dtd", tmp_path, folder).message
    assert message == "dtd/images/class_0/bomb.jpg has too many pixels; a side may have 10,000."


def test_a_long_search_for_names_can_be_cancelled(tmp_path: Path) -> None:
    """A tar must be read from end to end before its names are known: minutes, of gigabytes."""
    folder, told = put(tmp_path / "a", ARCHIVES["dtd"]()), []

    def stop(done: int, total: int, text: str) -> None:
        told.append(text)
        if len(told) == 2:
            raise Cancelled

    config = DATASETS.config("dtd")(path=str(folder))
    with pytest.raises(Cancelled):
        DATASETS["dtd"](config).load(tmp_path / "cache", stop)
    assert told == ["Opening DTD", "Opening DTD"]


def test_the_signs_are_read_as_their_publisher_names_their_folders_too(tmp_path: Path) -> None:
    (archive,) = make.gtsrb().values()
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        files = {
            name.replace("Training", "Final_Training/Images"): old.read(name)
            for name in old.namelist()
        }
    place = put(tmp_path / "a", {"GTSRB_Final_Training_Images.zip": make.zipped(files)})
    data = load("gtsrb", tmp_path / "cache", place / "GTSRB_Final_Training_Images.zip")
    assert data.bank.counts.tolist() == [3] * 5


def test_one_of_three_pickles_alone_says_which_is_missing(tmp_path: Path) -> None:
    folder = put(tmp_path / "a", {"mini-imagenet-cache-train.pkl": b"x"})
    error = refused("mini_imagenet", tmp_path, folder / "mini-imagenet-cache-train.pkl")
    assert error.message == f"mini-imagenet-cache-val.pkl is not in {folder}."
