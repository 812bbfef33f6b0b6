"""The language of a page, by its address: no cookie and no header of the browser has a say."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from core import languages


class LanguageByAddressMiddleware:
    """It stands outside everything that looks addresses up. Afterwards the thread speaks what it spoke before."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(languages.edition_in(request.path_info) or languages.main()):
            return self.answer(request)
