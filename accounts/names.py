"""What a username may look like."""

from django.core.exceptions import ValidationError


def refuse_address_as_name(username: str) -> None:
    """ValidationError for a new username that could be somebody else's e-mail address, which signs in as well."""
    if "@" in username:
        raise ValidationError("A username has no @ in it, so that nobody takes it for an e-mail address.")
