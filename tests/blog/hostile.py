"""Content that is allowed and that no designer thought of."""

from blog import taxonomy
from blog.models import Category, Post

WORD = "Donaudampfschifffahrts" * 13
HEADINGS = "\n\n".join(f"## Part {number} {'of a long title ' * (number % 5)}\n\nText." for number in range(300))
# As the renderer writes them, which takes it a few seconds.
FOOTNOTES = (
    "<p>"
    + " ".join(
        f'Word.<a class="fnref" id="ref-{n}" href="#note-{n}" aria-label="Note {n}">{n}</a>' for n in range(5000)
    )
    + '</p><section class="notes" id="notes" aria-label="Notes"><h2>Notes</h2><ol>'
    + "".join(
        f'<li id="note-{n}"><p>The note {n}. <a href="#ref-{n}" class="back">Back</a></p></li>' for n in range(5000)
    )
    + "</ol></section>"
)
WIDE = "| " + " | ".join(["column"] * 30) + " |\n|" + "---|" * 30 + "\n| " + " | ".join(["0"] * 30) + " |"


def publish_footnotes(publish) -> str:
    """Publish five thousand footnotes; returns their address."""
    post = publish("Notes", text="Words.")
    Post.objects.filter(pk=post.pk).update(content_html=FOOTNOTES)
    return post.get_absolute_url()


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
