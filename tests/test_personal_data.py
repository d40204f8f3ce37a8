"""Whose data a row is, is claimed once: an export leaves nothing out, an erasure forgets nothing."""

from collections import Counter

import sqlalchemy as sa
from sqlmodel import SQLModel

from portal.features import FEATURES

# Columns that name a member of the team in their work. The row is the client's (or the clinic's) all the same.
STAFF = {
    ("appointment", "practitioner_id"): "who treats; the appointment is the client's",
    ("appointment", "booked_by_id"): "who booked it; the appointment is the client's",
    ("appointment", "cancelled_by_id"): "who cancelled it; the appointment is the client's",
    ("appointment_move", "moved_by_id"): "who moved it; the appointment is the client's",
    ("appointment_move", "from_practitioner_id"): "with whom it was before; the appointment is the client's",
    ("slot_hold", "practitioner_id"): "with whom the time is; it is kept for the client",
    ("gate_override", "by_id"): "who decided; the appointment is the client's",
    ("gate_override", "countersigned_by_id"): "who agreed; the appointment is the client's",
    ("change_request", "answered_by_id"): "who answered; the wish is the client's",
    ("waiting_offer", "practitioner_id"): "with whom the time is; the offer is the client's",
    ("course", "practitioner_id"): "who agreed on it; the course is the client's",
    ("verdict", "practitioner_id"): "who signed it; the verdict is the client's",
    ("hold", "placed_by"): "who paused; the pause is the client's",
    ("hold", "lifted_by"): "who ended the pause; the pause is the client's",
    ("answers_review", "practitioner_id"): "who looked; the answers are the client's",
    ("treatment_record", "practitioner_id"): "who treated; the record is the client's",
    ("addendum", "author_id"): "who added it; the record is the client's",
    ("photo_plan", "set_by_id"): "who set it; the plan is the client's",
    ("photo", "uploaded_by"): "who sent it; the photo is the client's, whoever held the camera",
    ("baseline", "set_by_id"): "who chose it; the series is the client's",
    ("landmarks", "by_id"): "who tapped them; the photo is the client's",
    ("reading", "excluded_by_id"): "who left it out; the figure is the client's",
    ("derivation", "made_by_id"): "who made it; what is made of a client's photos is the client's",
    ("handed_out", "by_id"): "who took a copy; that it was taken is about the client",
    ("review", "practitioner_id"): "who answered; the answer is the client's",
    ("message", "author_id"): "who wrote; the thread is the client's",
    ("side_effect_report", "closed_by"): "who closed it; the report is the client's",
    ("triage_table", "signed_by_id"): "who signed it; the version is the clinic's",
    ("escalation", "acknowledged_by_id"): "who has it; the report is the client's",
    ("check_in", "closed_by_id"): "who settled it; the question is the client's",
    ("case_action", "by_id"): "who did it; the report is the client's",
    ("case_file", "written_by_id"): "who wrote it last; the case is the client's",
    ("case_file", "signed_by_id"): "who signed it; the case is the client's",
    ("case_addendum", "by_id"): "who added it; the case is the client's",
    ("enquiry", "owner_id"): "who takes care of it; the enquiry is of whoever sent it",
}
ABOUT_NOBODY = {
    "clinic_profile": "the clinic",
    "booking_policy": "the clinic's limits",
    "escalation_policy": "the clinic's clocks, and which of the team is asked first",
    "check_in_policy": "the clinic's limits",
    "triage_setting": "what clients see of an answer",
    "place": "the clinic",
    "resource": "a room or a device",
    "resource_fit": "what a room or device serves",
    "resource_outage": "a room or a device",
    "closure": "the clinic",
    "treatment": "the catalogue",
    "storage_check": "random names of files",
    "discarded": "random names of files that are being deleted",
    "job": "ids of rows; done within minutes",
    "used_form": "fingerprints of forms",
    "rate_hit": "fingerprints of addresses",
    "outbox_mail": "an address and a sentence without content; erased by age, not by person",
}


def person_columns(table: sa.Table) -> list[str]:
    """Columns that point at a person, or are named as if they did."""
    pointing = {
        column.name for column in table.columns for key in column.foreign_keys if key.column.table.name == "person"
    }
    named = {"client_id", "person_id"} & set(table.columns.keys())
    subject = {"subject_id"} if table.name == "time_taken" else set()  # a person, a room or a device
    return sorted(pointing | named | subject)


TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}
CLAIMS = [(feature.name, claim) for feature in FEATURES for claim in feature.personal_data]
CLAIMED = Counter(claim.table.__tablename__ for _, claim in CLAIMS)


def test_every_table_about_a_person_is_claimed_by_exactly_one_feature():
    about = {name for name, table in TABLES.items() if person_columns(table)} | {"person"}
    assert not about - set(CLAIMED), f"add a Claim in portal/features.py: {sorted(about - set(CLAIMED))}"
    assert not {name: count for name, count in CLAIMED.items() if count > 1}


def test_every_column_that_points_at_a_person_is_claimed_or_belongs_to_the_team():
    claimed = {(claim.table.__tablename__, claim.owner) for _, claim in CLAIMS}
    pointing = {(name, column) for name, table in TABLES.items() for column in person_columns(table)}
    assert not pointing - claimed - set(STAFF), "say whose data it is: a Claim, or STAFF with a reason"
    assert not set(STAFF) - pointing, "these columns are gone"
    assert not set(STAFF) & claimed


def test_every_other_table_says_why_it_is_about_nobody():
    others = {name for name, table in TABLES.items() if not person_columns(table)} - {"person"}
    assert others == set(ABOUT_NOBODY)


def test_a_claim_names_a_column_there_is_and_belongs_to_its_feature():
    for feature, claim in CLAIMS:
        table = TABLES[claim.table.__tablename__]
        assert claim.owner in table.columns, f"{feature}: {table.name}.{claim.owner}"
        assert claim.table.__module__ == f"portal.{feature}.models", f"{feature} claims {table.name} of another feature"


def test_what_is_kept_says_why():
    assert all(not claim.kept or len(claim.kept.split()) > 4 for _, claim in CLAIMS)
