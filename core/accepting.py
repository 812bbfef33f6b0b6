"""Who asks: somebody who reads pages, or the script of a page they have open."""

from django.http import HttpRequest


def wants_json(request: HttpRequest) -> bool:
    """Whether the answer goes to a script. Browsers that follow a link or send a form accept pages as well."""
    return request.accepts("application/json") and not request.accepts("text/html")
