"""Omniglot: zips, folders, downloads, and everything that can be wrong with them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.serving import Server, serving
from workbench.datasets.omniglot import Config, Omniglot, download
from workbench.engine.episodes import ImagePool, TaskShape
from workbench.errors import Cancelled, DataError
from workbench.sources import ImageData

Files = dict[str, bytes]
BACKGROUND = ("Alpha", "Beta", "Gamma", "Delta")


def png(value: int = 0, size: tuple[int, int] = (105, 105)) -> bytes:
    """White paper with one black pixel whose place says which drawing it is."""
    pixels = np.full(size, 255, np.uint8)
    pixels[value % size[0], :] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).convert("1").save(file, "PNG")
    return file.getvalue()


def part(name: str, alphabets: tuple[str, ...], characters: int = 2, drawers: int = 3) -> Files:
    return {
        f"{name}/{alphabet}/character{c:02d}/{a:02d}{c:02d}_{d:02d}.png": png(10 * a + 3 * c + d)
        for a, alphabet in enumerate(alphabets)
        for c in range(1, characters + 1)
        for d in range(1, drawers + 1)
    }


def zipped(path: Path, files: Files) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unpacked(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def files() -> Files:
    return part("images_background", BACKGROUND)


def listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def load(path: Path | str, cache: Path, **settings: object) -> ImageData:
    settings = {"validation": ("Beta",), "test": ("Delta",), **settings}
    config = Config(path=str(path), **settings)  # type: ignore[arg-type]
    return Omniglot(config).load(cache, lambda *_: None)


def left_in(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file()] if folder.exists() else []


def groups(data: ImageData, split: str) -> set[str]:
    return {data.bank.classes[number].group for number in data.splits[split]}


# ------------------------------------------------------------------------------- what is read


@pytest.mark.parametrize("place", ["zip", "folder of zips", "part", "parent"])
def test_a_zip_a_folder_of_zips_an_unpacked_part_and_its_parent_read_alike(
    tmp_path: Path, cache: Path, files: Files, place: str
) -> None:
    path = {
        "zip": lambda: zipped(tmp_path / "any name.zip", files),
        "folder of zips": lambda: zipped(tmp_path / "z" / "images_background.zip", files).parent,
        "part": lambda: unpacked(tmp_path / "u", files) / "images_background",
        "parent": lambda: unpacked(tmp_path / "u", files),
    }[place]()
    data = load(path, cache)
    assert data.bank.images.shape == (4 * 2 * 3, 1, 28, 28)
    assert [c.group for c in data.bank.classes[::2]] == ["Alpha", "Beta", "Delta", "Gamma"]
    assert data.bank.classes[1].name == "character02"
    assert groups(data, "train") == {"Alpha", "Gamma"}
    assert groups(data, "validation") == {"Beta"}
    assert groups(data, "test") == {"Delta"}
    assert data.notes == ()


def test_ink_is_high_and_images_are_in_the_order_of_their_names(
    tmp_path: Path, cache: Path
) -> None:
    """Delta's first character: a = 3, c = 1, so its drawings have a black row at 34, 35, 36."""
    data = load(zipped(tmp_path / "o.zip", part("x", BACKGROUND)), cache, image_size=105)
    delta = data.bank.class_images(4)
    assert [int(image[0, :, 50].argmax()) for image in delta] == [34, 35, 36]
    assert set(np.unique(delta)) == {0, 255}


