import pytest

from workbench.errors import ConfigError
from workbench.schema import files
from workbench.schema.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"algorithm": "reptile", "training.optimizer": "adamw", "training.clip_norm": 1e-7},
        {"dataset": "sinusoid", "backbone": "mlp", "backbone.hidden": (64, 32)},
        {"dataset": "arrays", "dataset.path": '/a "quoted" \\ folder/ü'},
        {"algorithm": "protonet", "training.n_way": None},
    ],
)
def test_what_is_written_is_read_back(catalogue, tmp_path, values):
    path = tmp_path / "experiment.toml"
    files.write(path, catalogue, values)
    assert catalogue.complete(files.read(path, catalogue)) == catalogue.complete(values)


def test_every_setting_stands_under_its_sentence(catalogue):
    text = files.text(catalogue, {})
    row = next(row for row in catalogue.rows({}) if row.key == "task.n_way")
    assert f"# {row.help} Range: 2 – 1,000.\nn_way = 5\n" in text


def test_a_file_says_only_what_differs_from_the_one_it_extends(catalogue, tmp_path):
    (tmp_path / "base.toml").write_text(
        '[algorithm]\nname = "maml"\ninner_lr = 0.3\n[task]\nn_way = 7\n'
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "one.toml").write_text('extends = "../base.toml"\n[task]\nk_shot = 2\n')
    assert files.read(tmp_path / "more" / "one.toml", catalogue) == {
        "algorithm.name": "maml",
        "algorithm.inner_lr": 0.3,
        "task.n_way": 7,
        "task.k_shot": 2,
    }


def test_another_algorithm_than_the_extended_file_s_drops_that_one_s_settings(catalogue, tmp_path):
    (tmp_path / "base.toml").write_text('[algorithm]\nname = "maml"\ninner_lr = 0.3\n')
    (tmp_path / "one.toml").write_text('extends = "base.toml"\nalgorithm = "protonet"\n')
    values = files.read(tmp_path / "one.toml", catalogue)
    assert values == {"algorithm.name": "protonet"}


def test_a_path_in_a_file_is_relative_to_the_file(catalogue, tmp_path):
    (tmp_path / "one.toml").write_text('[dataset]\nname = "arrays"\npath = "data"\n')
    values = files.read(tmp_path / "one.toml", catalogue)
    assert values["dataset.path"] == str(tmp_path / "data")


def test_a_preset_can_be_named_in_a_file(catalogue, tmp_path):
    (tmp_path / "one.toml").write_text('preset = "glyphs-quick"\n[training]\nseed = 3\n')
    complete = catalogue.complete(files.read(tmp_path / "one.toml", catalogue))
    assert (complete["training.steps"], complete["training.seed"]) == (200, 3)


def test_files_that_extend_each_other_are_refused(catalogue, tmp_path):
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(ConfigError, match=r"extends itself: a\.toml → b\.toml → a\.toml"):
        files.read(tmp_path / "a.toml", catalogue)


def test_a_missing_file_is_named_with_the_one_that_asks_for_it(catalogue, tmp_path):
    (tmp_path / "a.toml").write_text('extends = "gone.toml"\n')
    with pytest.raises(ConfigError, match=r"gone\.toml, which a\.toml extends"):
        files.read(tmp_path / "a.toml", catalogue)


def test_a_file_that_is_not_toml_says_where(catalogue, tmp_path):
    (tmp_path / "a.toml").write_text("[task]\nn_way = five\n")
    with pytest.raises(ConfigError, match="line 2"):
        files.read(tmp_path / "a.toml", catalogue)
