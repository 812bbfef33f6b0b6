"""Where a post stands in the map of the site: row numbers go on from test to test, and maps are stretches of them."""

from blog.models import Post
from blog.sitemaps import BLOCK


def map_of(post: Post) -> str:
    """The name of the page of the map a post or page is in: "posts-1"."""
    return f"{post.kind}s-{post.pk // BLOCK + 1}"
