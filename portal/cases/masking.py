"""Free words without the people in them, for what leaves the portal. Pure. It finds what the portal knows: the names
of the team and of the client, the client's number, and what looks like an address or a telephone number.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator

SOMEBODY, ADDRESS, NUMBER = "[name]", "[e-mail]", "[phone]"
_ADDRESS = re.compile(r"[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]]{1,250}\.\w{2,}")
_SPELLED = re.compile(
    r"[\w.+-]{1,64}(?: at [\w-]{1,63}(?: dot \w{2,63})+"
    r"|\s?[(\[]at[)\]]\s?[\w-]{1,63}(?:(?:\.| dot |\s?[(\[]dot[)\]]\s?)\w{2,63})+)",
    re.IGNORECASE,
)
_ABROAD = re.compile(r"(?<![^\W_])\+[1-9](?:[ ()/.-]{0,3}\d){6,14}(?![^\W_])")
_DIALLED = re.compile(r"(?<![^\W_])(?<!\d[./-])(?!\d\d[./-]\d\d[./-])0\d(?:[ ()/.-]{0,3}\d){6,14}(?![^\W_])")
_TELLING = 7  # last digits of a number that are the same however it is written
_SHORT = 2
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


def masked(text: str, names: Collection[str], phone: str = "", *, is_code: bool = False) -> str:
    """`names`: as in the accounts; each part of one is masked too, of two letters or fewer only as it is written.
    `is_code`: a lot or serial number, in which a row of digits without a plus is no telephone number.
    """
    text = unicodedata.normalize("NFC", text)
    for pattern in (_ADDRESS, _SPELLED):
        text = pattern.sub(ADDRESS, text)
    numbers = [_own_number(phone)] if phone else []
    for pattern in (*numbers, _ABROAD, *(() if is_code else (_DIALLED,))):
        text = pattern.sub(NUMBER, text)
    for pattern in _as_names(_written(names)):
        text = pattern.sub(SOMEBODY, text)
    return text


def _written(names: Collection[str]) -> list[str]:
    """Whole names and their parts, with and without their accents; the longest first."""
    whole = [unicodedata.normalize("NFC", name).strip() for name in names]
    parts = {part for name in whole for part in (name, *re.findall(r"[^\W\d_]+", name)) if part}
    spelled = {way for part in parts for way in (part, part.translate(_GERMAN), _plain(part))}
    return sorted(spelled, key=lambda one: (-len(one), one))


def _plain(name: str) -> str:
    """“José” as “Jose”."""
    return "".join(one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one))


def _as_names(names: Collection[str]) -> Iterator[re.Pattern[str]]:
    """Of two letters or fewer only as it is written: “Li” is a name, “li” a syllable."""
    short = [name for name in names if len(name) <= _SHORT]
    for some, flags in (([name for name in names if len(name) > _SHORT], re.IGNORECASE), (short, re.NOFLAG)):
        if some:
            yield re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, some))})(?:s|’s|'s)?(?![^\W_])", flags)


def _own_number(phone: str) -> re.Pattern[str]:
    digits = re.sub(r"\D", "", phone)[-_TELLING:]
    return re.compile(r"(?<![^\W_])(?:\+?\(?\d[\d ()/.-]{0,12})?" + r"[ ()/.-]*".join(digits) + r"(?!\d)")
