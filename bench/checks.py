"""The publish checks and the search panel for a text of 5,000 words on a site of 5,000 posts: milliseconds and queries.

`python bench/checks.py` fills a scratch SQLite; with DATABASE_URL it fills and measures that (empty) database.
Times are CPU of this process, so that a busy machine does not count; what a database server does is not in them.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
scratch = tempfile.TemporaryDirectory()
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{scratch.name}/bench.sqlite3")
os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

WORDS = ("harbour clock tide noon gun bridge ledger signal keeper tower railway minute face dial spring weight").split()
WORDS += [f"{a}{b}" for a in "ba ce di fo gu ha ki lo mu ne".split() for b in "ral ston mer dock vale ring low".split()]


def sentence(chance: random.Random, length: int = 12) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(length)).capitalize() + "."


def fill(posts: int) -> None:
    """Live posts of 800 words, each linking to three others and naming a few."""
    from accounts.models import User
    from accounts.roles import Role, set_role
    from blog.arriving import Arrival, add, prepare
    from blog.models import Post

    chance = random.Random(7)
    now = timezone.now()
    editor = User.objects.create_user("editor", "editor@example.org", "letterpress")
    set_role(editor, Role.EDITOR)
    titles = [f"The {chance.choice(WORDS)} {chance.choice(WORDS)} number{number}" for number in range(posts)]
    for start in range(0, posts, 250):
        batch = []
        for number in range(start, min(start + 250, posts)):
            others = [chance.randrange(posts) for _ in range(3)]
            text = "\n\n".join(
                [" ".join(sentence(chance) for _ in range(6)) for _ in range(11)]
                + [f"[on](/blog/post-{other}/) and {titles[other]}." for other in others]
            )
            post = Post(title=titles[number], slug=f"post-{number}", author=editor, content_markdown=text)
            post.focus_keyword = f"{chance.choice(WORDS)} {chance.choice(WORDS)}"
            batch.append(Arrival(post, "published", now, now, published_at=now))
        for arrival in batch:
            prepare(arrival)
        add(batch, at=now)


def long_text(posts: int) -> str:
    chance = random.Random(8)
    parts = []
    for number in range(70):
        parts.append(f"## {sentence(chance, 4)}")
        parts.append(" ".join(sentence(chance) for _ in range(6)))
        parts.append(f"[on](/blog/post-{chance.randrange(posts)}/) ![a gun](/media/{number}.png)")
    return "\n\n".join(parts)


def measure(name: str, work: Callable[[], object], times: int = 12) -> None:
    began = time.process_time()
    work()
    first = (time.process_time() - began) * 1000
    with CaptureQueriesContext(connection) as queries:
        work()
    asked = len(queries)
    spent = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1000)
    print(f"{name:<44} {first:>9.1f} {statistics.median(spent):>9.1f} {max(spent):>9.1f} {asked:>8}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=5_000)
    number = parser.parse_args().posts
    call_command("migrate", verbosity=0)
    fill(number)
    from accounts.models import User
    from blog import gate, links, seo, writing
    from blog.models import Post

    editor = User.objects.get(username="editor")
    text = long_text(number)
    post = Post(title="The noon gun", content_markdown=text, author=editor, focus_keyword="noon gun")
    writing.save(post, by=editor)
    now = timezone.now()
    client = Client()
    client.force_login(editor, backend="accounts.backends.RoleBackend")
    typed = {"title": post.title, "content_markdown": text, "focus_keyword": "noon gun", "kind": "post"}
    address = f"/admin/blog/post/checks/?post={post.pk}"
    turn = iter(range(10**9))

    def typing() -> None:
        # Every pause has another text, so nothing is rendered before.
        answer = client.post(address, typed | {"content_markdown": f"{text}\n\nWord {next(turn)}."})
        assert answer.status_code == 200, answer.status_code

    print(f"{number:,} posts, {connection.vendor}; a text of {post.word_count:,} words\n")
    print(f"{'':<44} {'first ms':>9} {'median':>9} {'longest':>9} {'queries':>8}")
    with override_settings(ALLOWED_HOSTS=["*"], DEBUG=False):
        measure("findings(), text rendered before", lambda: gate.findings(post, at=now))
        measure("panel while typing, rendering included", typing)
    measure("links to suggest (names of all posts kept)", lambda: list(seo.ideas_for(gate.facts_of([post], at=now)[0])))
    some = Post.objects.get(slug="post-17")
    measure("who names a post without linking to it", lambda: seo.mentions_of(some, editor), 5)
    measure("who links to a post", lambda: links.linking_to(some).count())
    measure("posts nobody links to, a page of 50", lambda: list(links.orphans().newest()[:50]), 5)
    measure("posts nobody links to, counted", lambda: links.orphans().count(), 5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
