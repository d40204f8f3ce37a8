"""Free words without the people in them, for what leaves the portal. Pure. It finds what the portal knows: the names,
the address and the number of those concerned, and what looks like an address or an international number.
"""

import re
from collections.abc import Iterable

SOMEBODY, ADDRESS, NUMBER = "[name]", "[e-mail]", "[phone]"
_ADDRESS = re.compile(r"[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]]{1,250}\.\w{2,}")
_INTERNATIONAL = re.compile(r"(?<!\w)(?:\+|00)[1-9](?:[ ()/.-]{0,3}\d){6,14}(?!\w)")
_TELLING = 7  # last digits of a number that are the same however it is written


def masked(text: str, names: Iterable[str], phones: Iterable[str] = ()) -> str:
    """`names`: as in the accounts; each part of one is masked too, of two letters or fewer only as it is written."""
    text = _ADDRESS.sub(ADDRESS, text)
    for phone in phones:
        text = _own_number(phone).sub(NUMBER, text) if phone else text
    text = _INTERNATIONAL.sub(NUMBER, text)
    for name in names:
        text = _as_name(name).sub(SOMEBODY, text)
        for part in re.findall(r"[^\W\d_]+", name):
            text = _as_name(part).sub(SOMEBODY, text)
    return text


def _as_name(name: str) -> re.Pattern[str]:
    flags = re.IGNORECASE if len(name) > 2 else re.NOFLAG  # noqa: PLR2004 - “Li” is a name, “li” a syllable
    return re.compile(rf"\b{re.escape(name)}(?:s|’s|'s)?\b", flags)


def _own_number(phone: str) -> re.Pattern[str]:
    digits = re.sub(r"\D", "", phone)[-_TELLING:]
    return re.compile(r"(?<!\w)\+?[\d ()/.-]{0,12}" + r"[ ()/.-]*".join(digits) + r"(?!\d)")
