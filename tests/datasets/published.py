"""Tiny archives in the layouts in which data sets are published."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

Files = dict[str, bytes]


def picture(seed: int, size: tuple[int, int] = (20, 16), form: str = "JPEG") -> bytes:
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form)
    return out.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def idx(values: np.ndarray, packed: bool = True) -> bytes:
    head = struct.pack(">HBB", 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    data = head + values.astype(np.uint8).tobytes()
    return gzip.compress(data) if packed else data


def matlab(**arrays: np.ndarray) -> bytes:
    """A MATLAB 5 file, written by the words of its format: compressed, as these sets are."""
    head = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + struct.pack("<H", 0x0100) + b"IM"
    return head + b"".join(_compressed(_matrix(name, a)) for name, a in arrays.items())


def _element(kind: int, content: bytes) -> bytes:
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def _matrix(name: str, array: np.ndarray) -> bytes:
    classes = {"uint8": (9, 2), "float64": (6, 9)}  # of the array, of its numbers
    of_array, of_numbers = classes[array.dtype.name]
    if len(name) <= 4:  # a small element: its content stands in the place of its size
        named = struct.pack("<HH", 1, len(name)) + name.encode().ljust(4, b"\0")
    else:
        named = _element(1, name.encode())
    body = (
        _element(6, struct.pack("<II", of_array, 0))
        + _element(5, struct.pack(f"<{array.ndim}i", *array.shape))
        + named
        + _element(of_numbers, array.tobytes(order="F"))
    )
    return struct.pack("<II", 14, len(body)) + body


def _compressed(element: bytes) -> bytes:
    packed = zlib.compress(element)
    return struct.pack("<II", 15, len(packed)) + packed


def numbered(count: int, side: int, classes: int, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Grey images (count, side, side), each filled with its class number, and their labels."""
    labels = np.arange(count) % classes + first
    return np.broadcast_to(labels[:, None, None], (count, side, side)).astype(np.uint8), labels


def four_files() -> Files:
    """A relative of MNIST: ten classes, three training and one test image of each."""
    files = {}
    for name, count in (("train", 30), ("t10k", 10)):
        images, labels = numbered(count, 28, 10)
        files[f"{name}-images-idx3-ubyte.gz"] = idx(images)
        files[f"{name}-labels-idx1-ubyte.gz"] = idx(labels)
    return files


def emnist() -> Files:
    files: Files = {}
    for part, classes, first in (("balanced", 47, 0), ("letters", 26, 1)):
        for side in ("train", "test"):
            images, labels = numbered(2 * classes, 28, classes, first)
            images = images.copy()
            images[:, 0, 1] = 255  # row 0, column 1 of a file is row 1, column 0 of a reader
            base = f"gzip/emnist-{part}-{side}"
            files[f"{base}-images-idx3-ubyte.gz"] = idx(images)
            files[f"{base}-labels-idx1-ubyte.gz"] = idx(labels)
    return {"gzip.zip": zipped(files)}


def svhn() -> Files:
    """The digit 0 is labelled 10; images are (H, W, C, M)."""
    files = {}
    for side, count in (("train", 30), ("test", 10)):
        images, labels = numbered(count, 32, 10)
        colours = np.repeat(images[..., None], 3, axis=-1)  # (M, H, W, C)
        colours[..., 0] += 100  # of red
        said = np.where(labels == 0, 10, labels).astype(np.uint8)[:, None]
        files[f"{side}_32x32.mat"] = matlab(X=colours.transpose(1, 2, 3, 0), y=said)
    return files


def gtsrb() -> Files:
    files = {
        f"GTSRB/Training/{c:05d}/{i:05d}.ppm": picture(10 * c + i, (15 + i, 18), "PPM")
        for c in range(5)
        for i in range(3)
    }
    files |= {f"GTSRB/Training/{c:05d}/GT-{c:05d}.csv": b"Filename;Width" for c in range(5)}
    return {"GTSRB-Training_fixed.zip": zipped(files)}


def flowers() -> Files:
    """Fifteen flowers of five kinds, numbered from 1."""
    pictures = {f"jpg/image_{n:05d}.jpg": picture(n) for n in range(15, 0, -1)}
    labels = (np.arange(15) % 5 + 1).astype(np.uint8)[None]
    return {"102flowers.tgz": tarred(pictures), "imagelabels.mat": matlab(labels=labels)}


