"""What a case file may say, and what it must say before it is signed. Pure; field names are those of the form.

Terms are names of CTCAE 5.0 that apply to needled skin, without codes. Grades 1 to 3 of each: clinical.md 3. Grades 4
and 5 stand open where the criteria know a life-threatening course; the clinic compares them with its own copy.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

VERSION = "CTCAE 5.0"
LONGEST_BACK = timedelta(days=5 * 366)  # begun earlier than this before the report: a mistyped year
DEATH = 5
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Criterion(StrEnum):
    """What makes an event serious, after ICH E2A, in our words. NONE: looked at, and none applies."""

    NONE = "none"
    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITAL = "hospital"
    DISABILITY = "disability"
    CONGENITAL = "congenital"
    IMPORTANT = "important"

    @property
    def label(self) -> str:
        """As the form and the export say it."""
        return _CRITERIA[self]


_CRITERIA = {
    Criterion.NONE: "None of these: not serious",
    Criterion.DEATH: "The person died",
    Criterion.LIFE_THREATENING: "Life was in danger while it lasted",
    Criterion.HOSPITAL: "A stay in hospital, or a longer one",
    Criterion.DISABILITY: "Lasting or considerable disability",
    Criterion.CONGENITAL: "Harm to an unborn child, or a birth defect",
    Criterion.IMPORTANT: "Medically important for another reason",
}


class Term(StrEnum):
    """The terms a practitioner may assign. OTHER is specified in words: redness, scars, swollen nodes, bleeding."""

    SCALP_PAIN = "scalp_pain"
    PAIN_OF_SKIN = "pain_of_skin"
    HEADACHE = "headache"
    PRURITUS = "pruritus"
    RASH_MACULO_PAPULAR = "rash_maculo_papular"
    URTICARIA = "urticaria"
    RASH_PUSTULAR = "rash_pustular"
    FOLLICULITIS = "folliculitis"
    SKIN_INFECTION = "skin_infection"
    WOUND_INFECTION = "wound_infection"
    ALLERGIC_REACTION = "allergic_reaction"
    ANAPHYLAXIS = "anaphylaxis"
    FEVER = "fever"
    PERIORBITAL_EDEMA = "periorbital_edema"
    LOCALIZED_EDEMA = "localized_edema"
    HYPERPIGMENTATION = "skin_hyperpigmentation"
    HYPOPIGMENTATION = "skin_hypopigmentation"
    BRUISING = "bruising"
    ALOPECIA = "alopecia"
    OTHER = "skin_other"

    @property
    def label(self) -> str:
        """The term's name."""
        return _NAMES.get(self) or self.value.replace("_", " ").capitalize()

    @property
    def grades(self) -> range:
        """The grades this term has."""
        return range(_FROM.get(self, 1), _UP_TO.get(self, 3) + 1)

    @property
    def choice(self) -> str:
        """The name with its grades, for a list."""
        return f"{self.label} ({self.grades[0]}–{self.grades[-1]})"


_NAMES = {
    Term.RASH_MACULO_PAPULAR: "Rash maculo-papular",
    Term.OTHER: "Skin and subcutaneous tissue disorders – Other, specify",
}
_FROM = {Term.RASH_PUSTULAR: 2, Term.ANAPHYLAXIS: 3}
_LIFE_THREATENING = (
    Term.RASH_PUSTULAR,
    Term.SKIN_INFECTION,
    Term.WOUND_INFECTION,
    Term.ALLERGIC_REACTION,
    Term.ANAPHYLAXIS,
    Term.FEVER,
    Term.OTHER,
)
_UP_TO = dict.fromkeys(_LIFE_THREATENING, DEATH) | dict.fromkeys(
    (Term.HYPERPIGMENTATION, Term.HYPOPIGMENTATION, Term.BRUISING, Term.ALOPECIA), 2
)


