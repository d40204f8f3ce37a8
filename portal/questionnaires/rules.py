"""What an answer to a health question means, and what changed since somebody looked. Pure.

An answer is fine, is for a practitioner to decide, means not before a day, or means stop. Not sure is never no. Nothing
here says what an answer means: the questions do, which the clinic edits as data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

FRESH = timedelta(days=28)  # answers older than this on the day of a session are confirmed again; general, no source


class Answer(StrEnum):
    """What a client may say."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"

    @property
    def label(self) -> str:
        return {Answer.YES: "Yes", Answer.NO: "No", Answer.UNSURE: "Not sure"}[self]


class Meaning(StrEnum):
    """What an answer says about treatment, mildest first."""

    FINE = "fine"
    DECIDE = "decide"
    NOT_NOW = "not_now"
    STOP = "stop"

    @property
    def weight(self) -> int:
        return list(Meaning).index(self)

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Meaning.FINE: "Fine",
    Meaning.DECIDE: "A practitioner decides",
    Meaning.NOT_NOW: "Not yet",
    Meaning.STOP: "Stop",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `key` names it for ever, `short` names it for the practitioner; the client reads `ask` and `why`.

    No is always fine; `yes` and `unsure` say what those answers mean. `wait_days`: with NOT_NOW, until when, counted
    from the answer. `reask_days`: after so many days it is asked anew, whatever the answer was. `group`: its page.
    """

    key: str
    short: str
    ask: str
    why: str
    sources: tuple[str, ...]
    group: str
    yes: Meaning = Meaning.DECIDE
    unsure: Meaning = Meaning.DECIDE
    wait_days: int | None = None
    reask_days: int | None = None

    def meaning(self, answer: Answer) -> Meaning:
        return {Answer.YES: self.yes, Answer.UNSURE: self.unsure, Answer.NO: Meaning.FINE}[answer]

    def until(self, said: "Said") -> date | None:
        """The day on which a “not yet” ends; None for every other answer."""
        if self.meaning(said.answer) is not Meaning.NOT_NOW:
            return None
        return said.on + timedelta(days=self.wait_days or 0)

    def reask_on(self, said: "Said") -> date | None:
        """The day from which this answer is not relied upon any more."""
        again = said.on + timedelta(days=self.reask_days) if self.reask_days else None
        return min((day for day in (again, self.until(said)) if day), default=None)

    def asks_the_same(self, other: "Question | None") -> bool:
        """Whether an answer to the one answers the other: same name, same words."""
        return other is not None and (self.key, self.ask) == (other.key, other.ask)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer and the day, at the clinic, on which it was given. Confirming it later leaves the day as it is."""

    answer: Answer
    on: date


Answers = Mapping[str, Said]


@dataclass(frozen=True, slots=True)
class HealthChange:
    """Something the client says now and did not say before; `until` only with NOT_NOW."""

    meaning: Meaning
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """One answer as the practitioner sees it. `is_raised`: yes or not sure. `is_new`: not what was said before."""

    question: Question
    answer: Answer
    meaning: Meaning
    until: date | None
    before: Answer | None
    is_raised: bool
    is_new: bool


def changes(questions: Sequence[Question], now: Answers, before: Answers | None) -> tuple[HealthChange, ...]:
    """What is not fine now and was not so before; with nothing before, all that is not fine.

    A “not yet” that was given anew counts again: its day has moved. A question without an answer is for a practitioner.
    """
    found = (_change(question, now.get(question.key), before) for question in questions)
    return tuple(change for change in found if change)


def flags(questions: Sequence[Question], now: Answers, before: Answers | None = None) -> list[Flag]:
    """Every answered question, the gravest first. `before`: the earlier answers, to mark what is new."""
    found = [_flag(question, now[question.key], before) for question in questions if question.key in now]
    return sorted(found, key=lambda flag: (-flag.meaning.weight, not flag.is_raised))


def reask_on(questions: Sequence[Question], now: Answers) -> date | None:
    """The first day on which one of these answers is to be asked for again."""
    days = (question.reask_on(now[question.key]) for question in questions if question.key in now)
    return min((day for day in days if day), default=None)


def speaks_against(questions: Sequence[Question], now: Answers, on: date) -> bool:
    """Whether an answer says stop, or not before a day after `on`: then a look is not enough."""
    return any(
        change.meaning is Meaning.STOP or (change.until is not None and on < change.until)
        for change in changes(questions, now, None)
    )


def needs_check(answered_at: datetime | None, starts_at: datetime, last_session_at: datetime | None) -> bool:
    """Whether the answers are to be confirmed before a session: none yet, none since the last session, or too old."""
    if answered_at is None or starts_at - answered_at > FRESH:
        return True
    return last_session_at is not None and answered_at < last_session_at


def must_ask(
    questions: Sequence[Question], asked_before: Sequence[Question], known: Answers, on: date
) -> list[Question]:
    """Which of `questions` earlier answers do not settle: new ones, reworded ones, those due to be asked anew."""
    earlier = {question.key: question for question in asked_before}

    def is_settled(question: Question) -> bool:
        said = known.get(question.key)
        if said is None or not question.asks_the_same(earlier.get(question.key)):
            return False
        again = question.reask_on(said)
        return again is None or on < again

    return [question for question in questions if not is_settled(question)]


def still_valid(given: Mapping[str, str], then: Sequence[Question], now: Sequence[Question]) -> dict[str, Answer]:
    """Answers given to the questions of `then` that also answer the questions of `now`."""
    earlier = {question.key: question for question in then}
    return {
        question.key: Answer(given[question.key])
        for question in now
        if question.key in given and question.asks_the_same(earlier.get(question.key))
    }


def in_order(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The same questions with those of one page beside each other, pages in order of first appearance."""
    groups = list(dict.fromkeys(question.group for question in questions))
    return tuple(sorted(questions, key=lambda question: groups.index(question.group)))


def as_data(question: Question) -> dict[str, object]:
    """The question as it is stored."""
    return asdict(question)


def from_data(data: Mapping[str, Any]) -> Question:
    """The same, read again."""
    words = {**data, "sources": tuple(data["sources"]), "yes": Meaning(data["yes"]), "unsure": Meaning(data["unsure"])}
    return Question(**words)


def _change(question: Question, said: Said | None, before: Answers | None) -> HealthChange | None:
    was = before.get(question.key) if before is not None else None
    if said is None:
        return HealthChange(Meaning.DECIDE) if was is not None or before is None else None
    meaning, until = question.meaning(said.answer), question.until(said)
    is_same = was is not None and was.answer is said.answer and question.until(was) == until
    return None if meaning is Meaning.FINE or is_same else HealthChange(meaning, until)


def _flag(question: Question, said: Said, before: Answers | None) -> Flag:
    was = before.get(question.key) if before is not None else None
    return Flag(
        question=question,
        answer=said.answer,
        meaning=question.meaning(said.answer),
        until=question.until(said),
        before=was.answer if was else None,
        is_raised=said.answer is not Answer.NO,
        is_new=before is not None and (was is None or was.answer is not said.answer),
    )
