"""THE list of features: the pages, jobs, navigation and personal data of each. Nothing registers itself."""

from portal.accounts.models import MailedLink, Person, SignIn
from portal.accounts.routes import door, links, own
from portal.admin import routes as admin
from portal.audit.models import AuditEntry
from portal.bookings import service as bookings
from portal.bookings.models import Appointment, AppointmentMove, TimeOff, WorkingHours
from portal.bookings.routes import hours as working_hours
from portal.bookings.routes import own as appointments
from portal.bookings.routes import staff as agenda
from portal.clinic import routes as clinic
from portal.courses import routes as courses
from portal.courses.models import Course
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
from portal.photos.models import Photo, PhotoKey
from portal.photos.routes import files, looking, sending
from portal.records import routes as records
from portal.records.models import Addendum, TreatmentRecord
from portal.reviews import routes as reviews
from portal.reviews.models import Review
from portal.side_effects import routes as side_effects
from portal.side_effects.models import ReportAcknowledgement, SideEffectReport
from portal.site import routes as site
from portal.suitability.models import HealthAnswers, Hold, Verdict
from portal.suitability.routes import deciding
from portal.suitability.routes import own as suitability
from portal.timeline import routes as timeline
from portal.treatments import routes as treatments
from portal.worklist import routes as worklist

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
    Feature("clinic", routers=[clinic.router], navigation=[NavItem("Clinic", "clinic:edit", "settings", "admin", 30)]),
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
        "records",
        routers=[records.router],
        personal_data=[Claim(Addendum, "client_id"), Claim(TreatmentRecord, "client_id")],
    ),
    Feature(
        "bookings",
        routers=[appointments.router, agenda.router, working_hours.router],
        navigation=[
            NavItem("Appointments", "bookings:mine", "calendar", "client", 30),
            NavItem("Agenda", "bookings:agenda", "calendar", "practitioner", 15),
            NavItem("My hours", "bookings:hours", "clock", "practitioner", 70),
        ],
        personal_data=[
            Claim(AppointmentMove, "client_id"),
            Claim(Appointment, "client_id"),
            Claim(WorkingHours, "practitioner_id"),
            Claim(TimeOff, "practitioner_id"),
        ],
        ticks=[bookings.remind],
    ),
    Feature("courses", routers=[courses.router], personal_data=[Claim(Course, "client_id")]),
    Feature(
        "suitability",
        routers=[suitability.router, deciding.router],
        navigation=[NavItem("Suitability", "suitability:mine", "shield", "client", 50)],
        personal_data=[Claim(Verdict, "client_id"), Claim(Hold, "client_id"), Claim(HealthAnswers, "client_id")],
    ),
    Feature(
        "photos",
        routers=[sending.router, looking.router, files.router],
        navigation=[NavItem("Photos", "photos:mine", "camera", "client", 20)],
        personal_data=[Claim(Photo, "client_id"), Claim(PhotoKey, "client_id")],
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
    Feature(
        "side_effects",
        routers=[side_effects.router],
        navigation=[NavItem("Side effects", "side_effects:mine", "drop", "client", 40)],
        personal_data=[
            Claim(SideEffectReport, "client_id"),
            Claim(ReportAcknowledgement, "practitioner_id", kept="who saw a report belongs to the report"),
        ],
    ),
    Feature(
        "messages",
        routers=[messages.router],
        navigation=[NavItem("Messages", "messages:mine", "message", "client", 50, unread_messages.UNREAD_BY_CLIENT)],
        personal_data=[Claim(Message, "client_id")],
    ),
)
