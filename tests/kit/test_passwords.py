"""Passwords: Argon2id, the whole password counts, weak ones are refused with a sentence."""

import time

import pytest
from passlib.hash import argon2

from portal.kit.passwords import MAX_LENGTH, Passwords, weakness
from portal.settings import Settings

LIGHT = Passwords(64, 1)
GOOD = "correct-battery-staple-horse"


def test_the_ordinary_cost_is_what_owasp_asks_for():
    settings = Settings()
    hashed = Passwords(settings.password_memory_kib, settings.password_rounds).hash(GOOD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_verifies_and_another_does_not():
    hashed = LIGHT.hash(GOOD)
    assert LIGHT.verify(GOOD, hashed)
    for other in (GOOD + "x", GOOD[:-1], GOOD.upper(), f" {GOOD}", f"{GOOD}\0", "", "\0"):
        assert not LIGHT.verify(other, hashed)
    assert LIGHT.hash(GOOD) != hashed, "salted"


@pytest.mark.parametrize("length", [72, 100, MAX_LENGTH])
def test_every_character_counts(length):
    password = "é" * (length - 1) + "a"
    hashed = LIGHT.hash(password)
    assert LIGHT.verify(password, hashed)
    assert not LIGHT.verify(password[:-1] + "b", hashed)
    assert not LIGHT.verify(password + "x", hashed), "no tail is ignored"


def test_nobodys_password_costs_the_same_work(monkeypatch):
    calls = []
    real = argon2._calc_checksum
    monkeypatch.setattr(
        argon2, "_calc_checksum", lambda self, secret: (calls.append(self.rounds), real(self, secret))[1], raising=False
    )
    checked = Passwords(64, 1)
    hashed = checked.hash(GOOD)
    assert not checked.verify("wrong", None)
    assert not checked.verify("a password nobody has", None), "not even the decoy's own password"
    assert not checked.verify("wrong", hashed)


def test_a_hash_is_renewed_when_the_cost_rises():
    assert not LIGHT.is_outdated(LIGHT.hash(GOOD))
    assert Passwords(128, 1).is_outdated(LIGHT.hash(GOOD))
    assert Passwords(64, 2).is_outdated(LIGHT.hash(GOOD))


@pytest.mark.parametrize(
    "password, sentence",
    [
        ("short", "at least 12 characters"),
        ("elevenchars", "at least 12 characters"),
        ("x" * 257, "at most 256 characters"),
        ("password1234", "easy to guess"),
        ("aaaaaaaaaaaa", "easy to guess"),
        ("qwertyuiop123", "easy to guess"),
        ("123456789012", "easy to guess"),
        ("alice@example.test", "easy to guess"),
        ("AliceAsh2026", "easy to guess"),
        ("iloveyou1234", "easy to guess"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(password, sentence):
    assert sentence in weakness(password, "Alice Ash", "alice@example.test")


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "kaffee schwarz bitte ohne zucker",
        "пароль длинный и хороший",
        "🐙🦑🐠🐟🐡🦐🦞🦀🐚🐬🐳🐋",
        "rx7Q-mmPz-22kd",
    ],
)
def test_a_good_one_is_taken_whatever_it_is_made_of(password):
    assert weakness(password, "Alice Ash", "alice@example.test") is None


@pytest.mark.parametrize(
    "password", ["a" * 256, "ab" * 128, "(" * 256, "1qaz2wsx" * 32, "\u202e" * 200, "correcthorse" * 21]
)
def test_judging_takes_no_time_to_speak_of(password):
    began = time.process_time()
    weakness(password, "Alice Ash", "alice@example.test")
    assert time.process_time() - began < 2
