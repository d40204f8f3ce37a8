"""Keys and their use: one master key, a derived key per purpose, AES-256-GCM for files, Fernet for cookies."""

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class Damaged(ValueError):  # noqa: N818 - reads as the sentence it is
    """What was sealed has been changed, or the key is another one."""


def derive(master: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, from the master key (HKDF-SHA256)."""
    return HKDF(SHA256(), 32, salt=None, info=f"portal/{purpose}".encode()).derive(master)


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """AES-256-GCM: nonce + ciphertext. `about` (for instance the file's name) is bound to it: a swapped file fails."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """The reverse of `seal`. Raises Damaged."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: cut so short that not even the nonce is left
        raise Damaged("sealed bytes do not open") from error


class CookieBox:
    """Short texts in a cookie that only we can read or write. Closed for one purpose, they open for no other."""

    def __init__(self, master: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derive(master, "cookies")))

    def close(self, purpose: str, text: str) -> str:
        return self._fernet.encrypt(f"{purpose}:{text}".encode()).decode()

    def open(self, purpose: str, token: str, max_age: int) -> str | None:
        """The text, or None when it is forged, older than `max_age` seconds or was closed for another purpose."""
        try:
            kind, _, text = self._fernet.decrypt(token.encode(), ttl=max_age).decode().partition(":")
        except (InvalidToken, UnicodeError):
            return None
        return text if kind == purpose else None


def new_token() -> str:
    """256 random bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What is stored of a token: its SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()
