"""Review a photo or a report."""

from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.notifications import service as notifications
from portal.photos import queries as photos
from portal.photos import service as photo_service
from portal.reviews.forms import ReviewForm
from portal.reviews.models import Review
from portal.reviews.rules import Subject
from portal.side_effects import queries as side_effects
from portal.side_effects import service as side_effect_service


def review_photo(db: Session, practitioner: Viewer, photo_id: UUID, form: ReviewForm) -> Review:
    """Say something about a photo; it leaves the queue and the client is told that there is an answer."""
    photo = photos.photo(db, practitioner, photo_id)
    photo_service.mark_reviewed(db, practitioner, photo)
    return _write(db, practitioner, photo.client_id, Subject.PHOTO, photo_id, form, f"/photos/{photo_id}")


def review_report(db: Session, practitioner: Viewer, report_id: UUID, form: ReviewForm) -> Review:
    """Say something about a side effect; that also acknowledges it."""
    report = side_effects.report(db, practitioner, report_id)
    side_effect_service.acknowledge(db, practitioner, report)
    return _write(db, practitioner, report.client_id, Subject.REPORT, report_id, form, f"/side-effects/{report_id}")


def _write(
    db: Session, practitioner: Viewer, client_id: UUID, subject: Subject, subject_id: UUID, form: ReviewForm, href: str
) -> Review:
    review = Review(
        client_id=client_id,
        practitioner_id=practitioner.id,
        subject=subject,
        subject_id=subject_id,
        reply=form.reply,
        private_note=form.private_note,
    )
    db.add(review)
    audit.record(db, practitioner, "reviews.written", review, client_id)
    if form.reply:
        what = "photo" if subject is Subject.PHOTO else "report"
        notifications.tell(
            db, client_id, f"review:{review.id}", f"{practitioner.name} answered about your {what}.", href
        )
    return review
