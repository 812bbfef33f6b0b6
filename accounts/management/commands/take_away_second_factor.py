"""Let somebody in again who lost their app and their recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factor
from accounts.models import User


class Command(BaseCommand):
    help = "Let the password alone open an account again. Make sure first that it is its owner who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        if not second_factor.take_away(user):
            raise CommandError(f"{user.username} has no second factor.")
        self.stdout.write(f"{user.username} signs in with the password alone.")
