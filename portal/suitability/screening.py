"""The health questions before a verdict, as data. They flag, they never decide: a practitioner does.

Sources, named in full in docs/clinical-rules.md: `amiea` is the manual of a needling device (Amiea Med Exceed, p. 34),
`lists` are contraindications that clinics publish, `review` is a review of adverse events in 2,805 people
(doi 10.1097/01.dss.0000790428.70373.f6). Not yet reviewed by a clinician.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

VERSION = 1


class Answer(StrEnum):
    """What a client may say. `unsure` is flagged like yes."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `why` is read by the client below it, `short` names it for the practitioner."""

    key: str
    short: str
    ask: str
    why: str
    sources: tuple[str, ...]


QUESTIONS: tuple[Question, ...] = (
    Question(
        "bleeding",
        "Bleeding disorder",
        "Do you have a bleeding disorder, or do you bleed or bruise unusually easily?",
        "Needling makes tiny punctures. Bleeding should stop by itself within moments.",
        ("amiea", "lists"),
    ),
    Question(
        "thinners",
        "Blood thinners",
        "Do you take anything that thins the blood, aspirin included?",
        "Never stop a medicine on your own. We only need to know.",
        ("amiea", "lists"),
    ),
    Question(
        "diabetes",
        "Uncontrolled diabetes",
        "Do you have diabetes that is not well controlled?",
        "Wounds, even tiny ones, may heal more slowly.",
        ("amiea", "lists"),
    ),
    Question(
        "infection",
        "Infection, herpes or open wound",
        "Is there an infection, a cold sore (herpes) or an open wound on your scalp or near it?",
        "An active infection is the best-known risk factor for complications.",
        ("amiea", "lists", "review"),
    ),
    Question(
        "skin",
        "Eczema, psoriasis or rash",
        "Is there eczema, psoriasis or a rash on your scalp?",
        "Needling irritated skin can make it worse.",
        ("amiea", "lists"),
    ),
    Question(
        "keloid",
        "Keloid or raised scars",
        "Have you ever had a scar that grew thick or raised (a keloid)?",
        "Some skin answers to small wounds with large scars.",
        ("amiea", "lists"),
    ),
    Question(
        "new_scar",
        "Scar younger than 6 months",
        "Is there a scar on your scalp that is less than six months old?",
        "A young scar is still changing.",
        ("amiea",),
    ),
    Question(
        "growth",
        "Growth, wart or raised mole",
        "Is there a growth, a wart, a rough sun-damaged patch or a raised mole on your scalp?",
        "We never needle over these. If it is new or changing, please show it to a doctor.",
        ("amiea", "lists"),
    ),
    Question(
        "systemic",
        "Hepatitis, HIV or other infection",
        "Do you have hepatitis, HIV or another infection of the whole body?",
        "It helps us to plan your care and keep everybody safe.",
        ("amiea", "lists"),
    ),
    Question(
        "therapy",
        "Chemo- or radiotherapy, high-dose steroids",
        "Have you had chemotherapy, radiotherapy or high-dose steroids in the last four weeks, or are they planned?",
        "Treatment needs a distance of about four weeks on both sides.",
        ("amiea",),
    ),
    Question(
        "immune",
        "Weakened immune system",
        "Is your immune system weakened, by an illness or by a medicine?",
        "Infections are likelier and heal more slowly.",
        ("amiea", "lists"),
    ),
    Question(
        "allergy",
        "Allergy to metal, anaesthetic or products",
        "Are you allergic to a metal, a local anaesthetic, or something put on the skin?",
        "The needles are metal; a numbing cream or a serum may be used.",
        ("review",),
    ),
    Question(
        "pregnancy",
        "Pregnancy or breast-feeding",
        "Are you pregnant or breast-feeding?",
        "There is little research, so we are careful.",
        ("lists",),
    ),
    Question(
        "isotretinoin",
        "Isotretinoin in the last 12 months",
        "Have you taken isotretinoin (for acne) in the last twelve months?",
        "Older advice asks for six to twelve months of distance; it is disputed. Your practitioner decides.",
        ("lists",),
    ),
    Question(
        "pigment",
        "Darker skin or dark marks",
        "Is your skin brown or dark, or does a scratch or spot often leave a dark mark on it?",
        "Such skin can answer with darker marks, so depth is chosen with more care.",
        ("review",),
    ),
    Question(
        "surgery",
        "Hair transplant or surgery under 12 months",
        "Have you had a hair transplant or surgery on your scalp in the last twelve months?",
        "The scalp needs time to settle.",
        ("lists",),
    ),
    Question(
        "patches",
        "Scarring or patchy hair loss",
        "Do you lose hair in patches, or has a doctor spoken of scarring hair loss?",
        "This should be looked at by a doctor before any treatment.",
        ("general knowledge",),
    ),
)


@dataclass(frozen=True, slots=True)
class Flag:
    """One answer as the practitioner sees it; `is_raised` for yes and unsure, `is_new` when it was not so before."""

    question: Question
    answer: Answer
    is_raised: bool
    is_new: bool


def flags(answers: Mapping[str, str], before: Mapping[str, str] | None = None) -> list[Flag]:
    """Every answered question, raised ones first. `before`: the earlier answers, to mark what is new."""
    known = [question for question in QUESTIONS if question.key in answers]
    found = [_flag(question, Answer(answers[question.key]), before) for question in known]
    return sorted(found, key=lambda flag: not flag.is_raised)


def newly_raised(answers: Mapping[str, str], before: Mapping[str, str]) -> list[Question]:
    """Questions answered yes or unsure now that were answered otherwise before."""
    return [flag.question for flag in flags(answers, before) if flag.is_raised and flag.is_new]


def _flag(question: Question, answer: Answer, before: Mapping[str, str] | None) -> Flag:
    is_new = before is not None and before.get(question.key) != answer
    return Flag(question, answer, answer is not Answer.NO, is_new)
