"""What each group of the cache is good for, on one screen or as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.urls import get_resolver

from core.cache_statistics import Kept, report
from core.sizes import in_bytes


class Command(BaseCommand):
    help = "Show for each group of the cache how often it had the answer, what it keeps and for how long."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        # Groups stand beside what they keep; reading all addresses brings in everything that answers them.
        _ = get_resolver().url_patterns
        found = report()
        if options["json"]:
            facts = {
                "since": found.since.isoformat(),
                "shared": found.is_shared,
                "whole": found.is_whole,
                "answers": found.answers,
                "groups": [self.facts(kept) for kept in found.groups],
            }
            self.stdout.write(json.dumps(facts, indent=2))
            return
        width = max(len(kept.name) for kept in found.groups)
        head = f"{'group':<{width}} {'hits':>9} {'misses':>9} {'ratio':>6} {'computed':>9} {'waited':>7}"
        self.stdout.write(f"{head} {'entries':>8} {'size':>9} {'kept':>7}")
        for kept in found.groups:
            ratio = "–" if kept.hit_ratio is None else f"{kept.hit_ratio:.1%}"
            line = f"{kept.name:<{width}} {kept.hits:>9} {kept.misses:>9} {ratio:>6} {kept.computed:>9}"
            size = in_bytes(kept.size)
            seconds = "–" if kept.seconds is None else f"{kept.seconds:.0f} s"
            self.stdout.write(f"{line} {kept.waited:>7} {kept.entries:>8} {size:>9} {seconds:>7}")
        self.stdout.write(f"Counted since {found.since:%Y-%m-%d %H:%M} UTC.")
        if not found.answers:
            self.stdout.write("The cache does not answer; nothing is known of what it keeps.")
        elif not found.is_whole:
            self.stdout.write("It keeps more than was looked through: entries and sizes are at least these.")
        if not found.is_shared:
            self.stdout.write("Without Redis each process keeps its own; these are the numbers of this command alone.")

    @staticmethod
    def facts(kept: Kept) -> dict[str, Any]:
        return {
            "name": kept.name,
            "hits": kept.hits,
            "misses": kept.misses,
            "hit_ratio": kept.hit_ratio,
            "computed": kept.computed,
            "waited": kept.waited,
            "entries": kept.entries,
            "bytes": kept.size,
            "seconds": kept.seconds,
        }
