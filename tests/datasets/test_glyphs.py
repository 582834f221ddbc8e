"""Glyphs: the invented alphabets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from workbench.bank import Bank
from workbench.datasets.glyphs import Alphabet, Config, Glyphs, alphabets
from workbench.errors import Cancelled, DataError
from workbench.sources import ImageData

TINY = {"alphabets": 4, "characters": 5, "drawers": 4, "validation": 1, "test": 1}


def listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def load(cache: Path, **settings: object) -> ImageData:
    return Glyphs(Config(**(TINY | settings))).load(cache, lambda *_: None)  # type: ignore[arg-type]


def first(count: int, **settings: object) -> Iterator[Alphabet]:
    return islice(alphabets(Config(**(TINY | settings))), count)  # type: ignore[arg-type]


def test_the_default_has_as_many_characters_as_omniglot() -> None:
    from workbench.datasets.glyphs import _sizes

    sizes = _sizes(Config())
    assert (len(sizes), sum(sizes), min(sizes), max(sizes)) == (30, 964, 14, 55)


def test_a_bank_has_every_character_by_every_drawer_with_ink_high(tmp_path: Path) -> None:
    data = load(tmp_path)
    assert data.bank.images.shape == (4 * 5 * 4, 1, 28, 28)
    assert data.bank.counts.tolist() == [4] * 20
    assert data.folder == str(data.bank.folder)
    ink = np.asarray(data.bank.images).reshape(80, -1)
    assert (ink.max(axis=1) > 100).all()
    assert (np.median(ink, axis=1) == 0).all()


def test_splits_are_whole_alphabets_and_share_none(tmp_path: Path) -> None:
    data = load(tmp_path)
    groups = {
        split: {data.bank.classes[number].group for number in numbers}
        for split, numbers in data.splits.items()
    }
    assert [len(groups[split]) for split in ("train", "validation", "test")] == [2, 1, 1]
    assert len(set.union(*groups.values())) == 4
    assert sorted(sum(data.splits.values(), ())) == list(range(20))


def test_the_same_seed_writes_the_same_and_another_writes_another() -> None:
    one, again, other = (next(first(1, seed=seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.images, again.images)
    assert one.name == again.name
    assert not np.array_equal(one.images, other.images)


def test_an_alphabet_is_the_same_however_many_are_asked_for() -> None:
    few, many = list(first(3, alphabets=3)), list(first(3, alphabets=100))
    for a, b in zip(few, many, strict=True):
        assert a.name == b.name
        np.testing.assert_array_equal(a.images, b.images)


def test_a_drawer_writes_the_same_among_any_number_of_others() -> None:
    few, many = next(first(1, drawers=3)), next(first(1, drawers=9))
    np.testing.assert_array_equal(few.images, many.images[:, :3])


def test_no_two_drawings_are_alike() -> None:
    images = next(first(1, characters=8, drawers=8)).images
    assert len({image.tobytes() for image in images.reshape(64, -1)}) == 64


def test_names_of_alphabets_are_pronounceable_and_differ() -> None:
    """Groups are told apart by their names, so a second alphabet may not take one again."""
    names = [alphabet.name for alphabet in first(60, alphabets=60, characters=2, drawers=2)]
    assert len(set(names)) == 60
    assert all(name.isalpha() and name.istitle() and set("aeiou") & set(name) for name in names)


def test_drawings_stay_on_the_paper() -> None:
    """None touches an edge, beyond which it would be cut off."""
    for alphabet in first(4, characters=10, drawers=10):
        edges = [alphabet.images[..., 0, :], alphabet.images[..., :, 0]]
        edges += [alphabet.images[..., -1, :], alphabet.images[..., :, -1]]
        assert not any(edge.any() for edge in edges)


def test_drawings_of_one_character_are_closer_than_those_of_two() -> None:
    """The nearest other drawing, blurred, is mostly of the same character."""
    from workbench.ink import resize

    images = resize(next(first(1, characters=12, drawers=12)).images, 9).reshape(144, -1) / 255.0
    distance = ((images[:, None] - images) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    same = distance.argmin(axis=1) // 12 == np.arange(144) // 12
    assert same.mean() > 0.5  # by chance 0.08


def test_the_second_load_reads_the_cache_and_other_splits_share_it(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    config = Config(**TINY)  # type: ignore[arg-type]
    Glyphs(config).load(tmp_path, lambda *step: told.append(step))
    assert [done for done, *_ in told] == [0, 5, 10, 15, 20]
    assert {total for _, total, _ in told} == {20}
    Glyphs(config.model_copy(update={"test": 2, "rotations": False})).load(
        tmp_path, lambda *step: told.append(step)
    )
    assert len(told) == 5
    assert len(listed(tmp_path)) == 1


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, total: int, text: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        Glyphs(Config(**TINY)).load(tmp_path, stop)  # type: ignore[arg-type]
    assert listed(tmp_path) == []


def test_a_damaged_cache_is_built_again(tmp_path: Path) -> None:
    data = load(tmp_path)
    images = np.array(data.bank.images)
    Path(data.folder, "images.npy").write_bytes(b"damaged")
    np.testing.assert_array_equal(load(tmp_path).bank.images, images)
    assert isinstance(load(tmp_path).bank, Bank)


def test_keeping_every_alphabet_is_refused_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="5 of 4 alphabets are kept") as error:
        load(tmp_path, validation=3, test=2)
    assert error.value.hint == "Ask for at least 6 alphabets, or keep fewer."
    assert listed(tmp_path) == []
