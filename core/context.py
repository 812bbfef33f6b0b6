"""What every template may know about the publication."""

from typing import Any

from django.http import HttpRequest

from core.publication import current


def publication(request: HttpRequest) -> dict[str, Any]:
    return {"site": current()}
