"""The store of sealed files: whole or not there, inside its folder, for its user alone."""

import os
import resource
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from portal.kit.errors import Unavailable
from portal.kit.storage import BucketStorage, LocalStorage, new_name, open_storage


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


@pytest.fixture(params=["folder", "bucket"])
def store(request, folder):
    return LocalStorage(folder) if request.param == "folder" else BucketStorage("memory:///portal")


def test_what_is_put_can_be_got_listed_and_deleted(store):
    name, other = new_name(), new_name()
    store.put(name, b"sealed")
    store.put(other, b"")
    assert store.get(name) == b"sealed"
    assert sorted(store.names()) == sorted([name, other])
    store.delete(name)
    assert list(store.names()) == [other]


def test_what_is_not_there_is_a_key_error_and_may_be_deleted(store):
    with pytest.raises(KeyError):
        store.get(new_name())
    store.delete(new_name())


def test_names_are_random():
    assert len({new_name() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "..",
        "../../etc/passwd",
        "ab/../../../etc/passwd",
        "/etc/passwd",
        "ab/" + "0" * 29,
        "ab/" + "A" * 38,
        "ab\\" + "0" * 38,
        "ab/" + "0" * 38 + "/../x",
        "ab/" + "0" * 38 + "\0.jpg",
        "ab/" + "0" * 38 + "\n",
        "a/" + "0" * 38,
        "%2e%2e/" + "0" * 38,
        "ab/." + "0" * 38,
    ],
)
def test_a_name_of_somebody_elses_making_is_refused(folder, name):
    store = LocalStorage(folder)
    for act in (lambda: store.put(name, b"x"), lambda: store.get(name), lambda: store.delete(name)):
        with pytest.raises(KeyError):
            act()
    assert list(folder.rglob("*")) == []


def test_only_its_user_may_look(folder):
    name = new_name()
    LocalStorage(folder).put(name, b"sealed")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / name[:2]).stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_a_full_disk_is_said_and_leaves_nothing(folder):
    store = LocalStorage(folder)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(Unavailable, match="Nothing was saved"):
            store.put(new_name(), b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_folder_that_refuses_is_said(folder):
    store, name = LocalStorage(folder), new_name()
    (folder / name[:2]).write_text("a file where a folder should be")
    with pytest.raises(Unavailable):
        store.put(name, b"sealed")


def test_a_write_that_was_cut_off_is_not_seen_until_it_is_old(folder, later):
    store, name = LocalStorage(folder), new_name()
    store.put(name, b"sealed")
    (folder / name[:2] / ".half.part").write_bytes(b"hal")
    assert list(store.names()) == [name]
    with later(timedelta(minutes=61)):
        assert sorted(store.names()) == sorted([name, f"{name[:2]}/.half.part"])


def test_a_folder_that_is_away_is_not_an_empty_one(folder):
    store = LocalStorage(folder)
    folder.rmdir()
    with pytest.raises(Unavailable):
        list(store.names())


def test_the_file_and_its_folder_reach_the_disk_before_put_returns(folder, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: (synced.append(str(Path(f"/proc/self/fd/{handle}").readlink())), real(handle))
    )
    name = new_name()
    LocalStorage(folder).put(name, b"sealed")
    assert synced[0].endswith(".part")
    assert [str(folder / name[:2]), str(folder)] == synced[1:]


def test_a_bucket_that_refuses_is_said(tmp_path):
    name = new_name()
    (tmp_path / name[:2]).write_text("a file where a folder should be")
    store = BucketStorage(f"file://{tmp_path}")
    for act in (lambda: store.put(name, b"x"), lambda: store.get(name), lambda: store.delete(name)):
        with pytest.raises(Unavailable) as caught:
            act()
        assert str(tmp_path) not in str(caught.value)


def test_a_bucket_that_is_away_is_said(tmp_path):
    store = BucketStorage(f"file://{tmp_path}")
    store._store = object()
    with pytest.raises(Unavailable):
        list(store.names())


def test_the_setting_says_which(folder):
    assert isinstance(open_storage("local", folder), LocalStorage)
    assert isinstance(open_storage("memory:///x", folder), BucketStorage)
