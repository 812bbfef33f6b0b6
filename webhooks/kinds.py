"""The events there are, and what each tells of. Names are promises: programs elsewhere go by them."""

from django.utils.translation import gettext_lazy

PING = "ping"
KINDS = {
    "post.published": gettext_lazy("A post or page went live."),
    "post.updated": gettext_lazy("Readers see another version of a live post or page."),
    "post.unpublished": gettext_lazy("A live post or page was taken down."),
    "post.deleted": gettext_lazy("A post or page that had been live was moved to the trash."),
    "comment.created": gettext_lazy("Somebody commented; readers may not see it yet."),
    "comment.approved": gettext_lazy("Readers see a comment from now on."),
    "media.created": gettext_lazy("A picture or file joined the library and may be served."),
    "subscriber.confirmed": gettext_lazy("Somebody confirmed their subscription to the newsletter."),
}
