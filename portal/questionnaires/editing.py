"""How the clinic may change its questions. Pure.

A key names one question for ever, so that an answer given years ago still says what it said: a new question never gets
the key of another one, and the words of a question may be changed only in the sense that clients are asked anew.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from portal.questionnaires.rules import Meaning, Question, in_order

MOST_QUESTIONS, LONGEST_WAIT = 60, 730
# the rules about side effects read these answers
RELIED_UPON = frozenset({"allergy", "bleeding", "diabetes", "immune", "keloid", "systemic", "therapy", "thinners"})
T = TypeVar("T")
_NOT_IN_A_KEY = re.compile(r"[^a-z0-9]+")


class Kind(StrEnum):
    """What became of a question between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference between two versions; `lines` (what, before, after) for a question that stayed."""

    kind: Kind
    question: Question
    lines: tuple[tuple[str, str, str], ...] = ()

    @property
    def asks_anew(self) -> bool:
        return self.kind is Kind.ADDED or any(line[0] == _WORDS["ask"] for line in self.lines)


_WORDS = {
    "short": "Name",
    "ask": "Question",
    "why": "Why we ask",
    "group": "Page",
    "yes": "Yes means",
    "unsure": "Not sure means",
    "wait_days": "Days to wait",
    "reask_days": "Asked anew after days",
    "sources": "Source",
}


def key_for(name: str) -> str:
    """A key from the question's name: “Keloid or raised scars” → keloid_or_raised_scars. Empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_KEY.sub("_", plain).strip("_")[:40].strip("_")


def key_problem(question: Question, now: Iterable[Question], ever: Iterable[Question]) -> str | None:
    """Why a new question cannot have this key, as a sentence. A question that was removed may come back unchanged."""
    if not question.key:
        return "Please give a name with at least one letter or digit."
    if question.key in {other.key for other in now}:
        return "There is a question of this name already. Please choose another name."
    if any(other.key == question.key and not other.asks_the_same(question) for other in ever):
        return "An earlier question had this name, and its answers are kept under it. Please choose another name."
    return None


def removal_problem(key: str) -> str | None:
    """Why a question cannot be left out, as a sentence."""
    if key in RELIED_UPON:
        return "The rules about side effects need this answer: the question can be reworded, but not removed."
    return None


def set_problem(questions: Sequence[Question], now: Sequence[Question]) -> str | None:
    """Why these questions cannot be published in place of `now`, as a sentence."""
    if not questions:
        return "There must be at least one question."
    if len(questions) > MOST_QUESTIONS:
        return f"There can be at most {MOST_QUESTIONS} questions. Please ask less."
    keys = {question.key for question in questions}
    if missing := RELIED_UPON - keys:
        return f"The rules about side effects need these questions too: {', '.join(sorted(missing))}."
    if len(keys) != len(questions):
        return "Two questions have the same key. Please remove one of them."
    if list(questions) == list(now):
        return "Nothing has changed since the version in force."
    return None


def meaning_problem(yes: Meaning, unsure: Meaning) -> str | None:
    """Not sure is never treated as no."""
    if unsure is Meaning.FINE and yes is not Meaning.FINE:
        return "“Not sure” is never treated like “no”. Please choose another meaning."
    return None


def replaced(questions: Sequence[Question], question: Question) -> tuple[Question, ...]:
    """The questions with the one of this key exchanged, or with a new one at the end of its page."""
    if any(other.key == question.key for other in questions):
        return in_order([question if other.key == question.key else other for other in questions])
    return in_order([*questions, question])


def moved(questions: Sequence[Question], key: str, *, up: bool, whole_page: bool) -> tuple[Question, ...]:
    """One question a place up or down on its page, or its whole page among the pages. At the edge nothing moves."""
    pages: dict[str, list[Question]] = {}
    for question in in_order(questions):
        pages.setdefault(question.group, []).append(question)
    page = next((name for name, some in pages.items() if any(one.key == key for one in some)), None)
    if page is None:
        return tuple(questions)
    if whole_page:
        names = list(pages)
        _swap(names, names.index(page), up=up)
        return tuple(question for name in names for question in pages[name])
    some = pages[page]
    _swap(some, next(place for place, one in enumerate(some) if one.key == key), up=up)
    return tuple(question for some in pages.values() for question in some)


def edits(before: Sequence[Question], after: Sequence[Question]) -> list[Edit]:
    """What is different, in the order of `after`; removed questions last."""
    old, new = ({question.key: question for question in some} for some in (before, after))
    found = [Edit(Kind.ADDED, question) for question in after if question.key not in old]
    stayed = [(question, _lines(old[question.key], question)) for question in after if question.key in old]
    found += [Edit(Kind.CHANGED, question, lines) for question, lines in stayed if lines]
    return found + [Edit(Kind.REMOVED, question) for question in before if question.key not in new]


def is_reordered(before: Sequence[Question], after: Sequence[Question]) -> bool:
    """Whether the questions of both stand in another order."""
    old, new = [question.key for question in before], [question.key for question in after]
    return [key for key in old if key in new] != [key for key in new if key in old]


def _swap(things: list[T], place: int, *, up: bool) -> None:
    other = place - 1 if up else place + 1
    if 0 <= other < len(things):
        things[place], things[other] = things[other], things[place]


def _lines(before: Question, after: Question) -> tuple[tuple[str, str, str], ...]:
    pairs = ((label, _said(getattr(before, name)), _said(getattr(after, name))) for name, label in _WORDS.items())
    return tuple((label, old, new) for label, old, new in pairs if old != new)


def _said(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, Meaning):
        return value.label
    return ", ".join(value) if isinstance(value, tuple) else str(value)
