"""Never-ignore words in a client's own text; they can only raise. The words are data: `wordlist.toml`."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

APART = 6  # words joined by + may stand so far from each other
ENOUGH = 0.4  # of the words must be known, else a person reads the text; English and German lie above half
_MARKS = re.compile(r"[’'`´]")
_TOKENS = re.compile(r"[^\W_]+|[^\w\s]")
_SAME = (("ae", "a"), ("oe", "o"), ("ue", "u"))  # an umlaut, its spelling with e, and the bare letter

Pattern = tuple[tuple[str, ...], ...]  # parts that must all be there; each is words in a row


@dataclass(frozen=True, slots=True)
class Found:
    """What a text holds: the signs its words name, and whether it could be read at all."""

    signs: frozenset[str]
    is_read: bool


@dataclass(frozen=True, slots=True)
class WordList:
    """Patterns by sign, in all languages, and the words by which a language is known."""

    version: str
    signs: Mapping[str, tuple[Pattern, ...]]
    common: frozenset[str]

    def search(self, text: str) -> Found:
        """Every sign the text names. An empty text names none and is read."""
        tokens = _tokens(text)
        places = _places(tokens)
        signs = frozenset(sign for sign, patterns in self.signs.items() if any(_in(one, places) for one in patterns))
        return Found(signs, self._is_read(tokens))

    def _is_read(self, tokens: Sequence[str]) -> bool:
        words = [token for token in tokens if token.isalpha()]
        known = sum(word in self.common for word in words)
        return not tokens or (bool(words) and known >= ENOUGH * len(words))


def read(text: str) -> WordList:
    """A word list from TOML. Raises ValueError for a sign without words."""
    data = tomllib.loads(text)
    signs = {
        sign: tuple(_pattern(one) for some in languages.values() for one in some)
        for sign, languages in data["signs"].items()
    }
    if empty := sorted(sign for sign, patterns in signs.items() if not all(patterns) or not patterns):
        raise ValueError(f"no words for {', '.join(empty)}")
    return WordList(data["version"], signs, frozenset(_tokens(" ".join(data["common"].values()))))


def _pattern(said: str) -> Pattern:
    return tuple(tuple(_fold(part).split()) for part in said.split("+") if part.strip())


def _fold(text: str) -> str:
    bare = unicodedata.normalize("NFKD", _MARKS.sub("", text).casefold())
    bare = "".join(mark for mark in bare if not unicodedata.combining(mark))
    for long, short in _SAME:
        bare = bare.replace(long, short)
    return bare


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(_fold(text))


def _places(tokens: Sequence[str]) -> Callable[[str], frozenset[int]]:
    """Where a word of a pattern stands; each is looked for once, among the different words of the text."""
    at: dict[str, set[int]] = {}
    for number, token in enumerate(tokens):
        at.setdefault(token, set()).add(number)

    @cache
    def of(word: str) -> frozenset[int]:
        if "*" not in word:
            return frozenset(at.get(word, ()))
        return frozenset(number for token, numbers in at.items() if fnmatchcase(token, word) for number in numbers)

    return of


def _in(pattern: Pattern, places: Callable[[str], frozenset[int]]) -> bool:
    """Whether all parts of a pattern stand in the text, not too far from each other."""
    found = [_starts(part, places) for part in pattern]
    if not all(found):
        return False
    return any(all(not other.isdisjoint(range(at - APART, at + APART + 1)) for other in found[1:]) for at in found[0])


def _starts(part: Sequence[str], places: Callable[[str], frozenset[int]]) -> frozenset[int]:
    """Where words that follow each other begin."""
    return frozenset.intersection(*(frozenset(at - number for at in places(word)) for number, word in enumerate(part)))


RUNNING = read((Path(__file__).parent / "wordlist.toml").read_text("utf-8"))
