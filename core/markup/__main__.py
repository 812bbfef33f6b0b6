"""Renders one text from standard input, for `bounds.render_apart`; its memory and time are limited by the system."""

import dataclasses
import json
import resource
import sys

from core.markup import Picture, render_here

MEMORY_LIMIT = 1024 * 1024 * 1024


def main() -> None:
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    request = json.load(sys.stdin)
    try:
        pictures = {at: Picture(**facts) for at, facts in request["pictures"].items()}
        answer = dataclasses.asdict(render_here(request["source"], request["language"], pictures))
    except RecursionError:
        answer = {"too_deep": True}
    json.dump(answer, sys.stdout)


main()
