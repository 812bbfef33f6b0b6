from accounts.models.audit import AuditEntry
from accounts.models.device import SignedInDevice
from accounts.models.mail import OutgoingMail
from accounts.models.notification import Notification, NotificationChoice
from accounts.models.saved_filter import SavedFilter
from accounts.models.token import IdempotentAnswer, PersonalToken, TokenFamily
from accounts.models.user import AuthorProfile, Follow, User

__all__ = [
    "AuditEntry",
    "AuthorProfile",
    "Follow",
    "IdempotentAnswer",
    "Notification",
    "NotificationChoice",
    "OutgoingMail",
    "PersonalToken",
    "SavedFilter",
    "SignedInDevice",
    "TokenFamily",
    "User",
]
