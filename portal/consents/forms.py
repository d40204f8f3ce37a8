"""What a client sends to sign, and what an admin writes to publish."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    create_model,
    field_validator,
)

from portal.consents import rules
from portal.consents.models import MOST_MONTHS, ConsentDocument
from portal.consents.rules import Check, Purpose
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Form, Line, LongWords, OptionalLine, OptionalWords, Tick, Words

MOST_CHECKS, MOST_STATEMENTS, MOST_OPTIONS = 4, 10, 5
LONGEST_STATEMENT = 400


class Unfinished(Refused):
    """Something is missing or wrong in what was sent: a sentence for each field. Nothing was kept."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = problems


def place(form: Bound[Any], error: Unfinished) -> None:
    """Put each sentence beside its field. A wrong answer is not kept, so that it is chosen anew, not sent again."""
    for name, sentence in error.problems.items():
        form.fail(name, sentence)
    form.raw = {name: kept for name, kept in form.raw.items() if name not in error.problems or name[:6] != "check_"}


def _index(value: object) -> int | None:
    text = str(value)
    return int(text) if len(text) == 1 and text in "0123456789" else None


Choice = Annotated[int | None, BeforeValidator(_index)]


class SignForm(Form):
    """The typed name; `SigningForm` adds `check_0…` (index of the chosen answer) and `agree_0…` (a tick)."""

    name: OptionalLine = ""

    @property
    def answers(self) -> list[int | None]:
        return [getattr(self, f"check_{number}") for number in range(MOST_CHECKS)]

    @property
    def agreed(self) -> list[bool]:
        return [getattr(self, f"agree_{number}") for number in range(MOST_STATEMENTS)]

    def problems(self, document: ConsentDocument, name: str) -> dict[str, str]:
        """What still stands between this form and a signature below `document` by the person of that name."""
        wrong = rules.wrong_answers(document.questions, self.answers)
        found = {f"check_{number}": sentence for number, sentence in wrong.items()}
        for number, _ in enumerate(document.statements):
            if not self.agreed[number]:
                found[f"agree_{number}"] = "Please tick this if it is true for you."
        if not rules.same_name(self.name, name):
            found["name"] = f"Please type your name as we have it: {name}."
        return found


_ANSWERS: dict[str, Any] = {f"check_{number}": (Choice, None) for number in range(MOST_CHECKS)}
_TICKS: dict[str, Any] = {f"agree_{number}": (Tick, False) for number in range(MOST_STATEMENTS)}
SigningForm: type[SignForm] = create_model("SigningForm", __base__=SignForm, **_ANSWERS, **_TICKS)


class WithdrawForm(Form):
    """Taking a consent back. A reason is welcome, never needed."""

    reason: Annotated[OptionalWords, StringConstraints(max_length=1000)] = ""


def lines(text: str) -> list[str]:
    """What stands on each line, without empty ones."""
    return [line for line in (" ".join(line.split()) for line in text.split("\n")) if line]


def _statements(text: str) -> str:
    found = lines(text)
    if len(found) > MOST_STATEMENTS:
        raise ValueError(f"Please give at most {MOST_STATEMENTS} statements.")
    if any(len(line) > LONGEST_STATEMENT for line in found):
        raise ValueError(f"Each statement may have at most {LONGEST_STATEMENT} characters.")
    return text


def _options(text: str) -> str:
    if len(lines(text)) > MOST_OPTIONS:
        raise ValueError(f"Please give at most {MOST_OPTIONS} answers.")
    return text


Short = Annotated[OptionalWords, StringConstraints(max_length=1000)]


class DocumentForm(Form):
    """The next version of a text. `after` is the version it follows, 0 for none. `WritingForm` adds the questions:
    `ask_0`, `options_0` (one a line), `right_0` (counted from 1), `explain_0`, and so on.
    """

    purpose: Purpose
    treatment_id: UUID | None = None
    after: Annotated[int, Field(ge=0, le=100_000)] = 0
    title: Line
    body: LongWords
    statements: Annotated[Words, AfterValidator(_statements)]
    valid_months: Annotated[int, Field(ge=1, le=MOST_MONTHS)] | None = None
    must_resign: Tick = False
    then: Literal["preview", "publish"] = "preview"

    @field_validator("treatment_id")
    @classmethod
    def _about_one_thing(cls, treatment_id: UUID | None, info: ValidationInfo) -> UUID | None:
        if (info.data.get("purpose") is Purpose.TREATMENT) != (treatment_id is not None):
            raise ValueError("Please choose one of the options.")
        return treatment_id

    @property
    def checks(self) -> list[Check]:
        return [check for _, check in self._asked()]

    def problems(self) -> dict[str, str]:
        """What is wrong with the questions; a text about a treatment asks at least one."""
        found = {
            f"{problem[0]}_{number}": problem[1]
            for number, check in self._asked()
            if (problem := rules.check_problem(check))
        }
        if self.purpose is Purpose.TREATMENT and not self.checks:
            found["ask_0"] = "Please ask at least one question, so that we know the text was understood."
        return found

    def _asked(self) -> list[tuple[int, Check]]:
        rows = [(number, *self._row(number)) for number in range(MOST_CHECKS)]
        return [
            (number, Check(ask, tuple(lines(options)), (right or 0) - 1, explain))
            for number, ask, options, right, explain in rows
            if ask
        ]

    def _row(self, number: int) -> tuple[str, str, int | None, str]:
        return (
            getattr(self, f"ask_{number}"),
            getattr(self, f"options_{number}"),
            getattr(self, f"right_{number}"),
            getattr(self, f"explain_{number}"),
        )


_QUESTIONS: dict[str, Any] = {}
for _number in range(MOST_CHECKS):
    _QUESTIONS |= {
        f"ask_{_number}": (OptionalLine, ""),
        f"options_{_number}": (Annotated[Short, AfterValidator(_options)], ""),
        f"right_{_number}": (Choice, None),
        f"explain_{_number}": (Short, ""),
    }
WritingForm: type[DocumentForm] = create_model("WritingForm", __base__=DocumentForm, **_QUESTIONS)


def as_typed(document: ConsentDocument) -> dict[str, object]:
    """The fields of the form that would publish this text again; for writing its next version."""
    fields: dict[str, object] = {
        "purpose": document.purpose.value,
        "treatment_id": document.treatment_id,
        "title": document.title,
        "body": document.body,
        "statements": "\n".join(document.statements),
        "valid_months": document.valid_months,
    }
    for number, check in enumerate(document.questions):
        fields |= {
            f"ask_{number}": check.ask,
            f"options_{number}": "\n".join(check.options),
            f"right_{number}": check.right + 1,
            f"explain_{number}": check.explain,
        }
    return fields
