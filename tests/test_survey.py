"""What is said of a folder or archive before it is imported."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench import survey as surveys
from workbench.datasets.image_folder import Config, ImageFolder
from workbench.errors import Cancelled
from workbench.survey import Survey

CLASSES = ("ant", "bee", "cat", "dog", "elk")


def picture(seed: int, wide: int = 20) -> bytes:
    random, out = np.random.default_rng(seed), io.BytesIO()
    Image.fromarray(random.integers(0, 256, (12, wide, 3), np.uint8)).save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    """A picture whose header alone claims 60,000 x 60,000 pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def animals() -> dict[str, bytes]:
    """Five classes of four; one picture stands in two of them, one is damaged, one a bomb."""
    found = {
        f"{name}/{image}.png": picture(10 * number + image, 20 + number)
        for number, name in enumerate(CLASSES)
        for image in range(4)
    }
    bad = {"dog/1.png": found["ant/0.png"], "cat/0.png": b"no picture", "elk/3.png": bomb()}
    return found | bad | {"cat/notes.txt": b"hello"}


def packed(folder: Path, kind: str) -> Path:
    path = folder / f"animals.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in animals().items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w") as tar:
        for name, content in reversed(animals().items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def looked(place: Path, told: list[int] | None = None) -> Survey:
    seen: list[int] = [] if told is None else told
    config = Config(path=str(place))
    return ImageFolder(config).survey(lambda done, _total, _text: seen.append(done))


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_look_says_what_is_damaged_what_leaks_and_what_is_left_out(
    tmp_path: Path, kind: str
) -> None:
    found = looked(packed(tmp_path, kind))
    assert [name for name, *_ in found.classes] == list(CLASSES)
    assert (found.read, found.smallest, found.largest) == (20, (20, 12), (24, 12))
    assert found.coloured == 18
    damaged, leak = found.warnings
    words, _, names = damaged.partition(": ")
    assert words == "Cannot be read, take out or mend before importing"
    assert sorted(names.rstrip(".").split(", ")) == ["cat/0.png", "elk/3.png"]
    assert leak.startswith("Leak: the same picture in two classes: ")
    assert found.notes == ("Passed over, for they are no pictures of a class: cat/notes.txt.",)
    assert found.shown == (0, 1, 3, 4), "the first picture of the third class is damaged"
    assert found.thumbnails.shape == (4, 3, surveys.SIDE, surveys.SIDE)


def test_thumbnails_of_a_tar_are_those_of_a_zip(tmp_path: Path) -> None:
    one, other = (looked(packed(tmp_path, kind)) for kind in ("zip", "tar"))
    np.testing.assert_array_equal(one.thumbnails, other.thumbnails)


def test_a_tar_is_gone_through_once_for_its_names_and_once_for_its_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, opened, whole = packed(tmp_path, "tar"), [], tarfile.open
    monkeypatch.setattr(tarfile, "open", lambda *given: opened.append(given) or whole(*given))
    looked(place)
    assert len(opened) == 2


def test_of_many_pictures_some_are_read_and_every_class_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveys, "MOST_READ", 2)
    found = looked(packed(tmp_path, "zip"))
    assert found.read == 2
    assert found.shown == (0, 1, 3, 4)


def test_whoever_gives_up_is_heard_before_the_next_picture(tmp_path: Path) -> None:
    def stop_at_three(done: int, _total: int, _text: str) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        ImageFolder(Config(path=str(packed(tmp_path, "zip")))).survey(stop_at_three)