def folders(root: str, archive: str, extra: Mapping[str, bytes]) -> Files:
    """Pictures in folders of classes that lie in no order, as tars are made."""
    names = [f"{root}/images/class_{c}/class_{c}_{i}.jpg" for i in range(3) for c in range(5)]
    pictures = {name: picture(n) for n, name in enumerate(names)}
    return {archive: tarred({**pictures, **extra})}


def aircraft() -> Files:
    """In `variant` lines a name may hold blanks and slashes; the strip below is 20 pixels high."""
    data, files = "fgvc-aircraft-2013b/data", {}
    lines: dict[str, list[str]] = {"trainval": [], "test": []}
    for n in range(15):
        own = f"{1000000 + n:07d}"
        files[f"{data}/images/{own}.jpg"] = picture(n, (40, 60))
        lines["test" if n % 3 == 0 else "trainval"].append(f"{own} F/A-18 mark {n // 3}")
    for side, own in lines.items():
        files[f"{data}/images_variant_{side}.txt"] = "\n".join(own).encode()
    return {"fgvc-aircraft-2013b.tar.gz": tarred(files)}


def cub() -> Files:
    root, files, lines = "CUB_200_2011", {}, []
    for c in range(1, 9):
        for i in range(2):
            own = f"{c:03d}.Bird_{c}/Bird_{c}_{i}.jpg"
            files[f"{root}/images/{own}"] = picture(10 * c + i)
            lines.append(f"{len(lines) + 1} {own}")
    files[f"{root}/images.txt"] = "\n".join(lines).encode()
    files["attributes.txt"] = b"1 has_bill_shape::curved"
    return {"CUB_200_2011.tgz": tarred(files)}


def as_python_2(value: Any) -> bytes:
    """A pickle with the words of Python 2: text is bytes, numpy's modules have their old names."""
    text = pickle.dumps(value, protocol=2, fix_imports=True)
    return text.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def cifar() -> Files:
    """All hundred classes with two training images and one test image each, all one colour."""
    coarse_of = {fine: fine // 5 for fine in range(100)}
    files: Files = {}
    for half, each in (("train", 2), ("test", 1)):
        fine = np.tile(np.arange(100), each)
        data = np.repeat(fine[:, None], 3072, axis=1).astype(np.uint8)
        files[f"cifar-100-python/{half}"] = as_python_2(
            {
                "data": data,
                "fine_labels": fine.tolist(),
                "coarse_labels": [coarse_of[n] for n in fine.tolist()],
                "filenames": [f"{n}.png" for n in fine],
            }
        )
    names = {"fine_label_names": CIFAR_FINE, "coarse_label_names": CIFAR_COARSE}
    files["cifar-100-python/meta"] = as_python_2(names)
    return {"cifar-100-python.tar.gz": tarred(files)}


# By superclass, as https://www.cs.toronto.edu/~kriz/cifar.html lists them.
_CIFAR = """
aquatic_mammals: beaver dolphin otter seal whale
fish: aquarium_fish flatfish ray shark trout
flowers: orchid poppy rose sunflower tulip
food_containers: bottle bowl can cup plate
fruit_and_vegetables: apple mushroom orange pear sweet_pepper
household_electrical_devices: clock keyboard lamp telephone television
household_furniture: bed chair couch table wardrobe
insects: bee beetle butterfly caterpillar cockroach
large_carnivores: bear leopard lion tiger wolf
large_man-made_outdoor_things: bridge castle house road skyscraper
large_natural_outdoor_scenes: cloud forest mountain plain sea
large_omnivores_and_herbivores: camel cattle chimpanzee elephant kangaroo
medium_mammals: fox porcupine possum raccoon skunk
non-insect_invertebrates: crab lobster snail spider worm
people: baby boy girl man woman
reptiles: crocodile dinosaur lizard snake turtle
small_mammals: hamster mouse rabbit shrew squirrel
trees: maple_tree oak_tree palm_tree pine_tree willow_tree
vehicles_1: bicycle bus motorcycle pickup_truck train
vehicles_2: lawn_mower rocket streetcar tank tractor
"""
_LINES = [line.split(": ") for line in _CIFAR.strip().splitlines()]
CIFAR_COARSE = [coarse for coarse, _ in _LINES]
CIFAR_FINE = [fine for _, own in _LINES for fine in own.split()]
