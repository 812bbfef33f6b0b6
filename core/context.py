"""What every template may know about the publication."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def publication(request: HttpRequest) -> dict[str, Any]:
    return {
        "site": {
            "name": settings.SITE_NAME,
            "tagline": settings.SITE_TAGLINE,
            "description": settings.SITE_DESCRIPTION,
            "url": settings.SITE_URL,
            "footer": settings.SITE_FOOTER,
            "ink": settings.LETTERPRESS_INK,
        }
    }
