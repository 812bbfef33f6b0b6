"""What a username may look like."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def refuse_address_as_name(username: str) -> None:
    """ValidationError for a new username that could be somebody else's e-mail address, which signs in as well."""
    if "@" in username:
        raise ValidationError(_("A username has no @ in it, so that nobody takes it for an e-mail address."))
