"""The search: its page, and what it offers while somebody types."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_ratelimit.core import get_usage

from accounts.addresses import client_network
from accounts.rates import UNCOUNTABLE
from blog.heads import Head, absolute, with_site_name
from blog.paging import page_of_found
from blog.search import finding, misses, questions, results, suggesting
from blog.views.errors import too_many
from core import languages, publication

# Searches and suggestions one address may ask for.
RATE, SUGGESTIONS_RATE = "60/m", "240/m"
SUGGESTIONS_KEPT = 60


def caller(group: str, request: HttpRequest) -> str:
    return client_network(request)


def seconds_to_wait(request: HttpRequest, group: str, rate: str) -> int:
    """How long somebody who asks too often has to wait; 0 for everybody else, and while nobody can count."""
    try:
        usage = get_usage(request, group=group, key=caller, rate=rate, increment=True)
    except UNCOUNTABLE:
        return 0
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else 0


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "")
    question = questions.read(typed, finding.languages_read()) if typed else questions.Question()
    wait = seconds_to_wait(request, "search", RATE) if question else 0
    if wait:
        return too_many(request, seconds=wait)
    chosen = results.chosen_in(request.GET) if question else results.Chosen()
    exactly = "exactly" in request.GET
    answer = finding.answer(question, chosen.filters, edition=languages.current(), exactly=exactly)
    found = answer.found
    page = page_of_found(request, found.hits)
    is_first = page.number == 1
    if question and is_first and answer.is_miss and not (exactly or chosen.filters):
        misses.note(question.typed)
    people = results.people_of(answer) if is_first else []
    topics = results.topics_of(answer) if is_first else []
    return render(
        request,
        "blog/search.html",
        {
            "typed": question.typed,
            "question": question,
            "exactly": exactly,
            "answer": answer,
            "found": found,
            "page": page,
            "rows": results.rows_of(page, answer.asked),
            "kinds": results.kinds_of(page),
            "how_many": results.how_many(found, people, topics),
            "people": people,
            "topics": topics,
            "facets": results.facets(answer, chosen),
            "is_narrowed": bool(chosen.filters),
            "popular": results.popular_topics() if answer.is_miss else [],
            "most": finding.MOST,
            "counted": finding.COUNTED,
            "path": reverse("search"),
            "query": address_of(request),
            "plain_query": urlencode({"q": question.typed}),
            "section": "search",
            "head": Head(
                title=with_site_name(f"{question.typed} · {_('Search')}" if question.typed else _("Search")),
                description=_("Search the posts, pages, people and topics of %(name)s.")
                % {"name": publication.current().name},
                share_title=_("Search"),
                canonical=absolute(reverse("search")),
                noindex=bool(request.GET),
            ),
        },
    )


def address_of(request: HttpRequest) -> str:
    """The query of this page without the number of the page, for the links to its other pages."""
    data = request.GET.copy()
    data.pop("page", None)
    data["q"] = questions.clean(data.get("q", ""))[: questions.LONGEST]
    return data.urlencode()[:2000]


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    wait = seconds_to_wait(request, "suggest", SUGGESTIONS_RATE)
    if wait:
        return JsonResponse({"suggestions": []}, status=429, headers={"Retry-After": str(wait)})
    found = suggesting.suggestions(request.GET.get("q", ""))
    held = {"Cache-Control": f"public, max-age={SUGGESTIONS_KEPT}"}
    return JsonResponse({"suggestions": found}, headers=held)
