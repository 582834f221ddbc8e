"""The image bank is whole or it is not there."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from workbench import bank as bank_module
from workbench.bank import Bank, BankBuilder, ClassInfo, build_cached, cache_key
from workbench.errors import Cancelled, DataError


def images(count: int, value: int = 1) -> np.ndarray:
    return np.full((count, 1, 4, 5), value, np.uint8)


def listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def small() -> Bank:
    return Bank.of(
        [
            (ClassInfo("alpha", "Greek"), images(3, 1)),
            (ClassInfo("beta", "Greek"), images(2, 2)),
            (ClassInfo("あ", "日本"), images(4, 3)),
        ]
    )


def test_a_class_without_a_group_is_called_by_its_name_alone() -> None:
    assert (ClassInfo("cat", "").title, ClassInfo("α", "Greek").title) == ("cat", "Greek, α")


def test_a_saved_bank_opens_as_it_was(small: Bank, tmp_path: Path) -> None:
    opened = small.save(tmp_path / "bank")
    np.testing.assert_array_equal(opened.images, small.images)
    assert opened.classes == small.classes
    assert opened.counts.tolist() == [3, 2, 4]
    assert opened.image_shape == (1, 4, 5)
    assert opened.folder == tmp_path / "bank"
    assert (opened.class_images(1) == 2).all()


def test_an_opened_bank_is_memory_mapped_and_cannot_be_written_to(
    small: Bank, tmp_path: Path
) -> None:
    opened = small.save(tmp_path / "bank")
    assert isinstance(opened.images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        opened.images[0] = 0


def test_saving_again_replaces_the_whole_bank(small: Bank, tmp_path: Path) -> None:
    small.save(tmp_path / "bank")
    other = Bank.of([(ClassInfo("only", "one"), images(2, 9))])
    assert other.save(tmp_path / "bank").classes == (ClassInfo("only", "one"),)
    assert listed(tmp_path) == ["bank"]


def test_a_hundred_thousand_classes_are_kept_apart(tmp_path: Path) -> None:
    with BankBuilder(tmp_path / "bank", (1, 1, 1)) as builder:
        for number in range(100_000):
            builder.add(ClassInfo(str(number), "g"), np.full((2, 1, 1, 1), number % 256, np.uint8))
    opened = Bank.open(tmp_path / "bank")
    assert len(opened.classes) == 100_000
    assert opened.class_images(77_777).ravel().tolist() == [77_777 % 256] * 2


def test_there_is_no_bank_in_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no image bank in"):
        Bank.open(tmp_path)


def _truncate(folder: Path) -> None:
    data = (folder / "images.npy").read_bytes()
    (folder / "images.npy").write_bytes(data[:-1])


def _newer(folder: Path) -> None:
    header = json.loads((folder / "bank.json").read_text())
    (folder / "bank.json").write_text(json.dumps(header | {"format": 99}))


def _fewer_names(folder: Path) -> None:
    header = json.loads((folder / "bank.json").read_text())
    (folder / "bank.json").write_text(json.dumps(header | {"names": ["alpha"]}))


def _half_a_header(folder: Path) -> None:
    (folder / "bank.json").write_text('{"format": 1')


def _not_an_object(folder: Path) -> None:
    (folder / "bank.json").write_text("[]")


def _empty_images(folder: Path) -> None:
    (folder / "images.npy").write_bytes(b"")


def _starts_beyond(folder: Path) -> None:
    np.save(folder / "starts.npy", np.array([0, 3, 5, 10]))


@pytest.mark.parametrize(
    "damage",
    [
        _truncate,
        _newer,
        _fewer_names,
        _half_a_header,
        _not_an_object,
        _empty_images,
        _starts_beyond,
    ],
)
def test_a_damaged_bank_is_refused_with_a_hint_and_built_again(
    small: Bank, tmp_path: Path, damage: object
) -> None:
    small.save(tmp_path / "key")
    damage(tmp_path / "key")  # type: ignore[operator]
    with pytest.raises(DataError, match="cannot be used") as error:
        Bank.open(tmp_path / "key")
    assert "built again" in error.value.hint
    built = build_cached(
        tmp_path, "key", (1, 4, 5), lambda b: b.add(ClassInfo("a", "g"), images(2))
    )
    assert built.counts.tolist() == [2]
    assert listed(tmp_path) == ["key"]


def test_a_cached_bank_is_built_once(tmp_path: Path) -> None:
    calls = []

    def build(builder: BankBuilder) -> None:
        calls.append(1)
        builder.add(ClassInfo("a", "g"), images(2))

    for _ in range(3):
        build_cached(tmp_path / "new" / "cache", "key", (1, 4, 5), build)
    assert calls == [1]


def test_cancelling_a_build_leaves_nothing(tmp_path: Path) -> None:
    def build(builder: BankBuilder) -> None:
        builder.add(ClassInfo("a", "g"), images(2))
        raise Cancelled

    with pytest.raises(Cancelled):
        build_cached(tmp_path, "key", (1, 4, 5), build)
    assert listed(tmp_path) == []


def test_images_of_another_shape_are_a_mistake(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=r"\(1, 4, 5\) in a bank of \(1, 28, 28\)"),
        BankBuilder(tmp_path / "bank", (1, 28, 28)) as builder,
    ):
        builder.add(ClassInfo("a", "g"), images(2))
    assert listed(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing(
    small: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="The disk is full") as error:
        small.save(tmp_path / "bank")
    assert "nothing half-made" in error.value.hint
    assert listed(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_read_only_folder_is_said(
    small: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(DataError, match="cannot be written to") as error:
        small.save(tmp_path / "bank")
    assert "may write to" in error.value.hint
    assert listed(tmp_path) == []


def test_a_folder_that_is_a_file_is_said(small: Bank, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be stored in"):
        small.save(tmp_path / "file" / "bank")


KILLED = """
import os, signal, sys
import numpy as np
from workbench.bank import BankBuilder, ClassInfo
with BankBuilder(sys.argv[1], (1, 4, 5)) as builder:
    builder.add(ClassInfo("a", "g"), np.zeros((2, 1, 4, 5), np.uint8))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_killed_build_is_no_bank_and_the_next_build_removes_its_remains(tmp_path: Path) -> None:
    project = Path(__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "key")], cwd=project, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert not (tmp_path / "key").exists()
    assert len(listed(tmp_path)) == 1
    build_cached(tmp_path, "key", (1, 4, 5), lambda b: b.add(ClassInfo("a", "g"), images(2)))
    assert listed(tmp_path) == ["key"]


