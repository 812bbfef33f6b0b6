from accounts.models.mail import OutgoingMail
from accounts.models.user import AuthorProfile, User

__all__ = ["AuthorProfile", "OutgoingMail", "User"]
