"""manage.py make_renditions --missing"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from media_assets import making
from media_assets.models import MediaAsset


class Command(BaseCommand):
    help = "Makes the sizes readers fetch of pictures. Stopped and run again, it makes what is still missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--missing", action="store_true", help="Pictures whose set is not complete (the default).")
        which.add_argument("--all", action="store_true", help="All pictures; what is not in the store is made.")
        which.add_argument("--asset", type=int, metavar="ID", help="One picture.")
        parser.add_argument("--force", action="store_true", help="Make them again although they are there.")
        parser.add_argument("--after", type=int, default=0, metavar="ID", help="Go on behind this picture.")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = MediaAsset.objects.filter(kind=MediaAsset.Kind.IMAGE, state=MediaAsset.State.READY)
        if options["asset"]:
            waiting = waiting.filter(pk=options["asset"])
            if not waiting:
                raise CommandError(f"There is no picture {options['asset']} that is ready to be shown.")
        elif not options["all"]:
            waiting = waiting.filter(renditions_made_at=None)
        numbers = list(waiting.filter(pk__gt=options["after"]).order_by("pk").values_list("pk", flat=True))
        made = there = 0
        failed: list[str] = []
        done = options["after"]
        with tqdm(numbers, unit=" pictures", disable=None if options["verbosity"] else True, file=self.stderr) as bar:
            try:
                for number in bar:
                    outcome = self.make(number, options["force"])
                    made, there = made + len(outcome.made), there + len(outcome.there)
                    for spec, reason in outcome.failed.items():
                        bar.write(f"{number} {spec}: {reason}", file=self.stderr)
                    if outcome.failed:
                        failed.append(str(number))
                    done = number
            except KeyboardInterrupt:
                raise CommandError(f"Stopped. What was made stays; --after {done} goes on from there.") from None
        counts = f"{made:,} renditions made, {there:,} there already, {len(failed):,} pictures failed"
        self.stdout.write(f"{len(numbers):,} pictures: {counts}.")
        if failed:
            raise CommandError(f"Not complete: {', '.join(failed)}.")

    def make(self, number: int, anew: bool) -> making.Made:
        asset = MediaAsset.objects.filter(pk=number).first()
        if asset is None:
            return making.Made()
        try:
            return making.make_all(asset, anew=anew)
        except (making.MakingFailed, making.MakingRefused) as error:
            return making.Made(failed={"": str(error)})
