from accounts.models.audit import AuditEntry
from accounts.models.mail import OutgoingMail
from accounts.models.notification import Notification
from accounts.models.saved_filter import SavedFilter
from accounts.models.user import AuthorProfile, User

__all__ = ["AuditEntry", "AuthorProfile", "Notification", "OutgoingMail", "SavedFilter", "User"]
