"""A person's own pictures, in every layout that people keep them in."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from workbench import pictures
from workbench.datasets.image_folder import Config, ImageFolder
from workbench.errors import ConfigError, DataError
from workbench.services.experiment import resolve
from workbench.sources import ImageData

Files = dict[str, bytes]
SIZE = 12


def picture(
    seed: int, size: tuple[int, int] = (SIZE, SIZE), mode: str = "RGB", form: str = "PNG"
) -> bytes:
    random = np.random.default_rng(seed)
    image = Image.fromarray(random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    out = io.BytesIO()
    image.convert(mode).save(out, form)
    return out.getvalue()


def classes(count: int = 6, images: int = 3, above: str = "") -> Files:
    return {
        f"{above}class {c}/{i}.png": picture(10 * c + i)
        for c in range(count)
        for i in range(images)
    }


def unpacked(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zipped(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: Files) -> Path:
    packing = path.suffix.removeprefix(".").replace("tgz", "gz").replace("tar", "")
    with tarfile.open(path, f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def load(place: Path, **settings: object) -> ImageData:
    values = {"image_size": SIZE, **settings}
    config = Config(path=str(place), **values)
    return ImageFolder(config).load(place.parent / "cache", lambda done, total, text: None)


def refused(place: Path, **settings: object) -> DataError:
    with pytest.raises(DataError) as caught:
        load(place, **settings)
    cache = place.parent / "cache"
    assert not cache.exists() or not list(cache.iterdir()), "something half-made is left"
    return caught.value


@pytest.mark.parametrize("as_zip", [True, False])
@pytest.mark.parametrize("above", ["", "photos/", "photos/of mine/"])
def test_a_folder_for_each_class_is_understood_however_it_is_wrapped(
    tmp_path: Path, above: str, as_zip: bool
) -> None:
    files = classes(above=above)
    place = zipped(tmp_path / "a.zip", files) if as_zip else unpacked(tmp_path / "a", files)
    data = load(place)
    assert [info.name for info in data.bank.classes] == [f"class {c}" for c in range(6)]
    assert data.bank.images.shape == (18, 1, SIZE, SIZE)
    assert {name: len(numbers) for name, numbers in data.splits.items()} == {
        "train": 4,
        "validation": 1,
        "test": 1,
    }
    assert sorted(n for numbers in data.splits.values() for n in numbers) == list(range(6))
    assert not data.split_given


def test_the_seed_alone_decides_which_classes_are_held_out(tmp_path: Path) -> None:
    place = unpacked(tmp_path / "a", classes(20, 2))
    one, same, other = (load(place, seed=seed).splits for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_whole_groups_are_held_out_on_request(tmp_path: Path) -> None:
    files = {k: v for group in "ABCDE" for k, v in classes(3, 2, above=f"root/{group}/").items()}
    data = load(zipped(tmp_path / "a.zip", files), hold_out="group")
    groups = [{data.bank.classes[n].group for n in numbers} for numbers in data.splits.values()]
    assert [len(found) for found in groups] == [3, 1, 1]
    assert set.union(*groups) == set("ABCDE")


def test_folders_that_are_called_like_splits_are_the_splits(tmp_path: Path) -> None:
    files = classes(3, above="train/") | classes(1, above="val/") | classes(2, above="test/")
    data = load(unpacked(tmp_path / "a", files))
    assert data.splits == {"train": (0, 1, 2), "validation": (3,), "test": (4, 5)}
    assert data.split_given


def test_a_split_that_is_given_for_some_only_is_refused(tmp_path: Path) -> None:
    files = classes(3, above="train/") | classes(2, above="test/")
    error = refused(unpacked(tmp_path / "a", files))
    assert error.message == "The classes of validation are missing."


def test_the_tables_of_miniimagenet_are_read_with_their_splits(tmp_path: Path) -> None:
    """As Ravi and Larochelle published them: three tables, and all pictures in one folder."""
    files: Files = {}
    for split, labels in (("train", "abc"), ("val", "d"), ("test", "ef")):
        lines = ["filename,label"]
        for label in labels:
            for number in range(2):
                name = f"n{label}{number}.jpg"
                files[f"images/{name}"] = picture(ord(label) + number, form="JPEG")
                lines.append(f"{name},n{label}")
        files[f"{split}.csv"] = "\n".join(lines).encode()
    data = load(zipped(tmp_path / "mini.zip", files), colour=True)
    assert data.bank.images.shape == (12, 3, SIZE, SIZE)
    names = [info.name for info in data.bank.classes]
    assert [[names[n] for n in numbers] for numbers in data.splits.values()] == [
        ["na", "nb", "nc"],
        ["nd"],
        ["ne", "nf"],
    ]


def test_a_table_with_quotes_newlines_and_a_column_of_splits(tmp_path: Path) -> None:
    lines = ["\ufeffpath,class,split"]
    files: Files = {}
    for number, split in enumerate(["train", "train", "valid", "test"]):
        for image in range(2):
            files[f"some/where/{number}, {image}.png"] = picture(number + 10 * image)
            lines.append(f'"{number}, {image}.png","sort\n""{number}""",{split}')
    files["labels.csv"] = "\n".join(lines).encode()
    data = load(unpacked(tmp_path / "a", files))
    assert data.splits == {"train": (0, 1), "validation": (2,), "test": (3,)}
    assert data.bank.classes[0].name == 'sort\n"0"'


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"a,b\n1,2", "labels.csv has the columns a, b; filename and label are needed."),
        (b"", "labels.csv has the columns of nothing; filename and label are needed."),
        (b"filename,label\nno.png,a", "labels.csv names no.png, which is not there."),
        (b"filename,label\n0.png,a", "labels.csv names 0.png, which several folders have."),
        (b"\xff\xfe\x00", "labels.csv is no table of text"),
    ],
)
def test_a_table_that_cannot_be_followed_is_refused(
    tmp_path: Path, table: bytes, said: str
) -> None:
    error = refused(zipped(tmp_path / "a.zip", classes() | {"labels.csv": table}))
    assert error.message.startswith(said)


