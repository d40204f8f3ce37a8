"""What a client may send, what a practitioner may say about it, what an admin may write as a question."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from portal.kit.forms import Bound, Form, Line, OptionalWords, Tick, Words
from portal.questionnaires import editing
from portal.questionnaires.rules import Answer, Meaning, Question

PREFIX = "q_"  # of a question's field, so that no key is the name of another field
CHOOSE = "Please choose yes, no or not sure."
Days = Annotated[int, Field(ge=1, le=editing.LONGEST_WAIT)]
Brief = Annotated[OptionalWords, StringConstraints(max_length=1000)]


class PageForm(Form):
    """One page of answers; questions are data, so `answers_in` reads their fields. `later`: save now, go on later.

    `version`: of the questions as they were shown, so that an answer never counts for words that nobody read.
    """

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    later: Tick = False


class SendForm(Form):
    """The last page. `later` saves the note and sends nothing."""

    note: OptionalWords = ""
    later: Tick = False


class CheckForm(Form):
    """What has changed since the answers before: keys, or explicitly nothing."""

    changed: list[Annotated[str, StringConstraints(max_length=40)]] = Field(default_factory=list)
    nothing: Tick = False

    @field_validator("nothing")
    @classmethod
    def _one_or_the_other(cls, nothing: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic calls it
        if nothing and info.data.get("changed"):
            raise ValueError("You ticked changes above. Please take those ticks away, or this one.")
        if not nothing and not info.data.get("changed"):
            raise ValueError("Please tick what has changed above, or say here that nothing has.")
        return nothing


class AcceptForm(Form):
    """A practitioner's words about changed answers; the client never sees them."""

    note: Brief = ""


class QuestionForm(Form):
    """A question as an admin writes it."""

    short: Annotated[Line, StringConstraints(max_length=60)]
    ask: Annotated[Words, StringConstraints(max_length=300)]
    why: Annotated[Words, StringConstraints(max_length=300)]
    group: Annotated[Line, StringConstraints(max_length=60)]
    sources: Line
    yes: Meaning
    unsure: Meaning
    wait_days: Days | None = None
    reask_days: Days | None = None

    @field_validator("ask")
    @classmethod
    def _is_asked(cls, ask: str) -> str:
        if not ask.endswith("?"):
            raise ValueError("Please write a question that is answered with yes or no and ends with “?”.")
        return " ".join(ask.split())

    @field_validator("unsure")
    @classmethod
    def _unsure_is_not_no(cls, unsure: Meaning, info: ValidationInfo) -> Meaning:
        if "yes" in info.data and (problem := editing.meaning_problem(info.data["yes"], unsure)):
            raise ValueError(problem)
        return unsure

    @field_validator("wait_days")
    @classmethod
    def _waits_for_days(cls, days: int | None, info: ValidationInfo) -> int | None:
        waits = Meaning.NOT_NOW in {info.data.get("yes"), info.data.get("unsure")}
        if waits and days is None:
            raise ValueError("“Not yet” needs its number of days.")
        return days if waits else None

    def as_question(self, key: str) -> Question:
        """The question of this key, new when the key is empty."""
        sources = tuple(part.strip() for part in self.sources.split(",") if part.strip())
        known = self.model_dump(exclude={"sources"})
        return Question(key=key or editing.key_for(self.short), sources=sources, **known)


class MoveForm(Form):
    """A question one place up or down; or its whole page."""

    up: Tick = False
    whole_page: Tick = False


class PublishForm(Form):
    """Why there is a new version; the team reads it."""

    note: Annotated[Words, StringConstraints(max_length=1000)]


def answers_in(form: Bound[Any], questions: Sequence[Question]) -> dict[str, Answer]:
    """The answers to these questions in a posted form; what is missing or no answer is left out."""
    typed = {question.key: form.raw_text(PREFIX + question.key) for question in questions}
    return {key: Answer(text) for key, text in typed.items() if text in set(Answer)}


def ask_for_rest(form: Bound[Any], questions: Sequence[Question], answered: dict[str, Answer]) -> Bound[Any]:
    """Put a sentence beside each question that is not answered."""
    for question in questions:
        if question.key not in answered:
            form.fail(PREFIX + question.key, CHOOSE)
    return form
