"""Files are fetched whole, from whoever has them, or not at all."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.datasets.serving import Server, serving
from workbench import fetching
from workbench.errors import Cancelled, DataError
from workbench.fetching import Remote, fetched

CONTENT = bytes(range(256)) * 1000
NAME = "set.zip"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving({NAME: CONTENT}) as running:
        yield running


@pytest.fixture
def other() -> Iterator[Server]:
    with serving({NAME: CONTENT}) as running:
        yield running


def remote(*servers: Server, checksum: str = "") -> Remote:
    own = checksum or "md5:" + hashlib.md5(CONTENT).hexdigest()
    return Remote(NAME, tuple(f"{server.address}/{NAME}" for server in servers), own)


def quiet(done: int, total: int, text: str) -> None:
    pass


def refused(remote: Remote, folder: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        fetched([remote], folder, quiet)
    assert list(folder.iterdir()) == []
    return caught.value


def test_a_file_is_fetched_once_and_said_by_its_bytes(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    for _ in range(2):
        (path,) = fetched([remote(server)], tmp_path, lambda *step: told.append(step))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT), f"Downloading {NAME}")
    assert server.requests == [f"/{NAME}"]


def test_where_one_server_has_nothing_the_next_is_asked(
    server: Server, other: Server, tmp_path: Path
) -> None:
    server.answer = lambda *_: (404, b"", 0)
    (path,) = fetched([remote(server, other)], tmp_path, quiet)
    assert path.read_bytes() == CONTENT
    assert other.requests == [f"/{NAME}"]


def test_where_one_server_has_something_else_the_next_is_asked(
    server: Server, other: Server, tmp_path: Path
) -> None:
    server.answer = lambda _, data: (200, b"x" + data[1:], len(data))
    (path,) = fetched([remote(server, other)], tmp_path, quiet)
    assert path.read_bytes() == CONTENT


def test_where_every_server_fails_the_last_is_said(
    server: Server, other: Server, tmp_path: Path
) -> None:
    for one in (server, other):
        one.answer = lambda *_: (503, b"", 0)
    error = refused(remote(server, other), tmp_path)
    assert error.message == f"{NAME} could not be downloaded: HTTPError."
    assert f"{other.address}/{NAME}" in error.hint


def test_a_transfer_that_dies_half_way_is_tried_again_from_the_start(
    server: Server, tmp_path: Path
) -> None:
    server.answer = lambda n, data: (200, data[: 1000 if n < 3 else None], len(data))
    (path,) = fetched([remote(server)], tmp_path, quiet)
    assert path.read_bytes() == CONTENT
    assert len(server.requests) == fetching.TRIES


def test_a_transfer_that_always_dies_leaves_nothing(server: Server, tmp_path: Path) -> None:
    server.answer = lambda _, data: (200, data[:1000], len(data))
    assert "could not be downloaded" in refused(remote(server), tmp_path).message
    assert len(server.requests) == fetching.TRIES


def test_without_a_checksum_the_length_alone_is_held(server: Server, tmp_path: Path) -> None:
    bare = Remote(NAME, (f"{server.address}/{NAME}",))
    server.answer = lambda n, data: (200, data[: 1000 if n == 1 else None], len(data))
    (path,) = fetched([bare], tmp_path, quiet)
    assert path.read_bytes() == CONTENT


def test_a_slow_transfer_is_told_piece_by_piece_and_can_be_stopped_meanwhile(
    server: Server, tmp_path: Path
) -> None:
    """The server holds the rest back until the test is over: who stops does not wait for it."""
    over = threading.Event()

    def drip(body: bytes) -> Iterator[bytes]:
        for piece in range(3):
            yield body[10 * piece : 10 * piece + 10]
        over.wait(20)

    def stop(done: int, total: int, text: str) -> None:
        if done >= 10:
            told.append(done)
            raise Cancelled

    server.pieces, told = drip, []
    try:
        with pytest.raises(Cancelled):
            fetched([remote(server)], tmp_path, stop)
        assert told[0] <= 30
        assert list(tmp_path.iterdir()) == []
    finally:
        over.set()


def test_a_server_that_falls_silent_counts_as_gone(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.05)
    over = threading.Event()

    def silent(body: bytes) -> Iterator[bytes]:
        yield body[:10]
        over.wait(20)

    server.pieces = silent
    try:
        assert "could not be downloaded" in refused(remote(server), tmp_path).message
    finally:
        over.set()


def test_an_open_address_is_asked_encrypted() -> None:
    assert fetching._encrypted("http://example.org/a.zip") == "https://example.org/a.zip"
    assert fetching._encrypted("https://example.org/a.zip") == "https://example.org/a.zip"
    with pytest.raises(ValueError, match="is not https"):
        fetching._encrypted("ftp://example.org/a.zip")


def test_a_redirection_to_an_open_address_is_refused(
    server: Server, other: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "localhost" stands for any other machine: this one alone, by its number, may be open."""
    server.location = other.address.replace("127.0.0.1", "localhost") + f"/{NAME}"
    server.answer = lambda *_: (302, b"", 0)
    error = refused(remote(server), tmp_path)
    assert error.message == f"{NAME} could not be downloaded: InvalidURL."
