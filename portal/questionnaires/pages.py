"""The questions as pages of a few, by theme. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil

from portal.questionnaires.rules import Question, in_order

MOST_ON_A_PAGE = 5
FEW = "A few questions"


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `number` counts from 1."""

    number: int
    title: str
    questions: tuple[Question, ...]


def pages_of(questions: Sequence[Question]) -> tuple[Page, ...]:
    """At most five questions a page. Few questions come on one page, whatever they are about."""
    parts = _few(questions) if 0 < len(questions) <= MOST_ON_A_PAGE else _by_theme(questions)
    return tuple(Page(number, title, part) for number, (title, part) in enumerate(parts, 1))


def first_gap(pages: Sequence[Page], answered: Collection[str]) -> Page | None:
    """The first page with a question whose key is not among `answered`."""
    return next((page for page in pages if any(question.key not in answered for question in page.questions)), None)


def _few(questions: Sequence[Question]) -> list[tuple[str, tuple[Question, ...]]]:
    themes = {question.group for question in questions}
    return [(themes.pop() if len(themes) == 1 else FEW, tuple(questions))]


def _by_theme(questions: Sequence[Question]) -> list[tuple[str, tuple[Question, ...]]]:
    parts = []
    for theme in dict.fromkeys(question.group for question in in_order(questions)):
        group = [question for question in questions if question.group == theme]
        size = ceil(len(group) / ceil(len(group) / MOST_ON_A_PAGE))
        parts += [(theme, tuple(group[start : start + size])) for start in range(0, len(group), size)]
    return parts
