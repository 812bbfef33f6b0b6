"""`manage.py scan_files`: ask the virus scanner about everything that waits, or let it pass without one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from core.refusals import Refusal
from media_assets import scanning
from media_assets.models import MediaAsset


class Command(BaseCommand):
    help = (
        "Asks the virus scanner about the files that wait for it. --again: also about those that were larger than it "
        "took. --release --by NAME: lets all that wait pass without a scan, once SCANNER_URL is empty."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="also what was rejected for its size")
        parser.add_argument("--release", action="store_true", help="let everything pass that waits, unscanned")
        parser.add_argument("--by", default="", help="the administrator who answers for --release")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            self.stdout.write(f"{scanning.ask_again()} files are asked about again.")
        line = MediaAsset.objects.filter(state=MediaAsset.State.SCANNING).order_by("pk")
        if options["release"]:
            by = User.objects.filter(username=options["by"]).first()
            if by is None:
                raise CommandError("Name the administrator who answers for it: --by NAME.")
            self.go_through(line, lambda asset: scanning.release(asset, by=by))
        else:
            self.go_through(line, self.scan)
        scanning.settle(timezone.now())
        left = scanning.waiting()
        self.stdout.write(f"{left.number} files wait. {left.reason}".strip())

    def scan(self, asset: MediaAsset) -> None:
        if not scanning.scan(asset.pk):
            raise CommandError(f"The virus scanner does not answer; the files wait. {scanning.waiting().reason}")
        asset.refresh_from_db(fields=["state", "rejection"])
        if asset.state == MediaAsset.State.REJECTED:
            self.stdout.write(f"“{asset.name}”: {asset.rejection}")

    def go_through(self, line: Any, deal_with: Any) -> None:
        number = line.count()
        for done, asset in enumerate(line.iterator(chunk_size=200), start=1):
            try:
                deal_with(asset)
            except Refusal as refusal:
                raise CommandError(refusal.sentence) from refusal
            if done % 100 == 0 or done == number:
                self.stdout.write(f"{done} of {number}")
