"""manage.py create_demo: the demo publication, in an empty development database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from transfer import demo


class Command(BaseCommand):
    help = "Fill an empty database with the demo publication and its accounts. Only where DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo accounts share one known password, so they are made only where DEBUG is on.")
        if not demo.is_wanted():
            raise CommandError("This database already has people or posts; the demo goes into an empty one only.")
        made = demo.create(settings.DEMO_PASSWORD)
        self.stdout.write(
            "The demo publication is ready: " + ", ".join(f"{n} {what}" for what, n in made.items()) + "."
        )