def test_the_remains_of_a_living_build_are_left_alone(tmp_path: Path) -> None:
    with BankBuilder(tmp_path / "key", (1, 4, 5)) as slow:
        slow.add(ClassInfo("slow", "g"), images(2))
        with BankBuilder(tmp_path / "key", (1, 4, 5)) as quick:
            quick.add(ClassInfo("quick", "g"), images(2))
        assert Bank.open(tmp_path / "key").classes[0].name == "quick"
    assert Bank.open(tmp_path / "key").classes[0].name == "slow"
    assert listed(tmp_path) == ["key"]


def test_the_key_changes_with_settings_source_and_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source.zip"
    source.write_bytes(b"one")
    keys = [cache_key("d", {"size": 28}, [source]), cache_key("d", {"size": 84}, [source])]
    source.write_bytes(b"three")
    keys.append(cache_key("d", {"size": 28}, [source]))
    os.utime(source, ns=(1, 1))
    keys.append(cache_key("d", {"size": 28}, [source]))
    monkeypatch.setattr(bank_module, "FORMAT", 99)
    keys.append(cache_key("d", {"size": 28}, [source]))
    assert len(set(keys)) == 5
    assert all(key.startswith("d-") for key in keys)


def test_classes_that_are_laid_out_take_their_images_in_any_order(tmp_path: Path) -> None:
    with BankBuilder(tmp_path / "key", (1, 4, 5)) as builder:
        builder.lay_out([(ClassInfo("a", "g", "train"), 2), (ClassInfo("b", "g", "test"), 1)])
        for number in (2, 0, 1):
            builder.put(number, images(1, 10 + number)[0])
        builder.notes.append("One was left out.")
    bank = Bank.open(tmp_path / "key")
    assert [int(image.max()) for image in bank.images] == [10, 11, 12]
    assert bank.counts.tolist() == [2, 1]
    assert [info.split for info in bank.classes] == ["train", "test"]
    assert bank.notes == ("One was left out.",)


def _put(folder: Path, numbers: list[int]) -> None:
    with BankBuilder(folder, (1, 4, 5)) as builder:
        builder.lay_out([(ClassInfo("a", "g"), 2)])
        for number in numbers:
            builder.put(number, images(1)[0])


def test_an_image_that_does_not_come_or_comes_twice_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 images that were laid out did not come"):
        _put(tmp_path / "key", [1])
    with pytest.raises(ValueError, match="there already"):
        _put(tmp_path / "key", [1, 1])
    assert listed(tmp_path) == []


def test_a_byte_that_the_disk_lost_is_found_and_the_bank_built_again(
    small: Bank, tmp_path: Path
) -> None:
    small.save(tmp_path / "key")
    file = tmp_path / "key" / "images.npy"
    data = bytearray(file.read_bytes())
    data[-7] ^= 1
    file.write_bytes(data)
    with pytest.raises(DataError, match="its images are not what was written"):
        Bank.open(tmp_path / "key")
    built = build_cached(
        tmp_path, "key", (1, 4, 5), lambda b: b.add(ClassInfo("a", "g"), images(2))
    )
    assert built.counts.tolist() == [2]


def test_a_bank_of_an_earlier_version_without_hashes_still_opens(
    small: Bank, tmp_path: Path
) -> None:
    small.save(tmp_path / "key")
    place = tmp_path / "key" / "bank.json"
    header = json.loads(place.read_text())
    for name in ("hashes", "splits", "notes"):
        del header[name]
    place.write_text(json.dumps(header))
    assert Bank.open(tmp_path / "key").classes == small.classes
