"""Consent without a database: what is asked, what a signature covers, where a client stands, the proof of a text."""

import hashlib
import json
import unicodedata
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

RENEW_WITHIN = timedelta(days=30)
LONGEST_HEADING = 60


class Purpose(StrEnum):
    """What a text asks for. Photos are asked for one purpose at a time: a yes to one is no yes to another."""

    TREATMENT = "treatment"
    PHOTO_RECORD = "photo_record"
    PHOTO_TEACHING = "photo_teaching"
    PHOTO_PUBLICATION = "photo_publication"

    @property
    def label(self) -> str:
        return _WORDS[self][0]

    @property
    def meaning(self) -> str:
        return _WORDS[self][1]

    @property
    def is_photo(self) -> bool:
        return self is not Purpose.TREATMENT


_WORDS = {
    Purpose.TREATMENT: ("Treatment", "You know what is done, what may happen, and that you may stop at any time."),
    Purpose.PHOTO_RECORD: (
        "Photos in your record",
        "We keep photos of your scalp with your record; only you and the practitioners see them.",
    ),
    Purpose.PHOTO_TEACHING: (
        "Photos for teaching",
        "We may show photos of your scalp, without your name, when we train colleagues.",
    ),
    Purpose.PHOTO_PUBLICATION: (
        "Photos in public",
        "We may show photos of your scalp, without your name, on our website or in print.",
    ),
}
PHOTO_PURPOSES = tuple(purpose for purpose in Purpose if purpose.is_photo)


class ConsentState(StrEnum):
    """Where a client stands with one consent. OUTDATED: a newer version must be signed."""

    NO_DOCUMENT = "no_document"
    MISSING = "missing"
    OUTDATED = "outdated"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """What the gate is told. `expires_on` is the last day on which the signature counts; the gate compares it."""

    state: ConsentState
    signed_at: datetime | None = None
    expires_on: date | None = None

    def on(self, day: date) -> ConsentState:
        """The state on a day: a signature whose last day is over has expired."""
        over = self.state is ConsentState.SIGNED and self.expires_on is not None and day > self.expires_on
        return ConsentState.EXPIRED if over else self.state


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """One published version of a text."""

    version: int
    must_resign: bool


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One signature below one version of a text."""

    version: int
    signed_at: datetime
    expires_on: date | None = None
    withdrawn_at: datetime | None = None


def standing(documents: Sequence[DocumentFacts], signatures: Sequence[SignatureFacts]) -> ConsentFacts:
    """Where a client stands with one purpose: every version of its text, and every signature the client ever gave.

    The newest signature counts. A withdrawal ends every signature given before it.
    """
    if not documents:
        return ConsentFacts(ConsentState.NO_DOCUMENT)
    ended = max((one.withdrawn_at for one in signatures if one.withdrawn_at), default=None)
    left = [one for one in signatures if one.withdrawn_at is None and (ended is None or one.signed_at >= ended)]
    if not left:
        return ConsentFacts(ConsentState.WITHDRAWN if ended else ConsentState.MISSING)
    oldest_that_counts = max((one.version for one in documents if one.must_resign), default=0)
    newest = max(left, key=lambda one: (one.version, one.signed_at))
    state = ConsentState.SIGNED if newest.version >= oldest_that_counts else ConsentState.OUTDATED
    return ConsentFacts(state, newest.signed_at, newest.expires_on)


@dataclass(frozen=True, slots=True)
class Check:
    """An understanding question. `right` is the index of the right option; `explain` says which part to read again."""

    ask: str
    options: tuple[str, ...]
    right: int
    explain: str


def wrong_answers(checks: Sequence[Check], answers: Sequence[int | None]) -> dict[int, str]:
    """For each question that is not answered right: its index and a kind sentence. Empty when all are right."""
    given = [*answers, *[None] * len(checks)]
    return {
        number: "Please choose an answer." if given[number] is None else f"Not quite. {check.explain}"
        for number, check in enumerate(checks)
        if given[number] != check.right
    }


def check_problem(check: Check) -> tuple[str, str] | None:
    """What is wrong with a question as written: (field, sentence); None when it can be asked."""
    if len(check.options) < 2:  # noqa: PLR2004 - a question with one answer asks nothing
        return "options", "Please give at least two answers, each on a line of its own."
    if len(set(check.options)) < len(check.options):
        return "options", "Two answers are the same."
    if not 0 <= check.right < len(check.options):
        return "right", "Please say which answer is right."
    return None if check.explain else ("explain", "Please say which part to read again.")


def expires_on(signed_on: date, months: int | None) -> date | None:
    """The last day a signature counts: so many months later, the last of the month where there is no such day."""
    if months is None:
        return None
    year, month = divmod(signed_on.year * 12 + signed_on.month - 1 + months, 12)
    return date(year, month + 1, min(signed_on.day, monthrange(year, month + 1)[1]))


def may_renew(last_day: date | None, today: date) -> bool:
    """Whether a standing signature is close enough to its last day (30 days) to be given anew."""
    return last_day is not None and today >= last_day - RENEW_WITHIN


def same_name(typed: str, name: str) -> bool:
    """Whether two names are the same but for case, spaces and the way accents are stored."""
    return _bare(typed) == _bare(name)


def _bare(name: str) -> str:
    return unicodedata.normalize("NFC", "".join(name.split()).casefold())


@dataclass(frozen=True, slots=True)
class SignedText:
    """Everything one signature stands under. `checks` are as the document's, each with the `answer` given."""

    purpose: str
    treatment_id: str | None
    document_id: str
    version: int
    title: str
    body: str
    statements: Sequence[str]
    checks: Sequence[Mapping[str, object]]
    signer_name: str
    signed_at: datetime
    expires_on: date | None


def canonical(text: SignedText) -> str:
    """The exact text as it is hashed: JSON in UTF-8, keys in order, one space of indent, times in UTC."""
    values = asdict(text)
    values["signed_at"] = text.signed_at.astimezone(UTC).isoformat(timespec="microseconds")
    values["expires_on"] = text.expires_on.isoformat() if text.expires_on else None
    return json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1)


def digest(text: SignedText) -> str:
    """SHA-256 of the canonical text, as `sha256sum` would print it for the file."""
    return hashlib.sha256(canonical(text).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, where there is one, and the paragraphs below it."""

    heading: str
    text: str


def parts(body: str) -> list[Part]:
    """A plain text in parts: a short line on its own that ends like no sentence is a heading."""
    found: list[Part] = []
    for block in (block.strip() for block in body.split("\n\n")):
        if _is_heading(block):
            found.append(Part(block, ""))
        elif block:
            last = found.pop() if found else Part("", "")
            found.append(Part(last.heading, f"{last.text}\n\n{block}".strip()))
    return found


def _is_heading(block: str) -> bool:
    return bool(block) and "\n" not in block and len(block) <= LONGEST_HEADING and block[-1] not in ".!:;,…"
