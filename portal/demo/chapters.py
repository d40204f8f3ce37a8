"""The chapters of the demo's story, one client each."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import service as booking
from portal.bookings import whole_course
from portal.bookings.forms import Chosen
from portal.bookings.models import Appointment
from portal.consents import queries as consents
from portal.consents import service as consenting
from portal.consents.forms import SigningForm
from portal.consents.rules import Purpose
from portal.courses import service as courses
from portal.courses.forms import CourseForm
from portal.demo import album, asked
from portal.demo.stage import MONDAY_TO_SATURDAY, ZONE, Stage
from portal.enquiries import service as enquiry
from portal.enquiries.forms import EnquiryForm
from portal.enquiries.rules import Status
from portal.escalations import service as escalations
from portal.escalations.forms import ActionForm
from portal.kit import clock
from portal.kit.forms import checked
from portal.messages import service as messages
from portal.messages.forms import MessageForm
from portal.notifications import service as notices
from portal.photos.forms import HairForm
from portal.photos.views import View
from portal.questionnaires import queries as health
from portal.questionnaires import service as questionnaires
from portal.questionnaires.rules import Answer
from portal.records import service as records
from portal.records.forms import ZonesForm
from portal.reviews import service as reviews
from portal.reviews.forms import ReviewForm
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm, ReportForm
from portal.side_effects.models import SideEffectReport
from portal.suitability import service as suitability
from portal.suitability.forms import VerdictForm
from portal.suitability.rules import Outcome
from portal.suitability.scope import Zone
from portal.waiting import entries as waiting
from portal.waiting.forms import WaitForm

REST = timedelta(days=28)


def mid_course(stage: Stage, petra: Viewer) -> None:
    """Clara: suitable, three of six sessions done, photos of three months, one resolved and one open side effect."""
    clara = _begins(stage, petra)
    even = "A good, even light. Please keep exactly this distance."
    _photos(stage, clara, petra, days_ago=64, month=0, views=(*album.SERIES, View.BACK), reply=even, takes=2)
    first = _treat(stage, clara, petra, stage.now - timedelta(days=61), 10, "A24-117")
    _resolved(stage, clara, petra, first)
    dry = "The hair was wet here, so we leave this one out. Please dry it first next time."
    early = "Thank you. Too early to say anything; we compare again next month."
    _photos(stage, clara, petra, days_ago=34, month=1, views=album.SERIES, reply=early)
    second = _treat(stage, clara, petra, first.starts_at + REST, 10, "A24-131")
    _photos(stage, clara, petra, days_ago=20, month=1, views=(View.CROWN,), hair=album.WET, reply=dry)
    _photos(stage, clara, None, days_ago=6, month=2, views=album.SERIES)
    third = _treat(stage, clara, petra, second.starts_at + REST, 10, "A25-009")
    stage.book(clara, petra, stage.needling, third.starts_at + REST)
    notices.mark_read(stage.db, clara)
    _today(stage, clara)


def _begins(stage: Stage, petra: Viewer) -> Viewer:
    with stage.days_ago(100):
        clara = stage.person("client@example.test", "Clara Winter")
        _answer(stage, clara)
    _consult(stage, clara, petra, 96)
    with stage.days_ago(90):
        _say_yes(stage, clara, petra)
    with stage.days_ago(88):
        signs_consent(stage, clara)
    return clara


def signs_consent(stage: Stage, client: Viewer) -> None:
    """The client reads the text on needling and the one on photos in the record, answers, ticks, signs."""
    for purpose, treatment_id in ((Purpose.TREATMENT, stage.needling.id), (Purpose.PHOTO_RECORD, None)):
        if text := consents.newest(stage.db, purpose, treatment_id):
            answers = {f"check_{number}": check.right for number, check in enumerate(text.questions)}
            ticks = {f"agree_{number}": True for number, _ in enumerate(text.statements)}
            form = checked(SigningForm, name=client.name, **answers, **ticks)
            consenting.sign(stage.db, client, text.id, form.value)


def _today(stage: Stage, clara: Viewer) -> None:
    """What waits for the practitioner: a report that is off course, and a question."""
    said = {"symptoms": ["redness", "itch"], "redness": "marked", "itch": "mild", "trend": "same", "zones": ["vertex"]}
    _report(stage, clara, stage.evening(days_ago=1), **said)
    with stage.days_ago(0, hour=8):
        messages.send(stage.db, clara, clara.id, _message("May I go swimming this weekend?"))


def consultation_booked(stage: Stage, marek: Viewer) -> None:
    """Jonas: health questions answered, free consultation booked, no verdict yet."""
    with stage.days_ago(4):
        jonas = stage.person("client2@example.test", "Jonas Berg")
        _answer(stage, jonas, thinners="unsure")
        stage.book(jonas, marek, stage.consultation, stage.now + timedelta(days=3), hour=14)


def about_to_begin(stage: Stage, petra: Viewer, marek: Viewer) -> None:
    """Sofie: found suitable, consent signed, her whole course booked at once; she waits for an earlier beginning."""
    with stage.days_ago(14):
        sofie = stage.person("client4@example.test", "Sofie Lang")
        _answer(stage, sofie, pigment="yes")
    _consult(stage, sofie, marek, 10)
    with stage.days_ago(7):
        _say_yes(stage, sofie, petra)
    with stage.days_ago(5):
        signs_consent(stage, sofie)
        wish = whole_course.Wish((stage.now + timedelta(days=9)).date(), practitioner_id=marek.id)
        lines = whole_course.propose(stage.db, sofie.id, wish).open_lines
        chosen = [Chosen(line.offers[0].practitioner_id, line.offers[0].starts_at) for line in lines]
        booked = whole_course.book_all(stage.db, sofie, sofie.id, chosen)
        wait = checked(WaitForm, treatment=stage.needling.slug, swap=booked[0].id)
        waiting.join(stage.db, sofie, sofie.id, wait.value)


def recovering(stage: Stage, marek: Viewer) -> None:
    """Hanna: treated some days ago; she answered the first check-in, missed one, and one is due."""
    with stage.days_ago(40):
        hanna = stage.person("client9@example.test", "Hanna Vogel")
        _answer(stage, hanna)
    _consult(stage, hanna, marek, 30)
    with stage.days_ago(25):
        _say_yes(stage, hanna, marek)
    with stage.days_ago(22):
        signs_consent(stage, hanna)
    asked.check_ins(stage, hanna, _treat(stage, hanna, marek, *some_days_ago(stage.now), "A25-014"))


def some_days_ago(now: datetime) -> tuple[datetime, int]:
    """A working day and hour so long ago that the 72-hour or the 7-day check-in is due and not yet missed."""
    for hours in (*range(75, 93), *range(171, 189)):
        begins = (now - timedelta(hours=hours)).astimezone(ZoneInfo(ZONE))
        if begins.weekday() in MONDAY_TO_SATURDAY and begins.hour in {9, 10, 11, 14, 15, 16}:
            return begins, begins.hour
    raise AssertionError("of eighteen hours some are a clinic's, and two such stretches are not both a Sunday")


def first_visits(stage: Stage, petra: Viewer, marek: Viewer) -> None:
    """Four people come for their free consultation today and tomorrow: the agenda of an ordinary day."""
    with stage.days_ago(3):
        coming = (("Amira Stein", petra, 0, 9), ("Paul Vogt", marek, 0, 11), ("Lena Brandt", petra, 0, 15))
        for number, (name, practitioner, days, hour) in enumerate((*coming, ("Yusuf Kaya", marek, 1, 10)), 5):
            client = stage.person(f"client{number}@example.test", name)
            stage.book(client, practitioner, stage.consultation, stage.now + timedelta(days=days), hour=hour)


def not_suitable(stage: Stage, petra: Viewer) -> None:
    """Milena: seen, and told honestly why it does not suit her for now."""
    with stage.days_ago(30):
        milena = stage.person("client3@example.test", "Milena Horak")
        _answer(stage, milena, infection="yes")
    _consult(stage, milena, petra, 24)
    with stage.days_ago(20):
        reasons = (
            "There is an active inflammation of the scalp at the back of your head. Needling would spread it. "
            "Please have it treated by a dermatologist first; once it has been calm for three months, we look again."
        )
        form = checked(VerdictForm, outcome=Outcome.NOT_SUITABLE, reasons=reasons, treatment_id=stage.needling.id)
        suitability.sign_verdict(stage.db, petra, milena.id, form.value)


def enquiries(stage: Stage, petra: Viewer) -> None:
    """Three strangers ask; one of them has been called back."""
    asked = (
        (
            0,
            "Noor Haddad",
            "noor@example.test",
            "My parting has become wider since last year. Is this something you treat?",
            "whatsapp",
        ),
        (
            1,
            "Tomasz Wilk",
            "tomasz@example.test",
            "How long does one session take, and can I work on the same day?",
            "phone",
        ),
        (
            5,
            "Ines Ferreira",
            "ines@example.test",
            "I had a hair transplant two years ago. Could I still have the treatment?",
            "email",
        ),
    )
    for days, name, email, question, way in asked:
        with stage.days_ago(days):
            form = checked(
                EnquiryForm, name=name, email=email, question=question, way=way, phone="+49 30 901820", consent=True
            )
            row = enquiry.send(stage.db, form.value)
            if row and way == "email":
                enquiry.change_status(stage.db, petra, row, Status.CONTACTED)


def _answer(stage: Stage, client: Viewer, **but: str) -> None:
    answers = {key: Answer(but.get(key, "no")) for key in health.sheet(stage.db, client).keys}
    questionnaires.save_page(stage.db, client, answers, 1)
    questionnaires.send(stage.db, client)


def _consult(stage: Stage, client: Viewer, practitioner: Viewer, days_ago: int) -> None:
    with stage.days_ago(days_ago + 3):
        visit = stage.book(client, practitioner, stage.consultation, clock.now() + timedelta(days=2))
    with stage.until(visit.ends_at):
        booking.attend(stage.db, practitioner, visit)


def _say_yes(stage: Stage, client: Viewer, practitioner: Viewer) -> None:
    verdict = checked(
        VerdictForm,
        outcome=Outcome.WITH_CONDITIONS,
        reasons="Pattern thinning of the crown and mid-line, healthy skin, no reason against needling.",
        conditions="No minoxidil on the day of a session and for 24 hours after it.",
        treatment_id=stage.needling.id,
        sessions=6,
        zones=[Zone.MID, Zone.VERTEX, Zone.FRONTAL],
        max_depth_mm=1.5,
        valid_until=(clock.now() + timedelta(days=330)).date(),
    )
    suitability.sign_verdict(stage.db, practitioner, client.id, verdict.value)
    plan = checked(
        CourseForm,
        treatment_id=stage.needling.id,
        sessions_planned=6,
        interval_days=28,
        review_on=(clock.now() + timedelta(days=200)).date(),
        stop_rule="We stop after the sixth session if the photos show no change that we both can see.",
    )
    courses.agree(stage.db, practitioner, client.id, plan.value)


def _treat(stage: Stage, client: Viewer, practitioner: Viewer, from_day: datetime, hour: int, lot: str) -> Appointment:
    with stage.until(from_day - timedelta(days=5)):
        visit = stage.book(client, practitioner, stage.needling, from_day, hour)
    with stage.until(visit.ends_at + timedelta(minutes=10)):
        record = checked(
            ZonesForm,
            device="Needling pen, model Demo 2",
            cartridge_lot=lot,
            cartridge_expiry=(stage.now + timedelta(days=300)).date(),
            depth_vertex=1.0,
            passes_vertex=4,
            depth_mid=0.8,
            passes_mid=4,
            topical="Hyaluronic acid, sterile",
            topical_lot="H-552",
            endpoint="mild_redness",
            notes="Tolerated well.",
            aftercare_given=True,
        )
        records.sign(stage.db, practitioner, visit, record.value)
    return visit


def _photos(
    stage: Stage,
    client: Viewer,
    reviewer: Viewer | None,
    *,
    days_ago: int,
    month: int,
    views: tuple[View, ...],
    reply: str = "",
    takes: int = 1,
    hair: HairForm = album.AS_ALWAYS,
) -> None:
    with stage.days_ago(days_ago):
        sent = album.send(stage, client, views, clock.now() - timedelta(hours=1), month, takes=takes, hair=hair)
    if reviewer is None:
        return
    with stage.days_ago(days_ago - 1, hour=17):
        for number, photo in enumerate(sent):
            form = checked(ReviewForm, reply="" if number else reply, private_note="" if not number else "Seen.")
            audit.seen(stage.db, reviewer, "photos.seen", client.id, photo)
            reviews.review_photo(stage.db, reviewer, photo.id, form.value)


def _report(stage: Stage, client: Viewer, at: datetime, **said: object) -> SideEffectReport:
    with stage.until(min(at, stage.now - timedelta(minutes=30))):
        form = checked(ReportForm, flags_answer="none", **said)
        return side_effects.report(stage.db, client, form.value)


def _resolved(stage: Stage, client: Viewer, practitioner: Viewer, after: Appointment) -> None:
    report = _report(
        stage,
        client,
        after.ends_at + timedelta(hours=80),
        symptoms=["redness"],
        redness="mild",
        trend="same",
        zones=["vertex", "mid"],
    )
    with stage.until(after.ends_at + timedelta(hours=84)):
        done = "Called: lukewarm water only, a photo in two days. No heat, no pus."
        escalations.act(stage.db, practitioner, report, checked(ActionForm, kind="advice", text=done).value)
        words = "Thank you for telling us. Redness on day four is more than usual, but calm. Use lukewarm water only."
        reviews.review_report(
            stage.db,
            practitioner,
            report.id,
            checked(ReviewForm, reply=words, private_note="Looked at the crown on camera.").value,
        )
    with stage.until(after.ends_at + timedelta(days=7)):
        side_effects.close(
            stage.db, practitioner, report, checked(CloseForm, outcome="resolved", note="Gone on day six.").value
        )


def _message(text: str) -> MessageForm:
    return checked(MessageForm, body=text).value
