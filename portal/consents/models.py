"""Published texts and the signatures below them. A text is never edited: the next version follows; a signature keeps
the words it was given for.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.consents import rules
from portal.consents.rules import Check, DocumentFacts, Part, Purpose, SignatureFacts, SignedText
from portal.kit import clock
from portal.kit.db import Row, enum_type

LONGEST_BODY, MOST_MONTHS = 20_000, 120
_ABOUT_TREATMENT, _ABOUT_PHOTOS = sa.text("treatment_id IS NOT NULL"), sa.text("treatment_id IS NULL")
_STANDING = sa.text("withdrawn_at IS NULL AND renewed_at IS NULL")


class ConsentDocument(Row, table=True):
    """One published version of a text. `checks`: {ask, options, right, explain}, `right` an index. `must_resign`:
    signatures of earlier versions count no more. `is_draft`: our own starter, which the clinic has not made its own.
    """

    purpose: Purpose = Field(sa_type=enum_type(Purpose))
    treatment_id: UUID | None = Field(default=None, foreign_key="treatment.id")
    version: int = 1
    title: str = Field(max_length=120)
    body: str = Field(max_length=LONGEST_BODY)
    statements: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    checks: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    valid_months: int | None = None
    must_resign: bool = False
    is_draft: bool = False
    published_at: datetime = Field(default_factory=clock.now)
    published_by_id: UUID | None = Field(default=None, foreign_key="person.id")

    __table_args__ = (
        sa.CheckConstraint("(purpose = 'treatment') = (treatment_id IS NOT NULL)", name="treatment_when_about_one"),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
        sa.CheckConstraint(
            f"valid_months IS NULL OR valid_months BETWEEN 1 AND {MOST_MONTHS}", name="valid_months_in_range"
        ),
        sa.Index(
            "uq_consent_document_treatment",
            "treatment_id",
            "version",
            unique=True,
            sqlite_where=_ABOUT_TREATMENT,
            postgresql_where=_ABOUT_TREATMENT,
        ),
        sa.Index(
            "uq_consent_document_purpose",
            "purpose",
            "version",
            unique=True,
            sqlite_where=_ABOUT_PHOTOS,
            postgresql_where=_ABOUT_PHOTOS,
        ),
    )

    @property
    def questions(self) -> list[Check]:
        return [Check(one["ask"], tuple(one["options"]), one["right"], one["explain"]) for one in self.checks]

    @property
    def parts(self) -> Sequence[Part]:
        return rules.parts(self.body)

    def facts(self) -> DocumentFacts:
        return DocumentFacts(self.version, self.must_resign)


class Consent(Row, table=True):
    """One signature: a snapshot of all that was read, answered (`checks`, each with its `answer`) and ticked, with its
    SHA-256. Afterwards only `withdrawn_*` and `renewed_at` (the same text was signed anew) may be set, once.
    """

    client_id: UUID = Field(foreign_key="person.id")
    document_id: UUID = Field(foreign_key="consent_document.id")
    purpose: Purpose = Field(sa_type=enum_type(Purpose))
    treatment_id: UUID | None = Field(default=None, foreign_key="treatment.id")
    version: int
    title: str = Field(max_length=120)
    body: str = Field(max_length=LONGEST_BODY)
    statements: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    checks: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    sha256: str = Field(max_length=64)
    signer_name: str = Field(max_length=120)
    signed_at: datetime = Field(default_factory=clock.now)
    expires_on: date | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = Field(default="", max_length=1000)
    renewed_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_consent_client", "client_id", "signed_at"),
        sa.Index("ix_consent_treatment", "treatment_id", "client_id"),
        sa.Index(
            "uq_consent_standing",
            "client_id",
            "document_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.CheckConstraint("length(signer_name) > 0 AND length(sha256) = 64", name="signed"),
        sa.CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= signed_at", name="withdrawn_after_signing"),
    )

    @property
    def is_standing(self) -> bool:
        return self.withdrawn_at is None and self.renewed_at is None

    @property
    def parts(self) -> Sequence[Part]:
        return rules.parts(self.body)

    @property
    def text(self) -> SignedText:
        return SignedText(
            purpose=self.purpose.value,
            treatment_id=str(self.treatment_id) if self.treatment_id else None,
            document_id=str(self.document_id),
            version=self.version,
            title=self.title,
            body=self.body,
            statements=self.statements,
            checks=self.checks,
            signer_name=self.signer_name,
            signed_at=self.signed_at,
            expires_on=self.expires_on,
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether the words are still those that were signed."""
        return rules.digest(self.text) == self.sha256

    def facts(self) -> SignatureFacts:
        return SignatureFacts(self.version, self.signed_at, self.expires_on, self.withdrawn_at)
