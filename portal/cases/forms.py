"""What a practitioner writes into a case file. A draft may have gaps; a signature asks for more (`rules.missing`)."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from portal.cases.rules import Causality, Criterion, SuspectKind, Term, Told
from portal.cases.suspects import Suspect
from portal.kit.forms import Form, OptionalLine, OptionalWords, Words


def _on_the_wall(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=None) if moment else None


OnTheWall = Annotated[datetime | None, AfterValidator(_on_the_wall)]
Chosen = Annotated[str, StringConstraints(max_length=40)]


class CaseForm(Form):
    """Times are typed as the clock on the clinic's wall. `suspects`: of those that are offered; `extra_…`: one more."""

    seriousness: list[Criterion] = Field(default_factory=list, max_length=len(Criterion))
    term: Term | None = None
    term_words: OptionalLine = ""
    grade: Annotated[int, Field(ge=1, le=5)] | None = None
    onset: OnTheWall = None
    ended: OnTheWall = None
    suspects: list[Chosen] = Field(default_factory=list, max_length=20)
    extra_kind: SuspectKind = SuspectKind.OTHER
    extra_name: OptionalLine = ""
    extra_lot: OptionalLine = ""
    causality: Causality | None = None
    assessment: OptionalWords = ""

    @property
    def extra(self) -> list[Suspect]:
        """What was written beside the choices."""
        if not self.extra_name:
            return []
        return [Suspect(self.extra_kind, self.extra_name, self.extra_lot, "written")]

    def onset_at(self, zone: ZoneInfo) -> datetime | None:
        return self.onset.replace(tzinfo=zone) if self.onset else None

    def ended_at(self, zone: ZoneInfo) -> datetime | None:
        return self.ended.replace(tzinfo=zone) if self.ended else None

    def told(self, zone: ZoneInfo) -> Told:
        """As the rules take it."""
        return Told(
            seriousness=self.seriousness,
            term=self.term,
            term_words=self.term_words,
            grade=self.grade,
            onset=self.onset_at(zone),
            ended=self.ended_at(zone),
            causality=self.causality,
            suspects=len(self.suspects) + len(self.extra),
        )


class AddendumForm(Form):
    """Something to add to a signed case file."""

    text: Words