def test_names_in_any_script_are_classes_of_their_own(tmp_path: Path) -> None:
    names = ("katze", "Kätze", "猫", "çat")
    files = {f"{name}/{i}.png": picture(i) for name in names for i in range(2)}
    data = load(zipped(tmp_path / "a.zip", files))
    assert {info.name for info in data.bank.classes} == set(names)


def test_pictures_of_any_kind_and_size_become_squares(tmp_path: Path) -> None:
    files = classes(3, 2) | {
        "class 0/wide.jpg": picture(1, (40, 20), form="JPEG"),
        "class 1/tall.png": picture(2, (20, 40), "L"),
        "class 2/clear.png": picture(3, (30, 30), "RGBA"),
        "class 2/palette.gif": picture(4, (30, 9), "P", "GIF"),
    }
    for fit in ("crop", "pad", "stretch"):
        for colour in (True, False):
            data = load(unpacked(tmp_path / "a", files), fit=fit, colour=colour)
            assert data.bank.images.shape == (10, 3 if colour else 1, SIZE, SIZE)
    assert data.notes == ()


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    """Orientation 6: the camera was held so that the file's left is the picture's top."""
    image = Image.fromarray(np.kron([[0, 0], [255, 255]], np.ones((8, 8))).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, "PNG", exif=exif)
    data = load(
        unpacked(tmp_path / "a", classes(3, 2) | {"class 0/0.png": out.getvalue()}),
        image_size=16,
        colour=True,
    )
    turned = data.bank.images[0, 0]
    assert (turned[:, :8].min(), turned[:, 8:].max()) == (255, 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_may_be_held_in_eight_ways(orientation: int) -> None:
    """As Pillow itself turns them."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    Image.fromarray(np.arange(96, dtype=np.uint8).reshape(8, 12)).save(out, "PNG", exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue())))
    assert np.array_equal(pictures.decode(out.getvalue(), "a.png"), upright)


def test_a_photograph_with_nonsense_in_its_cameras_notes_is_turned_upright_all_the_same(
    tmp_path: Path,
) -> None:
    """Two notes: orientation 6, and a count of pages that is a fraction where a number belongs."""
    notes = "4d4d002a 00000008 0002 0112000300000001 00060000 0129000500000001 00000026 00000000"
    exif = b"Exif\x00\x00" + bytes.fromhex(notes) + bytes(8)
    half = Image.fromarray(np.kron([[0, 0], [255, 255]], np.ones((8, 8))).astype(np.uint8))
    out = io.BytesIO()
    half.save(out, "JPEG", exif=exif)
    files = classes(3, 2) | {"class 0/0.jpg": out.getvalue()}
    turned = load(unpacked(tmp_path / "a", files), image_size=16, colour=True).bank.images[0, 0]
    assert turned[:, :8].min() > 200
    assert turned[:, 8:].max() < 50


def test_dark_ink_on_light_paper_is_turned_round_in_grey(tmp_path: Path) -> None:
    paper = np.full((SIZE, SIZE), 255, np.uint8)
    paper[4:6] = 0
    out = io.BytesIO()
    Image.fromarray(paper).save(out, "PNG")
    files = classes(3, 2) | {"class 0/0.png": out.getvalue()}
    grey = load(unpacked(tmp_path / "a", files)).bank.images[0, 0]
    assert (grey[4:6].min(), grey[0].max()) == (255, 0)


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    files = classes(4, 2) | {
        "lone/1.png": picture(1),
        "class 0/notes.txt": b"hello",
        "read me.md": b"x",
        ".DS_Store": b"x",
        "__MACOSX/class 0/._0.png": b"x",
    }
    data = load(zipped(tmp_path / "a.zip", files))
    assert data.notes == (
        "Left out, for a task needs two images of each class: lone; one image each.",
        "Passed over, for they are no pictures of a class: class 0/notes.txt, read me.md.",
    )


def test_a_second_opening_reads_the_bank(tmp_path: Path) -> None:
    place = unpacked(tmp_path / "a", classes())
    first = load(place)
    assert load(place).folder == first.folder
    (place / "class 0" / "0.png").write_bytes(picture(99))
    assert load(place).folder != first.folder


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"class 0/0.png": b"just text"}, "is not a readable image"),
        ({"class 0/0.png": picture(1)[:90]}, "is not a readable image"),
        ({"class 0/0.png": picture(1, (1, 1))}, "has 1 x 1 pixels; 8 to 10000 are expected"),
        ({"../class 0/0.png": picture(1)}, "holds a file with the unsafe name"),
        ({"/class 0/0.png": picture(1)}, "holds a file with the unsafe name"),
    ],
    ids=["text", "cut off", "one pixel", "climbing", "absolute"],
)
def test_hostile_members_are_named_and_nothing_is_left(
    tmp_path: Path, extra: Files, said: str
) -> None:
    assert said in refused(zipped(tmp_path / "a.zip", classes() | extra)).message


def test_a_picture_of_absurd_size_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    """30,000 x 30,000 pixels of one colour are 110 kB as a PNG, and 900 MB unpacked: its header
    alone says enough."""
    head = picture(1)
    size = (30_000).to_bytes(4, "big")
    bomb = bytearray(head)
    bomb[16:24] = size + size

    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    error = refused(zipped(tmp_path / "a.zip", classes() | {"class 0/0.png": bytes(bomb)}))
    assert error.message == "class 0/0.png has too many pixels; a side may have 10,000."


def test_a_member_that_unpacks_to_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.archives.MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("class 0/0.png", bytes(2 << 20))
    error = refused(tmp_path / "a.zip")
    assert error.message.endswith("which unpacks to 2 MB; at most 1 are expected.")


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])
def test_a_tar_is_read_as_a_zip_is_whatever_it_is_packed_with(tmp_path: Path, ending: str) -> None:
    """Its members lie in any order, and `tar` begins names with "./"."""
    files = classes()
    shuffled = dict(reversed([(f"./{name}", content) for name, content in files.items()]))
    data = load(tarred(tmp_path / f"a.{ending}", shuffled))
    plain = load(unpacked(tmp_path / "b", files))
    assert np.array_equal(data.bank.images, plain.bank.images)
    assert data.bank.classes == plain.bank.classes


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_tar_that_is_cut_off_is_refused(tmp_path: Path, keep: float) -> None:
    place = tarred(tmp_path / "a.tar.gz", classes())
    content = place.read_bytes()
    place.write_bytes(content[: int(keep * len(content))])
    assert refused(place).message.endswith("is not a whole tar archive.")


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/class/a.png", "C:\\a\\b.png"])
def test_a_tar_with_a_name_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    error = refused(tarred(tmp_path / "a.tar", classes() | {name: b"x"}))
    assert "the unsafe name" in error.message
    assert not (tmp_path.parent / "evil.png").exists()


def test_a_member_of_a_tar_that_claims_gigabytes_is_refused_before_it_is_read(
    tmp_path: Path,
) -> None:
    place = tmp_path / "a.tar"
    with tarfile.open(place, "w") as archive:
        member = tarfile.TarInfo("class 0/bomb.png")
        member.size = 1 << 40
        archive.addfile(member)
    error = refused(place)
    assert error.message.endswith("which unpacks to 1,048,576 MB; at most 256 are expected.")


@pytest.mark.parametrize("ending", ["zip", "tar"])
def test_links_in_an_archive_are_never_followed_and_are_named(tmp_path: Path, ending: str) -> None:
    (tmp_path / "secret.png").write_bytes(picture(99))
    place = tmp_path / f"a.{ending}"
    if ending == "zip":
        zipped(place, classes())
        link = zipfile.ZipInfo("class 0/9.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(place, "a") as archive:
            archive.writestr(link, str(tmp_path / "secret.png"))
    else:
        tarred(place, classes())
        with tarfile.open(place, "a") as tar:
            for name, kind in (("class 0/9.png", tarfile.SYMTYPE), ("class 0/x", tarfile.LNKTYPE)):
                member = tarfile.TarInfo(name)
                member.type, member.linkname = kind, str(tmp_path / "secret.png")
                tar.addfile(member)
    data = load(place)
    assert data.bank.counts.tolist() == [3] * 6
    assert "links that lead nowhere or out of the archive: class 0/9.png" in data.notes[0]


def test_a_broken_link_among_pictures_is_skipped_and_named(tmp_path: Path) -> None:
    place = unpacked(tmp_path / "a", classes())
    (place / "class 0" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (place / "class 0" / "ring.png").symlink_to(place / "class 0" / "ring.png")
    (place / "class 0" / "good.png").symlink_to(place / "class 1" / "0.png")
    data = load(place)
    assert data.bank.counts.tolist() == [4, 3, 3, 3, 3, 3]
    words = "Passed over, for they are links that lead nowhere or out of the archive: "
    assert data.notes == (f"{words}a/class 0/gone.png, a/class 0/ring.png.",)


def test_a_picture_that_two_tables_name_is_in_both_classes(tmp_path: Path) -> None:
    lines = ["filename,label,split"]
    lines += [
        f"{n}.png,{label},{split}"
        for label, split in (("a", "train"), ("b", "val"), ("c", "test"))
        for n in range(2)
    ]
    files = {f"{n}.png": picture(n) for n in range(2)} | {"t.csv": "\n".join(lines).encode()}
    data = load(zipped(tmp_path / "a.zip", files))
    assert data.bank.counts.tolist() == [2, 2, 2]
    assert np.array_equal(data.bank.class_images(0), data.bank.class_images(2))


def test_the_home_of_nobody_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        ImageFolder(Config(path="~nobody-of-that-name/x")).load(tmp_path, lambda *_: None)
    words = "There is no home folder of that name in ~nobody-of-that-name/x."
    assert caught.value.message == words
    with pytest.raises(ConfigError, match=words):
        resolve({"dataset": "image_folder", "dataset.path": "~nobody-of-that-name/x"})


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "There are no classes in"),
        ({"a.png": picture(1), "b.png": picture(2)}, "Three splits need three classes; there are"),
        ({f"{c}/1.png": picture(c) for c in range(5)}, "Each of the 5 classes in"),
        (classes(2), "Three splits need three classes; there are 2."),
    ],
    ids=["nothing", "no folders", "one each", "two classes"],
)
def test_too_little_is_said(tmp_path: Path, files: Files, said: str) -> None:
    (tmp_path / "a").mkdir()
    assert refused(unpacked(tmp_path / "a", files)).message.startswith(said)


def test_shares_that_leave_nothing_to_train_on_are_refused(tmp_path: Path) -> None:
    place = unpacked(tmp_path / "a", classes(4, 2))
    error = refused(place, validation_share=0.5, test_share=0.5)
    assert error.message == "4 of 4 classes are held out: nothing is left to train on."


def test_a_place_that_is_not_there_and_one_that_is_no_zip(tmp_path: Path) -> None:
    assert refused(tmp_path / "none").message.startswith("There is no file or folder")
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    assert refused(tmp_path / "a.zip").message.endswith("is not a whole zip archive.")


def test_a_picture_beside_the_classes_is_passed_over_and_the_splits_stay(tmp_path: Path) -> None:
    files = classes(3, above="train/") | classes(1, above="val/") | classes(2, above="test/")
    data = load(unpacked(tmp_path / "a", files | {"cover.png": picture(1)}))
    assert data.splits == {"train": (0, 1, 2), "validation": (3,), "test": (4, 5)}
    assert "Passed over, for they are no pictures of a class: a/cover.png." in data.notes


def test_what_programs_hide_for_themselves_is_no_class(tmp_path: Path) -> None:
    """Also where the folder itself lies out of sight."""
    hidden = classes(2, above=".thumbnails/") | {"class 0/.ipynb_checkpoints/0.png": picture(1)}
    data = load(unpacked(tmp_path / ".mine", classes(4) | hidden))
    assert [info.name for info in data.bank.classes] == [f"class {c}" for c in range(4)]
    assert (len(data.bank.images), data.notes) == (12, ())


def test_classes_on_both_sides_of_a_given_split_are_named(tmp_path: Path) -> None:
    """As a data set for ordinary classification is laid out."""
    files = {k: v for s in ("train", "val", "test") for k, v in classes(2, above=f"{s}/").items()}
    assert load(unpacked(tmp_path / "a", files)).notes == (
        (
            "In several splits, so that what is asked was trained on: class 0, class 1. Few-shot "
            "splits hold out whole classes."
        ),
    )


def test_a_picture_that_a_table_names_twice_is_there_once(tmp_path: Path) -> None:
    """Else the same picture could be learned from and asked about."""
    lines = ["filename,label"]
    lines += [f"class {c}/{i}.png,class {c}" for c in range(4) for i in (0, 1, 1)]
    data = load(
        zipped(tmp_path / "a.zip", classes(4, 2) | {"LABELS.CSV": "\n".join(lines).encode()})
    )
    assert (data.bank.counts.tolist(), data.notes) == ([2] * 4, ())


def test_a_zip_with_the_slashes_of_windows_is_read_alike(tmp_path: Path) -> None:
    place = zipped(tmp_path / "a.zip", classes())
    turned = (
        place.read_bytes().replace(b"class 0/", b"class 0\\").replace(b"class 1/", b"class 1\\")
    )
    (tmp_path / "b.zip").write_bytes(turned)
    one, other = load(place), load(tmp_path / "b.zip")
    assert [info.name for info in other.bank.classes] == [f"class {c}" for c in range(6)]
    assert np.array_equal(one.bank.images, other.bank.images)


def test_sixteen_bits_of_grey_keep_their_levels(tmp_path: Path) -> None:
    """From 0 to 65,280 in steps of 256 x 16: 0, 16, … 240 of 8 bits. Pillow by itself makes white
    of all but the first."""
    levels = np.repeat(np.arange(16, dtype=np.uint16) * 4096, 16).reshape(16, 16)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG")
    files = classes(3, 2) | {"class 0/0.png": out.getvalue()}
    images = load(unpacked(tmp_path / "a", files), image_size=16, colour=True).bank.images
    assert images[0, 0, :, 0].tolist() == list(range(0, 256, 16))


def test_a_name_too_long_for_the_system_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / ("a" * 300)).message.startswith("There is no file or folder")


def test_a_table_may_be_named_itself_and_brings_only_what_it_names(tmp_path: Path) -> None:
    files = {f"{c}/{i}.png": picture(3 * c + i) for c in range(4) for i in range(2)}
    files |= {"images/5.png": picture(50), "images/6.png": picture(51), "stray/1.png": picture(9)}
    place = unpacked(tmp_path / "a", files)
    lines = [f"{c}/{i}.png,class {c}" for c in range(4) for i in range(2)]
    table = place / "labels.csv"
    table.write_text("\n".join(["file,class", *lines, "5.png,five", "6.png,five"]))
    data = load(table)
    assert [info.name for info in data.bank.classes] == [
        "class 0", "class 1", "class 2", "class 3", "five"
    ]  # fmt: skip
    assert data.notes == (), "what else lies there is not looked at"
    other = unpacked(tmp_path / "b", {"labels.csv": b"file,class\n../a/0/0.png,x\n"}) / table.name
    error = refused(other)
    assert error.message == "b/labels.csv names ../a/0/0.png, which is not there."
    other.write_text("name,class\n")
    assert refused(other).message.startswith("b/labels.csv has the columns name, class;")


def test_names_that_differ_in_capitals_alone_are_refused(tmp_path: Path) -> None:
    files = {f"{name}/{i}.png": picture(i) for name in ("Ant", "ant", "bee") for i in range(2)}
    error = refused(zipped(tmp_path / "a.zip", files))
    assert error.message == "Classes whose names differ in capitals alone: Ant, ant."


def test_one_shot_runs_are_no_classes_and_it_is_said_what_they_are_for(tmp_path: Path) -> None:
    files = {f"run01/training/class0{i}.png": picture(i) for i in (1, 2)}
    files |= {f"run01/test/item0{i}.png": picture(9 + i) for i in (1, 2)}
    files |= {"run01/class_labels.txt": b"run01/test/item01.png run01/training/class01.png"}
    error = refused(zipped(tmp_path / "one_shot_runs.zip", files))
    assert error.message.startswith("These are Omniglot's one-shot runs")
    assert error.hint.startswith("Score a run on them")
