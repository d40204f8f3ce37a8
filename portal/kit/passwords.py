"""Passwords through passlib's API: Argon2id, re-hashed when the cost rises, weak ones refused offline."""

import threading

from passlib.context import CryptContext
from passlib.hash import argon2
from zxcvbn import zxcvbn

argon2.set_backend("argon2_cffi")
MIN_LENGTH, MAX_LENGTH = 12, 256
_GOOD_SCORE = 3
_LEAST_OF_ONES_OWN, _A_WORD = 8, 3
_SCORED = 72  # zxcvbn refuses to score more; the whole password is hashed


class Passwords:
    """Hash and verify. At most two at a time, so that a flood of sign-ins cannot starve the pages."""

    def __init__(self, memory_kib: int, rounds: int) -> None:
        self._context = CryptContext(
            schemes=["argon2"],
            argon2__type="ID",
            argon2__memory_cost=memory_kib,
            argon2__time_cost=rounds,
            argon2__parallelism=1,
        )
        self._turns = threading.BoundedSemaphore(2)
        self._decoy = self.hash("a password nobody has")

    def hash(self, password: str) -> str:
        with self._turns:
            return str(self._context.hash(password))

    def verify(self, password: str, hashed: str | None) -> bool:
        """True when right. An unknown person (None) costs the same time as a wrong password."""
        with self._turns:
            right = self._context.verify(password[:MAX_LENGTH], hashed or self._decoy)
        return bool(right) and hashed is not None and len(password) <= MAX_LENGTH

    def is_outdated(self, hashed: str) -> bool:
        return bool(self._context.needs_update(hashed))


def weakness(password: str, *known: str) -> str | None:
    """Why a password is too weak, as a sentence, or None. `known`: name, e-mail: words that must not carry it."""
    if len(password) < MIN_LENGTH:
        return f"Please use at least {MIN_LENGTH} characters. A few unrelated words work well."
    if len(password) > MAX_LENGTH:
        return f"Please use at most {MAX_LENGTH} characters."
    words = [part for text in known for part in (text, *text.replace("@", " ").split())]
    if (
        len(_without(password, words)) < _LEAST_OF_ONES_OWN
        or zxcvbn(password[:_SCORED], user_inputs=words)["score"] < _GOOD_SCORE
    ):
        return "This password is easy to guess. A few unrelated words, or a longer sentence, are safer."
    return None


def _without(password: str, words: list[str]) -> str:
    """What is left when the words everybody could guess of this person are taken out."""
    left = password.casefold()
    for word in sorted({word.casefold() for word in words if len(word) >= _A_WORD}, key=len, reverse=True):
        left = left.replace(word, "")
    return left
