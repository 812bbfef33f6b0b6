"""RSS of what was put right."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from blog import corrections
from blog.feeds import LENGTH, PostsFeed, _clean
from blog.heads import absolute
from blog.models import Correction
from core import publication


class CorrectionsFeed(PostsFeed):
    """The newest corrections of live posts, each under the title of its post."""

    def get_object(self, request: HttpRequest) -> None:
        return None

    def items(self, subject: Any) -> list[Correction]:  # type: ignore[override]
        return list(corrections.newest()[:LENGTH])

    def title(self, subject: Any) -> str:
        return _clean(_("Corrections · %(site)s") % {"site": publication.current().name})

    def link(self, subject: Any) -> str:
        return absolute(reverse("corrections"))

    def description(self, subject: Any) -> str:
        return _clean(_("What %(site)s got wrong and has put right.") % {"site": publication.current().name})

    def feed_url(self, subject: Any) -> str:
        return absolute(reverse("corrections_feed"))

    def item_title(self, item: Correction) -> str:  # type: ignore[override]
        return _clean(item.post.title)

    def item_description(self, item: Correction) -> str:  # type: ignore[override]
        return _clean(item.note)

    def item_link(self, item: Correction) -> str:  # type: ignore[override]
        return absolute(item.post.get_absolute_url()) + "#corrections"

    def item_guid(self, item: Correction) -> str:
        return f"{absolute(reverse('corrections'))}#{item.pk}"

    item_guid_is_permalink = False

    def item_author_name(self, item: Correction) -> str:  # type: ignore[override]
        return ""

    def item_pubdate(self, item: Correction) -> datetime:  # type: ignore[override]
        return item.at

    def item_updateddate(self, item: Correction) -> datetime:  # type: ignore[override]
        return max(item.at, item.updated_at)

    def item_categories(self, item: Correction) -> list[str]:  # type: ignore[override]
        return []

    def item_enclosures(self, item: Correction) -> list[Any]:  # type: ignore[override]
        return []

    def item_extra_kwargs(self, item: Correction) -> dict[str, str]:  # type: ignore[override]
        return {}
