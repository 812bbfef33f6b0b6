"""Content that is allowed and that no designer thought of."""

from blog import taxonomy
from blog.models import Category

WORD = "Donaudampfschifffahrts" * 13
HEADINGS = "\n\n".join(f"## Part {number} {'of a long title ' * (number % 5)}\n\nText." for number in range(300))
MANY = 5000
FOOTNOTES = "\n\n".join(
    [
        *(" ".join(f"Word.[^{n}]" for n in range(start, start + 100)) for start in range(1, MANY, 100)),
        "\n".join(f"[^{n}]: The note {n}." for n in range(1, MANY + 1)),
    ]
)
WIDE = "| " + " | ".join(["column"] * 30) + " |\n|" + "---|" * 30 + "\n| " + " | ".join(["0"] * 30) + " |"


def publish_footnotes(publish) -> str:
    """Publish five thousand footnotes; returns their address."""
    return publish("Notes", text=FOOTNOTES).get_absolute_url()


def publish_all(publish) -> list[str]:
    """Publish all of it; returns the addresses at which it shows."""
    parent = None
    for level in range(5):
        parent = taxonomy.save_category(
            Category(name=f"Level {level} {'deep ' * level}", slug=f"level-{level}", parent=parent)
        )
    word = publish(
        WORD,
        slug="word",
        text=f"{'x' * 4000}\n\n```\n{'y' * 4000}\n```\n\n{WIDE}",
        excerpt=WORD,
        category=parent,
        tags=["..", WORD[:100], "a/b", "<b>b</b>"],
    )
    headings = publish("Headings", text=HEADINGS, category=parent)
    return [
        "/",
        "/blog/",
        parent.get_absolute_url(),
        word.get_absolute_url(),
        headings.get_absolute_url(),
        *(tag.get_absolute_url() for tag in word.tags.all()),
    ]
