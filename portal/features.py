"""THE list of features: the pages, jobs, navigation and personal data of each. Nothing registers itself."""

from portal.accounts import service as accounts_service
from portal.accounts.models import MailedLink, Person, SignIn
from portal.accounts.routes import door, links, own
from portal.admin import routes as admin
from portal.aftercare import AFTERCARE
from portal.audit.models import AuditEntry
from portal.availability.models import Opening, TimeOff, WorkingHours
from portal.availability.routes import closures, places, resources
from portal.availability.routes import hours as working_hours
from portal.availability.shut import SHUT
from portal.bookings import gatekeeping
from portal.bookings import notices as appointment_notices
from portal.bookings import queries as appointment_queries
from portal.bookings import service as bookings
from portal.bookings.models import Appointment, AppointmentMove, ChangeRequest, GateOverride, SlotHold, TimeTaken
from portal.bookings.routes import changing as appointment_changes
from portal.bookings.routes import course as whole_course
from portal.bookings.routes import own as appointments
from portal.bookings.routes import staff as appointment_team
from portal.calendars import reminders
from portal.calendars.models import CalendarFeed, ReminderSent
from portal.calendars.routes import feeds as calendar_feeds
from portal.calendars.routes import own as calendar_answers
from portal.calendars.routes import staff as calendar_sheets
from portal.clinic import routes as clinic
from portal.clinic import service as clinic_service
from portal.comparison import jobs as comparison_jobs
from portal.comparison import orders
from portal.comparison import service as comparison_service
from portal.comparison.models import Alignment, Baseline, Landmarks, Reading
from portal.comparison.routes import landmarks, pairs
from portal.comparison.routes import series as photo_series
from portal.consents import service as consents_service
from portal.consents.models import Consent, ConsentDocument
from portal.consents.routes import copies as consent_copies
from portal.consents.routes import own as consents
from portal.consents.routes import texts as consent_texts
from portal.courses import routes as courses
from portal.courses import service as courses_service
from portal.courses.models import Course
from portal.derivations import queries as derivation_queries
from portal.derivations import routes as derivations
from portal.derivations import service as derivations_service
from portal.derivations import shredding
from portal.derivations.models import Derivation, DerivationSource, HandedOut, WithdrawalStatement
from portal.enquiries import routes as enquiries
from portal.enquiries.models import Enquiry
from portal.kit import mail
from portal.kit.feature import Feature, NavItem
from portal.kit.personal_data import Claim
from portal.messages import queries as unread_messages
from portal.messages import routes as messages
from portal.messages.models import Message
from portal.notifications import queries as notices
from portal.notifications import routes as notifications
from portal.notifications.models import Notice
from portal.photos import integrity
from portal.photos import service as photos_service
from portal.photos.models import Photo, PhotoKey, PhotoPlan
from portal.photos.routes import deciding as photo_decisions
from portal.photos.routes import files, looking, sending
from portal.questionnaires import service as health_service
from portal.questionnaires.models import AnswersDraft, AnswersReview, HealthAnswers, QuestionsDraft, QuestionSet
from portal.questionnaires.routes import asking
from portal.questionnaires.routes import looking as health_looking
from portal.questionnaires.routes import own as health_questions
from portal.records import routes as records
from portal.records.models import Addendum, TreatmentRecord
from portal.reviews import routes as reviews
from portal.reviews.models import Review
from portal.site import routes as site
from portal.suitability import service as suitability_service
from portal.suitability.models import Hold, Verdict
from portal.suitability.routes import deciding
from portal.suitability.routes import own as suitability
from portal.timeline import routes as timeline
from portal.treatments import routes as treatments
from portal.treatments import service as treatments_service
from portal.waiting import entries as waiting_entries
from portal.waiting import jobs as waiting_jobs
from portal.waiting import service as waiting_service
from portal.waiting.models import FreedTime, WaitingEntry, WaitingOffer
from portal.waiting.routes import own as waiting
from portal.waiting.routes import team as waiting_team
from portal.worklist import routes as worklist

_MADE_OF_PHOTOS = integrity.Shelf(derivation_queries.tracked, derivation_queries.stored_names)

