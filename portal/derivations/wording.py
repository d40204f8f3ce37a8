"""The words of a withdrawal statement, from counts and dates: what went, what stays and why, what is outside our reach.

Pure. A statement keeps these sentences as they were written, so a later version of this file changes no statement.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.consents.rules import ConsentState
from portal.derivations.rules import Cause, DerivationKind, Use

Line = dict[str, Any]
"""One sentence and the figures in it; JSON."""

USE_WORDS = {Use.RECORD: "your record", Use.TEACHING: "teaching", Use.PUBLICATION: "publication"}
TEAM_WORDS = {**USE_WORDS, Use.RECORD: "the record"}
_THINGS = {
    DerivationKind.ALIGNED: ("copy laid over an earlier photo", "copies laid over an earlier photo"),
    DerivationKind.EVENED: ("copy with its light evened out", "copies with their light evened out"),
    DerivationKind.CROP: ("part cut out of a photo", "parts cut out of photos"),
    DerivationKind.PAIR: ("picture of two photos side by side", "pictures of two photos side by side"),
    DerivationKind.PDF: ("page with two photos side by side", "pages with two photos side by side"),
}
_HEADLINES = {
    Cause.CONSENT_WITHDRAWN: ("You withdrew your consent to photos for {use}", "Consent to photos for {use} withdrawn"),
    Cause.CONSENT_EXPIRED: ("Your consent to photos for {use} has run out", "Consent to photos for {use} run out"),
    Cause.CONSENT_OUTDATED: (
        "There is a new text on photos for {use}, which you have not signed",
        "The new text on photos for {use} is not signed",
    ),
    Cause.PHOTO_REMOVED: ("You removed a photo", "The client removed a photo"),
    Cause.PHOTO_NARROWED: ("You kept a photo out of {use}", "The client kept a photo out of {use}"),
}
_WHY_NOT = {
    ConsentState.NO_DOCUMENT: "the clinic does not ask for it",
    ConsentState.MISSING: "not signed",
    ConsentState.OUTDATED: "the newest text is not signed",
    ConsentState.EXPIRED: "the consent has run out",
    ConsentState.WITHDRAWN: "the consent was withdrawn",
}
PAUSED = (
    "Publication of these photos is paused, because a report of a side effect is open. It is possible again when that"
    " report is closed. The consent itself stands as it is."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many things of one kind, between two days. `kind`: None for the photos themselves."""

    kind: DerivationKind | None
    use: Use
    count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was downloaded. `by_self`: by the client."""

    name: str
    by_self: bool
    on: date
    kind: DerivationKind | None
    use: Use


def thing(kind: DerivationKind) -> str:
    """One of a kind, in words."""
    return _THINGS[kind][0]


def may_be_used(
    use: Use, state: ConsentState, until: date | None, *, kept_out: bool, is_paused: bool = False
) -> tuple[bool, str]:
    """Whether one photo may be used so today, and until when or why not."""
    if use is Use.RECORD:
        return True, "until the photo is removed, or the consent to photos in the record is withdrawn"
    if state is not ConsentState.SIGNED:
        return False, _WHY_NOT[state]
    if kept_out:
        return False, "this photo is kept out of it"
    if is_paused:
        return False, "paused until the open report of a side effect is closed; the consent itself stands as it is"
    return True, f"until {_day(until)}" if until else "until the consent is withdrawn"


def headline(cause: Cause, use: Use) -> str:
    """What happened, in one line, to the client."""
    return _HEADLINES[cause][0].format(use=USE_WORDS[use])


def headline_for_team(cause: Cause, use: Use) -> str:
    """The same to a practitioner."""
    return _HEADLINES[cause][1].format(use=TEAM_WORDS[use])


def leave(use: Use) -> list[str]:
    """What a copy made for others says about itself."""
    return [] if use is Use.RECORD else [f"For {use.value} only. The person shown may withdraw this at any time."]


def gone(tallies: Collection[Tally], use: Use) -> list[Line]:
    """What was deleted, photos first."""
    if not tallies:
        return [_line(f"Nothing made for {USE_WORDS[use]} was left, so there was nothing to delete.")]
    ordered = sorted(tallies, key=lambda one: (one.kind is not None, one.kind or "", one.use))
    return [_tally_line(one) for one in ordered]


def kept(cause: Cause, use: Use, photos_left: int) -> list[Line]:
    """What stays, each with why. `photos_left`: photos still in the record."""
    return [_line(sentence) for sentence in _kept(cause, use, photos_left)]


def outside(copies: Sequence[Copy], use: Use) -> list[Line]:
    """What nobody can call back by machine: downloaded copies, pictures of a screen, backups."""
    found = [_copy_line(one) for one in copies]
    if copies:
        found.append(_line("We cannot delete a copy outside the portal. Please ask us what became of it."))
    else:
        found.append(_line("No copy was downloaded from the portal."))
    if use is Use.PUBLICATION:
        found.append(_line("What was published may have been copied by others. Nobody can call that back."))
    found.append(_line("Whether somebody took a picture of a screen, the portal cannot know."))
    backups = "Backups may hold encrypted copies until they are overwritten."
    found.append(_line(f"{backups} If one is ever restored, what is listed above must be deleted again."))
    return found


def _kept(cause: Cause, use: Use, photos_left: int) -> Iterator[str]:
    removed = cause is Cause.PHOTO_REMOVED or use is Use.RECORD
    if removed:
        yield (
            "What was written stays: reviews, treatment records, your reports and messages. It is your medical record,"
            " which must show what was seen, decided and done."
        )
        yield (
            "For each photo that went, a line with its view and its dates stays, without any picture, so that the"
            " record shows that there was one."
        )
    if photos_left:
        photos = "1 photo stays" if photos_left == 1 else f"{photos_left} photos stay"
        yield f"{photos} in your record, because you gave them for it."
    if cause is not Cause.PHOTO_REMOVED and cause is not Cause.PHOTO_NARROWED:
        yield "What you signed and when it ended stays, as proof for you and for us."
    yield "The list of who looked at your photos stays, so that you can check it."


def _tally_line(one: Tally) -> Line:
    days = (f"of {_day(one.first)}", f"on {_day(one.first)}")
    if one.first != one.last:
        days = (f"from {_day(one.first)} to {_day(one.last)}", f"between {_day(one.first)} and {_day(one.last)}")
    if one.kind is None:
        photos = "photo" if one.count == 1 else "photos"
        sentence = f"{one.count} {photos} {days[0]}: the original as it was sent, and every smaller copy."
    else:
        sentence = f"{one.count} {_THINGS[one.kind][one.count != 1]}, made for {USE_WORDS[one.use]} {days[1]}."
    return _line(
        sentence,
        kind=one.kind.value if one.kind else "photo",
        use=one.use.value,
        count=one.count,
        first=one.first.isoformat(),
        last=one.last.isoformat(),
    )


def _copy_line(one: Copy) -> Line:
    what = "the original of a photo" if one.kind is None else f"a {_THINGS[one.kind][0]}"
    what = f"{what} on {_day(one.on)}"
    sentence = (
        f"You downloaded {what} yourself. That copy is yours."
        if one.by_self
        else f"{one.name} downloaded {what}, for {USE_WORDS[one.use]}."
    )
    return _line(sentence, by=one.name, on=one.on.isoformat(), use=one.use.value)


def _line(sentence: str, **figures: object) -> Line:
    return {"sentence": sentence, **figures}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
