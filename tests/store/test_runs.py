"""The store as a whole: making, finding, listing, deleting runs."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.store.conftest import CONFIG, ENVIRONMENT, Python, line, output, saves
from workbench.errors import StoreError
from workbench.store import Best, RunStatus, RunWriter, Store


def ended(store: Store, **config: object) -> str:
    with store.create({**CONFIG, **config}, ENVIRONMENT) as writer:
        writer.status(RunStatus.DONE)
    return writer.run


def test_a_run_is_named_by_its_number_its_algorithm_and_its_data(store: Store) -> None:
    assert ended(store) == "0001-maml-omniglot"
    assert ended(store, algorithm={"name": "Proto Net/2"}) == "0002-proto-net-2-omniglot"
    with store.create({}, {}) as writer:
        assert writer.run == "0003-run"
        assert writer.folder == store.root / "runs" / "0003-run"


def test_what_the_trainer_says_is_what_others_read(store: Store, writer: RunWriter) -> None:
    best = Best(step=90, value=0.75, interval=0.01, metric="accuracy")
    writer.status(RunStatus.PAUSED, "asked to", "resume it", step=100, steps=500, tasks=1600)
    writer.status(RunStatus.RUNNING, duration_s=12.5, best=best, last=best)
    reader = store.open(writer.run)
    summary = reader.summary()
    assert reader.config == CONFIG
    assert reader.environment == ENVIRONMENT
    assert (summary.run, summary.number, summary.config) == (writer.run, 1, CONFIG)
    assert (summary.status, summary.reason, summary.hint) == (RunStatus.RUNNING, "", "")
    assert (summary.step, summary.steps, summary.tasks) == (100, 500, 1600)
    assert (summary.duration_s, summary.best, summary.last) == (12.5, best, best)
    assert summary.created <= summary.updated <= time.time()
    assert store.runs() == [summary]


def test_runs_are_listed_newest_first(store: Store) -> None:
    names = [ended(store) for _ in range(3)]
    assert [summary.run for summary in store.runs()] == names[::-1]


@pytest.mark.parametrize("name", ["0002-maml-omniglot", "2", "0002", "0002-ma"])
def test_a_run_is_found_by_id_number_or_beginning(store: Store, name: str) -> None:
    ended(store), ended(store)
    assert store.open(name).run == "0002-maml-omniglot"


def test_a_beginning_that_several_runs_share_finds_none_and_names_them(store: Store) -> None:
    ended(store), ended(store)
    with pytest.raises(StoreError) as caught:
        store.open("000")
    assert str(caught.value) == ("2 runs begin with “000”: 0001-maml-omniglot, 0002-maml-omniglot.")
    assert caught.value.hint == "Give the number of one."


@pytest.mark.parametrize("name", ["3", "nonsense", "", "../runs/0001-maml-omniglot", "²"])
def test_a_run_that_is_not_there_is_named_with_the_newest_that_is(store: Store, name: str) -> None:
    ended(store)
    with pytest.raises(StoreError) as caught:
        store.open(name)
    assert str(caught.value) == f"There is no run “{name}” in {store.root}."
    assert caught.value.hint == "The newest is 0001-maml-omniglot; “runs” lists them all."


def test_an_empty_store_makes_nothing_and_lists_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "never" / "made")
    assert store.runs() == []
    assert store.problems() == []
    with pytest.raises(StoreError, match="There is no run “1”"):
        store.open("1")
    assert list(tmp_path.iterdir()) == []


CREATES = """
import os, sys
from pathlib import Path
from workbench.store import RunStatus, Store
os.fsync = lambda handle: None  # waiting for the disk would keep them out of each other's way
print("ready", flush=True)
sys.stdin.readline()
for _ in range(15):
    with Store(Path(sys.argv[1])).create({"algorithm": {"name": sys.argv[2]}}, {}) as writer:
        writer.status(RunStatus.DONE)
