"""What belongs to one reader: the reading list, how far they came, and the newest of what they follow."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import feed_address
from accounts.models import User
from blog import follows, reading
from blog.models import Post
from blog.paging import stretch_of
from blog.views.lists import co_authors
from core.accepting import wants_json


def own_page_of(request: HttpRequest, things: QuerySet[Any]) -> Page:
    """The page somebody asked for of a list only they see: nothing of it is kept, and the last page is the end."""
    return Paginator(things, settings.POSTS_PER_PAGE).get_page(request.GET.get("page"))


def _live(slug: str) -> Post:
    return get_object_or_404(Post.objects.published().articles().defer("content_markdown", "content_html"), slug=slug)


@never_cache
@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """On the reading list or off it, whichever is asked for: twice is once."""
    post = _live(slug)
    if not request.user.is_authenticated:
        return redirect_to_login(post.get_absolute_url())
    wanted = request.POST.get("keep") != "0"
    (reading.keep if wanted else reading.drop)(request.user, post)
    if wants_json(request):
        return JsonResponse({"kept": wanted})
    if request.POST.get("from") == "list":
        return redirect(reverse("reading_list") + ("" if wanted else f"?removed={post.pk}"))
    messages.success(request, _("Kept for later.") if wanted else _("Taken off your reading list."))
    return redirect(post)


@never_cache
@require_POST
def position(request: HttpRequest, slug: str) -> HttpResponse:
    """How far somebody came, told by their page now and then; nobody waits for the answer."""
    post = _live(slug)
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    told = request.POST.get("position", "")
    if not (told.isascii() and told.isdigit() and len(told) < 7):
        return HttpResponse(status=400)
    reading.remember(request.user, post, position=int(told), heading=request.POST.get("heading", ""))
    return HttpResponse(status=204)


@never_cache
@require_safe
@login_required
def reading_list(request: HttpRequest, which: str = "") -> HttpResponse:
    removed = request.GET.get("removed", "")
    undo = None
    if removed.isascii() and removed.isdigit() and len(removed) < 19:
        undo = Post.objects.published().articles().only("title", "slug", "kind").filter(pk=removed).first()
    people = Prefetch("post__co_authors", User.objects.select_related("author_profile"))
    kept = reading.list_of(request.user, which).prefetch_related(people)
    context = {"page": own_page_of(request, kept), "path": request.path, "which": which, "undo": undo}
    return render(request, "accounts/reading_list.html", context)


@never_cache
@require_safe
@login_required
def feed(request: HttpRequest) -> HttpResponse:
    posts = follows.feed_of(request.user).for_lists().prefetch_related(co_authors())
    most = follows.MOST_NAMED
    people, subjects = follows.all_of(request.user, most + 1)
    context = {
        "stretch": stretch_of(posts, request.GET.get("before", "")),
        "people": people[:most],
        "subjects": subjects[:most],
        "feed_token": feed_address.token_of(request.user),
        "more": len(people) > most or len(subjects) > most,
    }
    return render(request, "accounts/feed.html", context)
