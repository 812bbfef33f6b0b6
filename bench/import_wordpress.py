"""How long a large WordPress site takes to come in, and how much memory: python bench/import_wordpress.py [posts]

Writes the same export every time (words, markup, categories, tags, comments and old addresses as real sites have them),
imports it into an empty SQLite database of its own and prints seconds and the largest resident size.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = (
    "river bridge stone letter press paper morning harbour keeper light window table garden street winter county "
    "archive ledger copper wood type proof margin column page reader editor after before between under over slowly "
    "carefully again never always almost the a of and to in that it was for on with as at by from"
).split()
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Bench</title><link>https://bench.example</link><language>en-GB</language>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://bench.example</wp:base_site_url>
<wp:base_blog_url>https://bench.example</wp:base_blog_url>
"""


def sentence(dice: random.Random) -> str:
    words = [dice.choice(WORDS) for _ in range(dice.randint(6, 22))]
    spot = dice.randrange(len(words))
    if dice.random() < 0.2:
        words[spot] = dice.choice(
            [f"<strong>{words[spot]}</strong>", f"<em>{words[spot]}</em>", f"<code>{words[spot]}</code>"]
        )
    if dice.random() < 0.12:
        words[spot] = f'<a href="https://other.example/{words[spot]}">{words[spot]}</a>'
    return " ".join(words).capitalize() + "."


def body(dice: random.Random) -> str:
    parts = []
    for _ in range(dice.randint(4, 14)):
        parts.append(" ".join(sentence(dice) for _ in range(dice.randint(2, 6))))
        if dice.random() < 0.15:
            parts.append("<h2>" + " ".join(dice.choice(WORDS) for _ in range(4)) + "</h2>")
        if dice.random() < 0.12:
            parts.append("<ul>\n" + "\n".join(f"<li>{sentence(dice)}</li>" for _ in range(4)) + "\n</ul>")
        if dice.random() < 0.06:
            parts.append(f"<blockquote>{sentence(dice)}</blockquote>")
    return "\n\n".join(parts)


def item(dice: random.Random, number: int) -> str:
    year, month, day = 2005 + number % 19, 1 + number % 12, 1 + number % 28
    stamp = f"{year}-{month:02d}-{day:02d} {number % 24:02d}:15:00"
    topics = "".join(
        f'<category domain="post_tag" nicename="tag-{tag}"><![CDATA[Tag {tag}]]></category>'
        for tag in dice.sample(range(400), 3)
    )
    comments = "".join(
        f"<wp:comment><wp:comment_id>{number * 10 + n}</wp:comment_id><wp:comment_author>Reader</wp:comment_author>"
        f"<wp:comment_date_gmt>{stamp}</wp:comment_date_gmt><wp:comment_content><![CDATA[{sentence(dice)}]]>"
        "</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment>"
        for n in range(number % 3)
    )
    return f"""<item><title>Post number {number} about the {dice.choice(WORDS)}</title>
<link>https://bench.example/{year}/{month:02d}/post-{number}/</link><dc:creator>author{number % 25}</dc:creator>
<guid isPermaLink="false">https://bench.example/?p={number}</guid>
<content:encoded><![CDATA[{body(dice)}]]></content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date>{stamp}</wp:post_date><wp:post_date_gmt>{stamp}</wp:post_date_gmt>
<wp:comment_status>open</wp:comment_status><wp:post_name>post-{number}</wp:post_name><wp:status>publish</wp:status>
<wp:post_parent>0</wp:post_parent><wp:post_type>post</wp:post_type><wp:is_sticky>0</wp:is_sticky>
<category domain="category" nicename="shelf-{number % 40}"><![CDATA[Shelf {number % 40}]]></category>{topics}{comments}
</item>
"""


def write(place: Path, posts: int) -> None:
    dice = random.Random(1452)
    with place.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        for number in range(25):
            out.write(
                f"<wp:author><wp:author_id>{number}</wp:author_id><wp:author_login>author{number}</wp:author_login>"
            )
            out.write(f"<wp:author_email>author{number}@bench.example</wp:author_email></wp:author>\n")
        for number in range(1, posts + 1):
            out.write(item(dice, number))
        out.write("</channel></rss>\n")


def main(posts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "bench.wordpress.xml"
        write(export, posts)
        database = os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{folder}/bench.sqlite3"
        environment = {**os.environ, "DATABASE_URL": database, "MEDIA_ROOT": f"{folder}/media"}
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True, cwd=ROOT)
        print(f"{posts} posts, {export.stat().st_size / 1e6:.1f} MB of export")
        for turn in ("first", "again"):
            started = time.perf_counter()
            command = [*manage, "import_wordpress", str(export), "-v0"]
            process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
            print(f"{turn}: {seconds:.1f} s ({cpu:.1f} s of processor), {memory:.0f} MB", flush=True)
            if status:
                raise SystemExit("The import failed.")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