"""


def test_processes_that_make_runs_at_once_share_no_number(store: Store, python: Python) -> None:
    makers = [python(CREATES, store.root, name) for name in ("a", "b", "c")]
    assert [line(maker) for maker in makers] == ["ready"] * 3
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("go\n")
        maker.stdin.flush()
    for maker in makers:
        output(maker)
    assert sorted(summary.number for summary in store.runs()) == list(range(1, 46))


def test_a_deleted_run_comes_back_from_the_trash_as_it_was(store: Store) -> None:
    run = ended(store)
    before = store.runs()
    store.delete(run)
    assert (store.runs(), store.trashed()) == ([], [run])
    with pytest.raises(StoreError) as caught:
        store.open(run)
    assert caught.value.hint == "It is in the trash: restore it first."
    store.restore(run)
    assert (store.runs(), store.trashed()) == (before, [])


def test_a_run_that_trains_cannot_be_deleted(store: Store, writer: RunWriter) -> None:
    with pytest.raises(StoreError, match=f"cannot be deleted: .* by process {os.getpid()} on"):
        store.delete(writer.run)
    assert [summary.run for summary in store.runs()] == [writer.run]


def test_the_trash_gives_up_for_good_only_what_is_old_enough(store: Store) -> None:
    old, young = ended(store), ended(store)
    store.delete(old), store.delete(young)
    week_ago = time.time() - 7 * 86400
    os.utime(store.root / "trash" / old, (week_ago, week_ago))
    assert store.purge() == []
    assert store.purge(older_than_s=86400) == [old]
    assert store.trashed() == [young]


def test_the_number_of_a_run_that_is_gone_for_good_is_not_given_again(store: Store) -> None:
    store.delete(ended(store))
    store.purge(older_than_s=-1)
    assert ended(store) == "0002-maml-omniglot"
    (store.root / "store.json").write_text("")  # as a power cut may leave it
    assert ended(store) == "0003-maml-omniglot"


def test_what_is_no_run_is_listed_as_a_problem_and_left_alone(store: Store) -> None:
    run = ended(store)
    foreign = store.root / "runs" / "holiday"
    half_made = store.root / "runs" / "0007-half-made"
    foreign.mkdir(), half_made.mkdir()
    (store.root / "runs" / "notes.txt").write_text("a file among the runs")
    assert [summary.run for summary in store.runs()] == [run]
    problems = {problem.path: problem.message for problem in store.problems()}
    assert problems == {
        str(foreign): f"{foreign} is not a run's folder.",
        str(half_made): f"{half_made} is no run: it has no status.json.",
    }
    assert ended(store).startswith("0008")


@pytest.mark.parametrize("name", ["config.json", "status.json", "user.json"])
def test_a_run_with_a_damaged_file_does_not_hide_the_others(store: Store, name: str) -> None:
    good, bad = ended(store), ended(store)
    store.open(bad).set_user(starred=True)
    file = store.root / "runs" / bad / name
    file.write_text('{"version": 1, "conf')
    assert [summary.run for summary in store.runs()] == [good]
    assert [problem.message for problem in store.problems()] == [f"{file} is damaged."]


@pytest.mark.parametrize("name", ["config.json", "status.json"])
def test_a_run_of_a_later_version_is_refused_with_both_versions(store: Store, name: str) -> None:
    run = ended(store)
    file = store.root / "runs" / run / name
    file.write_text(file.read_text().replace('"version": 1', '"version": 7'))
    with pytest.raises(StoreError) as caught:
        store.open(run).summary()
    assert str(caught.value) == f"{file} has format 7; this program reads format 1."
    assert store.runs() == []
    assert len(store.problems()) == 1


def test_a_status_lost_to_a_power_cut_is_told_by_the_last_checkpoint(store: Store) -> None:
    with store.create(CONFIG, ENVIRONMENT) as writer:
        writer.status(RunStatus.RUNNING, step=40, steps=90)
        writer.checkpoint(40, saves(b"weights"))
    (writer.folder / "status.json").write_bytes(b"")
    summary = store.open(writer.run).summary()
    assert (summary.status, summary.step, summary.steps) == (RunStatus.DIED, 40, 90)
    store.resume(writer.run).close()


def test_notes_stars_and_tags_are_kept_one_by_one(store: Store) -> None:
    run = ended(store)
    reader = store.open(run)
    reader.set_user(tags=["paper", "fig 2", "paper"])
    reader.set_user(notes="slow\nbut fine", starred=True)
    reader.set_user(starred=False)
    (summary,) = store.runs()
    assert (summary.tags, summary.notes, summary.starred) == (
        ("paper", "fig 2"),
        "slow\nbut fine",
        False,
    )


def test_a_store_that_is_a_file_is_refused_with_a_way_out(tmp_path: Path) -> None:
    place = tmp_path / "store"
    place.write_text("not a folder")
    for use in (lambda: Store(place).create({}, {}), Store(place).runs):
        with pytest.raises(StoreError) as caught:
            use()
        assert "Not a directory" in str(caught.value)
        assert "--store" in caught.value.hint


READ_ONLY = """
import os, sys
from pathlib import Path
from workbench.errors import StoreError
from workbench.store import Store
if os.geteuid() == 0:
    os.setuid(65534)  # to root nothing is read-only
store = Store(Path(sys.argv[1]))
print(store.runs()[0].run, len(store.problems()))
for refused in (lambda: store.create({}, {}), lambda: store.delete("1"),
                lambda: store.resume("1"), lambda: store.open("1").set_user(starred=True)):
    try:
        refused()
    except StoreError as error:
        print(error, error.hint)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="folders are made read-only in another way")
def test_a_read_only_store_is_read_and_every_change_refused_in_a_sentence(python: Python) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        run = ended(Store(root))
        folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o555)
        first, *refusals = output(python(READ_ONLY, root)).splitlines()
        for folder in folders:
            folder.chmod(0o755)
        assert first == f"{run} 0"
        assert len(refusals) == 4
        for refusal in refusals:
            assert "cannot be written: Permission denied. Make the folder writable" in refusal
        assert [path.name for path in (root / "runs").iterdir()] == [run]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit on Windows")
def test_a_run_that_could_not_be_made_leaves_no_folder(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(store)
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"There is no room left to write .*config\.json"):
            store.create({"notes": "x" * 2000}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in (store.root / "runs").iterdir()] == ["0001-maml-omniglot"]
    assert store.problems() == []
