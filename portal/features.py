"""THE list of features: the pages, jobs, navigation and personal data of each. Nothing registers itself."""

from portal.accounts.models import MailedLink, Person, SignIn
from portal.accounts.routes import door, links, own
from portal.audit.models import AuditEntry
from portal.clinic import routes as clinic
from portal.kit import mail
from portal.kit.feature import Feature, NavItem
from portal.kit.personal_data import Claim
from portal.notifications import queries as notices
from portal.notifications import routes as notifications
from portal.notifications.models import Notice

FEATURES: tuple[Feature, ...] = (
    Feature("audit", personal_data=[Claim(AuditEntry, "client_id", kept="the record of who saw what must outlive its subject")]),
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
        navigation=[NavItem("Notices", "notifications:list", "bell", "everyone", 90, notices.unread_count)],
        personal_data=[Claim(Notice, "person_id")],
    ),
)