class SuspectKind(StrEnum):
    """What kind of thing is suspected."""

    DEVICE = "device"
    TOPICAL = "topical"
    OTHER = "other"

    @property
    def label(self) -> str:
        """As the form says it."""
        return {"device": "Device or needles", "topical": "Put on the skin by us"}.get(self, "Another product")


class Causality(StrEnum):
    """How likely what is suspected caused it, in words."""

    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    CERTAIN = "certain"
    UNKNOWN = "cannot_be_said"

    @property
    def label(self) -> str:
        """As the form says it."""
        return self.value.replace("_", " ").capitalize()

    @property
    def names_a_cause(self) -> bool:
        """Whether something must be suspected for this to mean anything."""
        return self in {Causality.POSSIBLE, Causality.PROBABLE, Causality.CERTAIN}


@dataclass(frozen=True, slots=True)
class Told:
    """What a practitioner wrote, as far as rules look at it."""

    seriousness: Collection[Criterion] = ()
    term: Term | None = None
    term_words: str = ""
    grade: int | None = None
    onset: datetime | None = None
    ended: datetime | None = None
    causality: Causality | None = None
    suspects: int = 0


def problems(told: Told, reported_at: datetime, at: datetime) -> dict[str, str]:
    """What contradicts itself or the calendar, also in a draft: {field: sentence}."""
    return {**_severity(told), **_dates(told, reported_at, at)}


def missing(told: Told) -> dict[str, str]:
    """What a signature asks for."""
    found = {
        "seriousness": "Please say whether it was serious; “None of these” is an answer.",
        "term": "Please choose a term.",
        "grade": "Please choose a grade.",
        "onset": "Please give the time when it began, as well as you know it.",
        "causality": "Please say how likely it is that the treatment caused it; “Cannot be said” is an answer.",
    }
    found = {name: sentence for name, sentence in found.items() if getattr(told, name) in (None, (), [])}
    if told.causality and told.causality.names_a_cause and not told.suspects:
        found["suspects"] = "Please name what is suspected, or choose “Unlikely” or “Cannot be said”."
    return found


def lasted(onset: datetime | None, ended: datetime | None) -> timedelta | None:
    """How long it lasted; None while that is not known."""
    return ended - onset if onset and ended else None


def in_words(span: timedelta) -> str:
    """“2 days 3 hours”; minutes only below an hour."""
    if span < _HOUR:
        return _many(span // timedelta(minutes=1), "minute")
    days, hours = span // _DAY, span % _DAY // _HOUR
    return " ".join(_many(count, unit) for count, unit in ((days, "day"), (hours, "hour")) if count)


def _severity(told: Told) -> dict[str, str]:
    found = {}
    if Criterion.NONE in told.seriousness and len(told.seriousness) > 1:
        found["seriousness"] = "“None of these” goes with nothing else."
    if told.term is Term.OTHER and not any(letter.isalpha() for letter in told.term_words):
        found["term_words"] = "Please say in a few words what it was."
    if told.term and told.grade is not None and told.grade not in told.term.grades:
        first, last = told.term.grades[0], told.term.grades[-1]
        found["grade"] = f"“{told.term.label}” has the grades {first} to {last}."
    elif told.grade == DEATH and Criterion.DEATH not in told.seriousness:
        found["grade"] = f"Grade {DEATH} means that the person died. If so, please say it above as well."
    return found


def _dates(told: Told, reported_at: datetime, at: datetime) -> dict[str, str]:
    found = {}
    if told.onset and told.onset > reported_at:
        found["onset"] = "It was reported before that. Please give an earlier time."
    elif told.onset and told.onset < reported_at - LONGEST_BACK:
        found["onset"] = "This is more than five years before the report. Please check the year."
    if told.ended and told.ended > at:
        found["ended"] = "This lies in the future. While it lasts, please leave it empty."
    elif told.ended and told.onset and told.ended < told.onset:
        found["ended"] = "It cannot end before it began."
    return found


def _many(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
