"""Which pictures texts show, read from the texts again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from blog import media_use, rendering


class Command(BaseCommand):
    help = (
        "Reads all texts, versions and snippets for the pictures they show. In a healthy site it finds nothing wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--render", action="store_true", help="Render anew every post that shows a picture, too.")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = None if options["verbosity"] else True
        number = media_use.texts_to_read()
        with tqdm(total=number, unit=" texts", disable=quiet, file=self.stderr) as bar:
            mended = media_use.rebuild(bar.update)
        found = f"{mended:,} {'row' if mended == 1 else 'rows'} mended." if mended else "all was right."
        self.stdout.write(f"Read {number:,} texts; {found}")
        if options["render"]:
            self.render(quiet)

    def render(self, quiet: bool | None) -> None:
        rendering.mark_all()
        number, done = rendering.waiting(), 0
        with tqdm(total=number, unit=" posts", disable=quiet, file=self.stderr) as bar:
            while seen := rendering.render_waiting():
                done += seen
                bar.update(seen)
        self.stdout.write(f"Rendered {done:,} {'post' if done == 1 else 'posts'}.")
        if left := rendering.waiting():
            self.stderr.write(f"{left:,} could not be rendered; the log says why.")