# Routes are tried in this order: the page that is opened most comes first.
FEATURES: tuple[Feature, ...] = (
    Feature(
        "timeline",
        routers=[timeline.router],
        navigation=[NavItem("Home", "timeline:home", "home", "client", 10)],
    ),
    Feature(
        "audit",
        personal_data=[Claim(AuditEntry, "client_id", kept="the record of who saw what must outlive its subject")],
    ),
    Feature(
        "accounts",
        routers=[door.router, links.router, own.router],
        jobs={mail.SEND: mail.send_one},
        personal_data=[Claim(SignIn, "person_id"), Claim(MailedLink, "person_id"), Claim(Person, "id")],
    ),
    Feature(
        "clinic",
        routers=[clinic.router],
        navigation=[
            NavItem("Clinic", "clinic:edit", "settings", "admin", 30),
            NavItem("Booking rules", "clinic:policy", "flag", "admin", 40),
        ],
    ),
    Feature(
        "notifications",
        routers=[notifications.router],
        navigation=[NavItem("Notices", "notifications:list", "bell", "everyone", 90, notices.UNREAD)],
        personal_data=[Claim(Notice, "person_id")],
    ),
    Feature(
        "enquiries",
        routers=[enquiries.router],
        navigation=[NavItem("Enquiries", "enquiries:list", "mail", "staff", 25)],
        personal_data=[Claim(Enquiry, "client_id")],
    ),
    Feature(
        "treatments",
        routers=[treatments.router],
        navigation=[NavItem("Treatments", "treatments:list", "drop", "admin", 35)],
    ),
    Feature(
        "waiting",
        routers=[waiting.router, waiting_team.router],
        jobs={waiting_service.OFFER: waiting_jobs.offer},
        navigation=[NavItem("Waiting list", "waiting:list", "history", "practitioner", 22)],
        personal_data=[
            Claim(WaitingOffer, "client_id"),
            Claim(WaitingEntry, "client_id"),
            Claim(FreedTime, "practitioner_id", kept="which time of the clinic came free names nobody who had it"),
        ],
        ticks=[waiting_entries.tick],
    ),
    Feature(
        "records",
        routers=[records.router],
        personal_data=[Claim(Addendum, "client_id"), Claim(TreatmentRecord, "client_id")],
    ),
    Feature(
        "availability",
        routers=[working_hours.router, places.router, resources.router, closures.router],
        navigation=[
            NavItem("My hours", "availability:hours", "clock", "practitioner", 70),
            NavItem("Rooms and places", "availability:places", "pin", "admin", 38),
            NavItem("Closed days", "availability:closures", "calendar", "admin", 39),
        ],
        personal_data=[
            Claim(WorkingHours, "practitioner_id"),
            Claim(TimeOff, "practitioner_id"),
            Claim(Opening, "practitioner_id"),
        ],
    ),
    Feature(
        "calendars",
        routers=[calendar_sheets.router, calendar_answers.router, calendar_feeds.router],
        navigation=[
            NavItem("Agenda", "calendars:day", "calendar", "practitioner", 15),
            NavItem("My calendar", "calendars:mine", "download", "everyone", 88),
        ],
        personal_data=[Claim(CalendarFeed, "person_id"), Claim(ReminderSent, "client_id")],
        ticks=[reminders.remind],
    ),
    Feature(
        "bookings",
        routers=[whole_course.router, appointments.router, appointment_changes.router, appointment_team.router],
        jobs={gatekeeping.RECHECK: gatekeeping.recheck_all},
        navigation=[NavItem("Appointments", "bookings:mine", "calendar", "client", 30)],
        personal_data=[
            Claim(GateOverride, "client_id"),
            Claim(ChangeRequest, "client_id"),
            Claim(AppointmentMove, "client_id"),
            Claim(Appointment, "client_id"),
            Claim(SlotHold, "client_id"),
            Claim(TimeTaken, "subject_id"),
        ],
        ticks=[gatekeeping.nightly, bookings.let_go, bookings.sweep],
    ),
    Feature("courses", routers=[courses.router], personal_data=[Claim(Course, "client_id")]),
    Feature(
        "suitability",
        routers=[suitability.router, deciding.router],
        navigation=[NavItem("Suitability", "suitability:mine", "shield", "client", 50)],
        personal_data=[Claim(Verdict, "client_id"), Claim(Hold, "client_id")],
    ),
    Feature(
        "consents",
        routers=[consents.router, consent_copies.router, consent_texts.router],
        navigation=[
            NavItem("Consents", "consents:mine", "pen", "client", 55),
            NavItem("Consent texts", "consents:documents", "pen", "admin", 37),
        ],
        personal_data=[
            Claim(Consent, "client_id"),
            Claim(ConsentDocument, "published_by_id", kept="who published a text belongs to the text"),
        ],
    ),
    Feature(
        "questionnaires",
        routers=[health_questions.router, health_looking.router, asking.router],
        navigation=[
            NavItem("Health questions", "questionnaires:mine", "document", "client", 45),
            NavItem("Health questions", "questionnaires:questions", "document", "admin", 36),
        ],
        personal_data=[
            Claim(AnswersReview, "client_id"),
            Claim(AnswersDraft, "client_id"),
            Claim(HealthAnswers, "client_id"),
            Claim(QuestionSet, "published_by_id", kept="who published questions belongs to the questions"),
            Claim(QuestionsDraft, "edited_by_id", kept="who edited questions belongs to the questions"),
        ],
    ),
    Feature(  # before photos: /photos/compare is no photo's id
        "comparison",
        routers=[pairs.router, photo_series.router, landmarks.router],
        jobs={orders.MEASURE: comparison_jobs.measure, orders.OTHER_VIEW: comparison_jobs.other_view},
        patient=[orders.MEASURE, orders.OTHER_VIEW],
        personal_data=[
            Claim(Baseline, "client_id"),
            Claim(Landmarks, "client_id"),
            Claim(Reading, "client_id"),
            Claim(Alignment, "client_id"),
        ],
    ),
    Feature(
        "derivations",  # before photos: /photos/statements is no photo's id
        routers=[derivations.router],
        personal_data=[
            Claim(HandedOut, "client_id"),
            Claim(DerivationSource, "client_id"),
            Claim(Derivation, "client_id", before_erase=shredding.forget_client),
            Claim(WithdrawalStatement, "client_id"),
        ],
        ticks=[derivations_service.expire, shredding.sweep],
    ),
    Feature(
        "photos",
        routers=[sending.router, photo_decisions.router, looking.router, files.router],
        jobs={integrity.STEP: integrity.job([integrity.PHOTOS, _MADE_OF_PHOTOS])},
        patient=[integrity.STEP],
        navigation=[NavItem("Photos", "photos:mine", "camera", "client", 20)],
        personal_data=[Claim(PhotoPlan, "client_id"), Claim(Photo, "client_id"), Claim(PhotoKey, "client_id")],
        ticks=[integrity.begin],
    ),
    Feature("reviews", routers=[reviews.router], personal_data=[Claim(Review, "client_id")]),
    Feature("site", routers=[site.router]),
    Feature(
        "worklist",
        routers=[worklist.router],
        navigation=[
            NavItem("Queue", "worklist:queue", "queue", "practitioner", 10),
            NavItem("Clients", "worklist:clients", "users", "practitioner", 20),
        ],
    ),
    Feature(
        "admin",
        routers=[admin.router],
        navigation=[
            NavItem("Overview", "admin:overview", "home", "admin", 28),
            NavItem("Team", "admin:team", "users", "admin", 40),
            NavItem("Audit", "admin:audit", "history", "admin", 50),
            NavItem("Mail and jobs", "admin:engine", "settings", "admin", 60),
        ],
    ),
    *AFTERCARE,
    Feature(
        "messages",
        routers=[messages.router],
        navigation=[NavItem("Messages", "messages:mine", "message", "client", 50, unread_messages.UNREAD_BY_CLIENT)],
        personal_data=[Claim(Message, "client_id")],
    ),
)

# A fact of the gate has changed: what is booked is asked about again, in the same transaction.
_FACTS = (clinic_service, treatments_service, consents_service, health_service, suitability_service, courses_service)
for teller in _FACTS:
    teller.CHANGED.listen(gatekeeping.recheck)
bookings.FREED.listen(waiting_service.freed)
SHUT.listen(appointment_queries.count_touched)
accounts_service.CLOSED.listen(appointment_notices.without_practitioner)
consents_service.CHANGED.listen(derivations_service.consent_changed)
photos_service.HANDED_OUT.listen(derivations_service.handed_out)
photos_service.RELABELLED.listen(comparison_service.relabelled)
photos_service.TAKEN.listen(comparison_service.taken)
photos_service.GONE.listen(comparison_service.gone)
