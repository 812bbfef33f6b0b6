"""Bring the role groups back to the permissions declared in `accounts.roles`."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.roles import synchronise


class Command(BaseCommand):
    help = "Create the role groups where missing and give each exactly its declared permissions."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in synchronise().items():
            self.stdout.write(f"{name}: {count} permissions")
