"""How much work a text may cause.

Python-Markdown slows down with the square of some runs (of brackets, of nested lists) and a running expression cannot
be stopped from inside the process. So a text is first measured in one linear pass: what is short and ordinary is
rendered here and now; what is long or odd goes to a child process that is killed when its time is over. Nothing is
refused for its shape alone, and nothing holds up the other threads of a web process.
"""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from .code import FENCE
from .pictures import Picture

# Seconds of work that a long or odd text may take; by the clock, on a busy machine, three times as long.
TIME_LIMIT = 5
PATIENCE = 3

# Characters that are rendered in the web process; longer texts leave it free for others.
ORDINARY_LENGTH = 120_000

# Marks × marks × characters of one block, summed over a text; five thousand words of prose stay far below.
ORDINARY_COST = 60_000_000

# Paragraphs, headings, items: the parser keeps them in lists that it shifts for each of them.
ORDINARY_BLOCKS = 3_000

# Squares of the lengths of all blocks of code: the lexers of several languages slow down with the square of a run.
ORDINARY_CODE = 30_000_000

_ROOT = Path(__file__).resolve().parents[2]
_MARKS = re.compile(r"^[#:!]|[\[\]`<~|=^]|!\[|\*+|_+|>|(?:^|(?<=[ \n]))(?:[-+]|\d+\.)(?= )|    ", re.MULTILINE)
_DEFINITION = re.compile(r"^ {0,3}(?:\*\[|\[)", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*\n")


def is_ordinary(source: str) -> bool:
    """Whether `source` is short and plain enough to be rendered in this process."""
    if len(source) > ORDINARY_LENGTH:
        return False
    if len(_DEFINITION.findall(source)) > 400:
        return False
    text, code = _split_code(source)
    if sum(length * length for length in code) > ORDINARY_CODE:
        return False
    blocks = _BLANK.split(text)
    if len(blocks) + text.count("\n#") > ORDINARY_BLOCKS:
        return False
    cost = 0
    for block in blocks:
        marks = sum(1 for _ in _MARKS.finditer(block))
        cost += marks * marks * len(block)
        if cost > ORDINARY_COST:
            return False
    return True


def _split_code(source: str) -> tuple[str, list[int]]:
    """`source` without its plain fenced blocks, whose marks cause no work, and the lengths of these blocks."""
    kept: list[str] = []
    lengths: list[int] = []
    fence, length = "", 0
    for line in source.split("\n"):
        if fence:
            length += len(line) + 1
            text = line.strip()
            if len(text) >= len(fence) and text == fence[0] * len(text):
                lengths.append(length)
                fence, length = "", 0
            continue
        opening = FENCE.match(line) if line.lstrip()[:3] in ("```", "~~~") else None
        if opening and len(opening["lead"].expandtabs(4)) < 4:
            fence = opening["fence"]
        else:
            kept.append(line)
    return "\n".join(kept), [*lengths, length]


def render_apart(source: str, language: str, pictures: Mapping[str, Picture]) -> dict:
    """What `core.markup.render` computes, from a child process.

    Raises TimeoutError after `TIME_LIMIT` seconds of work, RecursionError when the text nests too deeply, RuntimeError
    when the child dies of anything else.
    """
    request = json.dumps(
        {"source": source, "language": language, "pictures": {at: asdict(each) for at, each in pictures.items()}}
    )
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter; the text goes in as data)
            [sys.executable, "-m", "core.markup", str(TIME_LIMIT)],
            input=request.encode(),
            capture_output=True,
            timeout=TIME_LIMIT * PATIENCE,
            cwd=_ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise TimeoutError
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    answer = json.loads(done.stdout)
    if "too_deep" in answer:
        raise RecursionError
    return answer