def test_where_the_evaluation_part_is_present_it_is_the_test_split(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    zipped(tmp_path / "images_background.zip", files)
    zipped(tmp_path / "images_evaluation.zip", part("images_evaluation", ("Eps", "Zeta")))
    data = load(tmp_path, cache)
    assert groups(data, "test") == {"Eps", "Zeta"}
    assert groups(data, "train") == {"Alpha", "Gamma", "Delta"}
    assert groups(data, "validation") == {"Beta"}


def test_a_character_with_one_image_is_left_out_and_named(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    lone = {"images_background/Alpha/character09/0109_01.png": png(1)}
    data = load(zipped(tmp_path / "o.zip", files | lone), cache)
    assert len(data.bank.classes) == 8
    assert data.bank.counts.min() == 3
    words = "Left out, for a task needs two images of each character: Alpha/character09; one image "
    assert data.notes == (words + "each.",)
    again = load(tmp_path / "o.zip", cache)
    assert again.notes == data.notes


def test_many_characters_with_one_image_are_one_note_that_names_five(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    lone = {f"images_background/Alpha/character{i}/0{i}_01.png": png(1) for i in range(20, 28)}
    data = load(zipped(tmp_path / "o.zip", files | lone), cache)
    assert len(data.notes) == 1
    assert "Alpha/character20, " in data.notes[0]
    assert "Alpha/character24 and 3 more; one image each." in data.notes[0]


def test_characters_that_all_have_one_image_are_refused(tmp_path: Path, cache: Path) -> None:
    lone = {f"images_background/Alpha/character{i}/0{i}_01.png": png(1) for i in range(20, 28)}
    path = zipped(tmp_path / "o.zip", lone)
    error = refused(path, cache)
    assert error.message == f"Each of the 8 characters in {path} has one image."
    assert "one to ask about" in error.hint


def test_what_systems_leave_lying_about_is_passed_over(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    litter = {
        "__MACOSX/images_background/Alpha/character01/._0101_01.png": b"x",
        "images_background/Alpha/.DS_Store": b"x",
        "images_background/Alpha/character01/Thumbs.db": b"x",
        "images_background/Alpha/character01/.hidden.png": b"x",
        "README.md": b"x",
    }
    assert len(load(zipped(tmp_path / "o.zip", litter | files), cache).bank.classes) == 8


def test_a_folder_is_not_searched_for_ever(tmp_path: Path, cache: Path, files: Files) -> None:
    deep = {f"a/b/c/d/{name}": data for name, data in files.items()}
    unpacked(tmp_path / "u", deep)
    assert "There are no images in" in refused(tmp_path / "u", cache).message


def test_the_second_load_reads_the_cache_until_the_source_changes(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    path, told = zipped(tmp_path / "o.zip", files), []
    config = Config(path=str(path), validation=("Beta",), test=("Delta",))
    for _ in range(2):
        Omniglot(config).load(cache, lambda *step: told.append(step))
    assert [done for done, *_ in told] == list(range(9))
    zipped(path, part("images_background", BACKGROUND, characters=3))
    data = Omniglot(config).load(cache, lambda *_: None)
    assert len(data.bank.classes) == 12


def test_images_of_several_sizes_in_one_class_come_out_alike(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    files |= {"images_background/Alpha/character01/0101_09.png": png(3, (60, 80))}
    assert load(zipped(tmp_path / "o.zip", files), cache).bank.counts[0] == 4


def test_the_real_background_part_is_964_characters_of_30_alphabets(
    omniglot_path: Path, tmp_path: Path
) -> None:
    told: list[str] = []

    def stop_after_one_alphabet(done: int, total: int, text: str) -> None:
        assert total == 964
        told.append(text)
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        Omniglot(Config(path=str(omniglot_path))).load(tmp_path, stop_after_one_alphabet)
    assert told[0] == "Reading Alphabet_of_the_Magi"
    assert listed(tmp_path) == []


# ------------------------------------------------------------------- the splits of papers

# Characters of the published alphabets in the order of their names, some of which are shortened.
SIZES_OF_BACKGROUND = """
Alphabet_of_the_Magi 20, Anglo-Saxon_Futhorc 29, Arcadian 26, Armenian 41,
Asomtavruli_(Georgian) 40, Balinese 24, Bengali 46, Blackfoot 14, Braille 26, Burmese 34,
Cyrillic 33, Early_Aramaic 22, Futurama 26, Grantha 43, Greek 24, Gujarati 48, Hebrew 22,
Inuktitut 16, Japanese_(hiragana) 52, Japanese_(katakana) 47, Korean 40, Latin 26, Malay 40,
Mkhedruli_(Georgian) 41, N_Ko 33, Ojibwe 14, Sanskrit 42, Syriac 23, Tagalog 17, Tifinagh 55
"""
SIZES_OF_EVALUATION = """
Angelic 20, Atemayar 26, Atlantean 26, Aurek-Besh 26, Avesta 26, Ge_ez 26, Glagolitic 45,
Gurmukhi 45, Kannada 41, Keble 26, Malayalam 47, Manipuri 40, Mongolian 30, Old_Church 45,
Oriya 46, Sylheti 28, Syriac_(Serto) 23, Tengwar 25, Tibetan 42, ULOG 26
"""


def sizes(table: str) -> dict[str, int]:
    pairs = (one.split() for one in table.split(","))
    return {name: int(size) for name, size in pairs}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both parts with their 1,623 characters, of two tiny drawings each."""
    folder, drawing = tmp_path_factory.mktemp("whole"), png(1, (8, 8))
    for part_name, table in (
        ("images_background", SIZES_OF_BACKGROUND),
        ("images_evaluation", SIZES_OF_EVALUATION),
    ):
        files = {
            f"{part_name}/{alphabet}/character{c:02d}/{d}.png": drawing
            for alphabet, size in sizes(table).items()
            for c in range(1, size + 1)
            for d in range(2)
        }
        zipped(folder / f"{part_name}.zip", files)
    return folder


def test_the_split_of_vinyals_is_the_list_that_came_with_prototypical_networks(
    whole: Path, cache: Path
) -> None:
    """Its three files name 1,028, 172 and 423 characters: five alphabets validate, and the last
    four of Gurmukhi with the twelve alphabets after it are the test."""
    data = load(whole, cache, split="vinyals", image_size=8)
    assert [len(numbers) for numbers in data.splits.values()] == [1028, 172, 423]
    assert groups(data, "validation") == {
        *("Armenian", "Bengali", "Early_Aramaic", "Hebrew", "Mkhedruli_(Georgian)")
    }
    tested = [data.bank.classes[number] for number in data.splits["test"]]
    of_gurmukhi = [one.name for one in tested if one.group == "Gurmukhi"]
    assert of_gurmukhi == ["character42", "character43", "character44", "character45"]
    assert {one.group for one in tested} == {*list(sizes(SIZES_OF_EVALUATION))[7:]}


def test_the_random_split_has_1100_100_and_423_characters_and_depends_on_the_seed(
    whole: Path, cache: Path
) -> None:
    one, same, other = (
        load(whole, cache, split="random", seed=seed, image_size=8).splits for seed in (1, 1, 2)
    )
    assert [len(numbers) for numbers in one.values()] == [1100, 100, 423]
    assert sorted(n for numbers in one.values() for n in numbers) == list(range(1623))
    assert one == same
    assert one != other


@pytest.mark.parametrize("split", ["vinyals", "random"])
def test_a_split_of_both_parts_is_refused_where_one_is_missing(
    tmp_path: Path, cache: Path, files: Files, split: str
) -> None:
    error = refused(zipped(tmp_path / "o.zip", files), cache, split=split)
    assert error.message == "This split is of 1,623 characters of both parts; there are 8."


def test_rotations_are_classes_of_training_alone_or_of_every_split(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    path = zipped(tmp_path / "o.zip", files)
    shape = TaskShape(n_way=2, k_shot=1, queries=1)
    counts = []
    for held_out in (False, True):
        data = load(path, cache, rotate_held_out=held_out)
        pools = [ImagePool(data, split, shape) for split in ("train", "validation", "test")]
        counts.append([len(pool.classes) for pool in pools])
    assert counts == [[16, 2, 2], [16, 8, 8]]


# ------------------------------------------------------------------------------- what is wrong


def refused(path: Path, cache: Path, **settings: object) -> DataError:
    with pytest.raises(DataError) as error:
        load(path, cache, **settings)
    assert error.value.hint
    assert left_in(cache) == []
    return error.value


def test_a_path_that_is_not_there_is_named(tmp_path: Path, cache: Path) -> None:
    message = refused(tmp_path / "nowhere", cache).message
    assert message == f"There is no file or folder {tmp_path / 'nowhere'}."


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_truncated_zip_is_said(tmp_path: Path, cache: Path, files: Files, keep: float) -> None:
    path = zipped(tmp_path / "o.zip", files)
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    assert "is not a whole zip archive" in refused(path, cache).message


def test_a_zip_with_a_flipped_byte_inside_is_said(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    path = zipped(tmp_path / "o.zip", files)
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 6] ^= 0xFF
    path.write_bytes(data)
    assert "is not a whole zip archive" in refused(path, cache).message


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG"])
def test_a_file_that_is_no_zip_is_said(tmp_path: Path, cache: Path, content: bytes) -> None:
    (tmp_path / "o.zip").write_bytes(content)
    assert "is not a whole zip archive" in refused(tmp_path / "o.zip", cache).message


def test_a_folder_or_zip_without_classes_is_said(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "There are no images in" in refused(tmp_path / "empty", cache).message
    flat = unpacked(tmp_path / "flat", {"a.png": png(), "b.txt": b""})
    assert "alphabet/character/image.png" in refused(flat, cache).hint
    assert "There are no images" in refused(zipped(tmp_path / "e.zip", {}), cache).message


@pytest.mark.parametrize(
    "name", ["../../evil.png", "/etc/a/b.png", "C:\\a\\b\\c.png", "a/..\\b.png"]
)
def test_a_zip_with_a_name_that_climbs_out_is_refused(
    tmp_path: Path, cache: Path, files: Files, name: str
) -> None:
    error = refused(zipped(tmp_path / "o.zip", files | {name: b"x"}), cache)
    assert "the unsafe name" in error.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"just text", "is not a readable image"),
        (b"", "is not a readable image"),
        (png()[:60], "is not a readable image"),
        (png(0, (1, 1)), "has 1 x 1 pixels; 8 to 4096 are expected"),
        (png(0, (9, 5000)), "has 5000 x 9 pixels"),
    ],
    ids=["text", "nothing", "cut off", "one pixel", "huge"],
)
@pytest.mark.parametrize("as_zip", [True, False])
def test_a_file_that_is_no_proper_image_is_named(
    tmp_path: Path, cache: Path, files: Files, content: bytes, words: str, as_zip: bool
) -> None:
    name = "images_background/Gamma/character02/0202_02.png"
    files[name] = content
    path = zipped(tmp_path / "o.zip", files) if as_zip else unpacked(tmp_path / "o", files)
    message = refused(path, cache).message
    assert message.startswith(name)
    assert words in message


def test_an_alphabet_that_is_not_there_is_named_beside_those_that_are(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    error = refused(zipped(tmp_path / "o.zip", files), cache, test=("Omega",))
    assert error.message == "The data have no alphabet called Omega."
    assert error.hint.endswith("Alpha, Beta, Delta, Gamma.")


def test_an_alphabet_in_two_splits_or_a_split_without_any_is_refused(
    tmp_path: Path, cache: Path, files: Files
) -> None:
    path = zipped(tmp_path / "o.zip", files)
    both = refused(path, cache, test=("Beta",))
    assert both.message == "Beta is kept for validation and for the test."
    none = refused(path, cache, validation=("Alpha", "Beta"), test=("Gamma", "Delta"))
    assert none.message == "No alphabet is left for the train split."


def test_a_full_disk_leaves_nothing(
    tmp_path: Path, cache: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert "The disk is full" in refused(zipped(tmp_path / "o.zip", files), cache).message


def test_cancelling_half_way_leaves_nothing(tmp_path: Path, cache: Path, files: Files) -> None:
    def stop(done: int, total: int, text: str) -> None:
        if done == 4:
            raise Cancelled

    config = Config(
        path=str(zipped(tmp_path / "o.zip", files)), validation=("Beta",), test=("Delta",)
    )
    with pytest.raises(Cancelled):
        Omniglot(config).load(cache, stop)
    assert left_in(cache) == []


# ------------------------------------------------------------------------------- downloads


@pytest.fixture
def server(tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    evaluation = part("images_evaluation", ("Eps",))
    archives = {
        "images_background.zip": zipped(tmp_path / "s" / "b.zip", files).read_bytes(),
        "images_evaluation.zip": zipped(tmp_path / "s" / "e.zip", evaluation).read_bytes(),
    }
    md5 = {name: hashlib.md5(data).hexdigest() for name, data in archives.items()}
    monkeypatch.setattr(download, "MD5", md5)
    with serving(archives) as server:
        monkeypatch.setattr(download, "ADDRESS", server.address)
        yield server


def test_an_empty_path_downloads_once_and_says_how_far_it_is(server: Server, cache: Path) -> None:
    told = []
    config = Config(validation=("Beta",), test=("Delta",))
    data = Omniglot(config).load(cache, lambda *step: told.append(step))
    assert groups(data, "test") == {"Delta"}
    size = (cache / "downloads" / "images_background.zip").stat().st_size
    assert (size, size, "Downloading images_background.zip") in told
    load("", cache)
    assert server.requests == ["/images_background.zip"]


def test_the_evaluation_part_is_downloaded_when_asked_for(server: Server, cache: Path) -> None:
    assert groups(load("", cache, download_evaluation=True), "test") == {"Eps"}
    assert server.requests == ["/images_background.zip", "/images_evaluation.zip"]
    assert groups(load("", cache), "test") == {"Delta"}  # it was not asked for, though it is there


def test_a_download_that_breaks_off_is_tried_again(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    server.answer = lambda n, data: (200, data[: 100 if n == 1 else None], len(data))
    assert len(load("", cache).bank.classes) == 8
    assert len(server.requests) == 2


def test_a_download_that_stays_damaged_is_said_and_not_kept(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    server.answer = lambda _, data: (200, b"x" + data[1:], len(data))
    error = _refused_download(cache)
    assert error.message == "images_background.zip arrived damaged 3 times."
    assert len(server.requests) == 3


def _refused_download(cache: Path) -> DataError:
    with pytest.raises(DataError) as error:
        load("", cache)
    assert error.value.hint
    assert left_in(cache) == []
    return error.value


def test_a_server_that_refuses_is_said(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    server.answer = lambda *_: (404, b"", 0)
    error = _refused_download(cache)
    assert error.message == "images_background.zip could not be downloaded: HTTPError."
    assert "choose it as the set's files (dataset.path)" in error.hint


def test_cancelling_a_download_leaves_nothing_and_the_next_try_is_clean(
    server: Server, cache: Path
) -> None:
    def stop(done: int, total: int, text: str) -> None:
        raise Cancelled

    config = Config(validation=("Beta",), test=("Delta",))
    with pytest.raises(Cancelled):
        Omniglot(config).load(cache, stop)
    assert left_in(cache) == []
    assert len(Omniglot(config).load(cache, lambda *_: None).bank.classes) == 8


def test_a_full_disk_stops_a_download_without_remains(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pooch.core.shutil.move", full)
    assert "The disk is full" in _refused_download(cache).message


def test_the_real_address_is_encrypted() -> None:
    assert download.ADDRESS.startswith("https://")
