"""Keys, sealed files, sealed cookies."""

import base64
import time

import pytest

from portal.kit.crypto import CookieBox, Damaged, derive, fingerprint, new_token, seal, unseal

MASTER = b"0123456789abcdef0123456789abcdef"
KEY = derive(MASTER, "photos")


def test_each_purpose_has_its_key():
    keys = {derive(MASTER, "photos"), derive(MASTER, "cookies"), derive(MASTER + b"!", "photos")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert derive(MASTER, "photos") == KEY


def test_sealed_bytes_open_again_and_never_look_the_same():
    assert unseal(KEY, seal(KEY, b"a scalp", "ab/1"), "ab/1") == b"a scalp"
    assert len({seal(KEY, b"a scalp", "ab/1") for _ in range(50)}) == 50
    assert b"scalp" not in seal(KEY, b"a scalp", "ab/1")


def test_every_flipped_bit_is_noticed():
    sealed = seal(KEY, b"a scalp", "ab/1")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Damaged):
            unseal(KEY, bytes(changed), "ab/1")


@pytest.mark.parametrize("length", [0, 1, 5, 12, 20])
def test_a_file_that_was_cut_is_noticed(length):
    with pytest.raises(Damaged):
        unseal(KEY, seal(KEY, b"a scalp", "ab/1")[:length], "ab/1")


def test_a_swapped_file_or_another_key_is_noticed():
    with pytest.raises(Damaged):
        unseal(KEY, seal(KEY, b"a scalp", "ab/1"), "ab/2")
    with pytest.raises(Damaged):
        unseal(derive(MASTER, "other"), seal(KEY, b"a scalp", "ab/1"), "ab/1")


def test_a_cookie_opens_for_its_purpose_only():
    box = CookieBox(MASTER)
    closed = box.close("link", "a: secret ü")
    assert box.open("link", closed, 60) == "a: secret ü"
    assert box.open("flash", closed, 60) is None
    assert CookieBox(MASTER + b"!").open("link", closed, 60) is None
    assert "secret" not in base64.urlsafe_b64decode(closed).decode("latin-1")


def test_a_flipped_character_is_noticed():
    closed = CookieBox(MASTER).close("link", "secret")
    for place in range(len(closed.rstrip("=")) - 1):
        changed = closed[:place] + ("A" if closed[place] != "A" else "B") + closed[place + 1 :]
        assert CookieBox(MASTER).open("link", changed, 60) is None


def test_an_old_cookie_is_over(monkeypatch):
    box = CookieBox(MASTER)
    closed = box.close("link", "secret")
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert box.open("link", closed, 60) is None


@pytest.mark.parametrize("junk", ["", "x", "ü", "\udc80", "A" * 5000])
def test_junk_is_no_cookie(junk):
    assert CookieBox(MASTER).open("link", junk, 60) is None


def test_tokens_are_long_and_differ_and_are_stored_as_fingerprints():
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(base64.urlsafe_b64decode(token + "=")) == 32 for token in tokens)
    assert fingerprint("x") != fingerprint("y")
    assert len(fingerprint("x")) == 64
