"""What can be searched, read again from what is live."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from blog.models import Post
from blog.search import entries


class Command(BaseCommand):
    help = "Reads every live post, page, author and topic for the search. Stopped half way, what was read stays read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--missing", action="store_true", help="Read only what the search does not know yet.")

    def handle(self, *args: Any, **options: Any) -> None:
        only_missing = options["missing"]
        number = (entries.missing() if only_missing else Post.objects.published()).count()
        quiet = None if options["verbosity"] else True
        with tqdm(total=number, unit=" posts", disable=quiet, file=self.stderr) as bar:
            done = entries.rebuild(bar.update, only_missing=only_missing)
        self.stdout.write(f"Read {done:,} {'post' if done == 1 else 'posts'}.")
