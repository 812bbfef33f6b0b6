"""manage.py adopt_originals"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from media_assets import adopting

AT_ONCE = 100


class Command(BaseCommand):
    help = (
        "Copies pictures of installations before the private store into it. This also happens every night, and to "
        "each picture before its sizes are made."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        after = copied = 0
        lost: list[int] = []
        while True:
            outcome = adopting.adopt_originals(AT_ONCE, after)
            after, copied, lost = outcome.last, copied + outcome.copied, lost + outcome.lost
            if outcome.copied < AT_ONCE:
                break
            self.stdout.write(f"{copied:,} copied …")
        self.stdout.write(f"{copied:,} originals copied into the private store.")
        if lost:
            raise CommandError(f"{len(lost):,} have no original in either: {', '.join(map(str, lost[:50]))}.")
