"""Lists of posts: home, all, by category, tag, topic, author, year and month."""

from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Prefetch, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import online
from accounts.follows import with_follower_count
from accounts.models import AuthorProfile, User
from blog import structured_data
from blog.editions import alternates_of_list
from blog.front_page import front_page
from blog.heads import Head, absolute, head_of_list, with_site_name
from blog.menus import count_of_posts, menus, months
from blog.models import Category, Post, Series, Tag, TopicCluster
from blog.paging import page_of
from blog.querysets import PostQuerySet
from core import publication
from core.publication import current


def co_authors() -> Prefetch:
    return Prefetch("co_authors", User.objects.select_related("author_profile"))


def rows(posts: PostQuerySet) -> PostQuerySet:
    """Live posts with all that a list row shows, newest first."""
    return posts.published().articles().in_edition().for_lists().prefetch_related(co_authors()).newest()


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    here = current()
    page = front_page(here.home_layout, rows(Post.objects.all()))
    lead = page.lead
    return render(
        request,
        "blog/home.html",
        {
            "front": page,
            "layout": here.home_layout,
            "lead": lead,
            "latest": page.latest,
            "tagline": True,
            "count": count_of_posts(),
            "head": Head(
                title=f"{here.name}: {here.tagline}" if here.tagline else here.name,
                description=here.description,
                share_title=here.name,
                canonical=absolute(reverse("home")),
                image=lead.featured_image if lead else None,
                data=[structured_data.website(absolute)],
                alternates=alternates_of_list(request),
            ),
        },
    )


@require_safe
def all_posts(request: HttpRequest) -> HttpResponse:
    return _answer(request, Post.objects.all(), _("All posts"), reverse("posts"), reverse("feed"), may_be_empty=True)


@require_safe
def category(request: HttpRequest, path: str) -> HttpResponse:
    found = get_object_or_404(Category, path=path)
    trail = menus().trail(path)
    crumbs = [(entry.name, entry.url) for entry in trail]
    return _answer(
        request,
        Post.objects.under(found),
        found.name,
        found.get_absolute_url(),
        reverse("category_feed", args=[path]),
        description=found.description,
        meta=found,
        crumbs=crumbs,
        below=menus().below(path),
        section=path.split("/")[0],
        subject=found,
        may_be_empty=True,  # made by editors as a part of the site; its address keeps whatever hangs on it today
    )


@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Tag, slug=slug)
    posts = Post.objects.filter(tagged__tag=found)
    return _answer(
        request,
        posts,
        found.name,
        found.get_absolute_url(),
        reverse("tag_feed", args=[slug]),
        kind=_("Tag"),
        subject=found,
    )


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """The pillar comes first: it is where a newcomer to the subject starts."""
    found = get_object_or_404(TopicCluster, slug=slug)
    pillar_first = Case(When(pk=found.pillar_post_id, then=Value(0)), default=Value(1))
    return _answer(
        request,
        found.posts.all(),
        found.name,
        found.get_absolute_url(),
        reverse("topic_feed", args=[slug]),
        description=found.description,
        kind=_("Topic"),
        order=(pillar_first, "-published_at", "-pk"),
        pillar_id=found.pillar_post_id,
        subject=found,
    )


@require_safe
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """The parts in the order they are read, numbered. Where nothing is live the name may be a secret of drafts."""
    parts = Post.objects.published().articles().filter(series=OuterRef("pk"))
    found = get_object_or_404(Series.objects.filter(Exists(parts)), slug=slug)
    places = (F("series_position").asc(nulls_last=True), "published_at", "pk")
    return _answer(
        request,
        found.posts.all(),
        found.name,
        found.get_absolute_url(),
        reverse("series_feed", args=[slug]),
        template="blog/series.html",
        description=found.description,
        order=places,
    )


@require_safe
def author(request: HttpRequest, slug: str) -> HttpResponse:
    profiles = with_follower_count(AuthorProfile.objects.select_related("user", "avatar"))
    profile = get_object_or_404(profiles, slug=slug)
    posts = Post.objects.written_by(profile.user).select_related("series", "topic_cluster")
    response_context = {
        "profile": profile,
        "followers": profile.follower_count,
        "is_here": online.is_shown_here(profile.user),
        "data": [structured_data.profile_page(profile, absolute)],
    }
    return _answer(
        request,
        posts,
        profile.user.display_name,
        profile.get_absolute_url(),
        reverse("author_feed", args=[slug]),
        template="blog/author.html",
        description=profile.bio,
        **response_context,
    )


@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """What a feed is and which ones there are, for people: browsers show the feeds themselves as raw text."""
    description = _("Every new post of %(name)s in your feed reader.") % {"name": publication.current().name}
    head = Head(
        title=with_site_name(_("Follow by RSS")),
        share_title=_("Follow by RSS"),
        description=description,
        canonical=absolute(reverse("feeds")),
        alternates=alternates_of_list(request),
    )
    return render(request, "blog/feeds.html", {"head": head})


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    years: dict[int, list[tuple[date, int]]] = {}
    for month, count in months():
        years.setdefault(month.year, []).append((month, count))
    return render(
        request,
        "blog/archive.html",
        {
            "years": [(year, sum(count for __, count in found), found) for year, found in years.items()],
            "head": Head(
                title=with_site_name(_("Archive")),
                share_title=_("Archive"),
                description=_("Everything published in %(name)s, by year and month.")
                % {"name": publication.current().name},
                canonical=absolute(reverse("archive")),
                alternates=alternates_of_list(request),
            ),
            "section": "archive",
        },
    )


@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    in_year = [(month, count) for month, count in months() if month.year == year]
    if not in_year:
        raise Http404("Nothing was published in this year.")
    return _answer(
        request,
        Post.objects.filter(published_at__year=year),
        str(year),
        reverse("year", args=[year]),
        reverse("year_feed", args=[year]),
        crumbs=[(_("Archive"), reverse("archive"))],
        months=in_year,
        section="archive",
    )


@require_safe
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    found = next((start for start, __ in months() if (start.year, start.month) == (year, month)), None)
    if found is None:
        raise Http404("Nothing was published in this month.")
    return _answer(
        request,
        Post.objects.filter(published_at__year=year, published_at__month=month),
        date_format(found, "YEAR_MONTH_FORMAT"),
        reverse("month", args=[year, month]),
        reverse("month_feed", args=[year, month]),
        crumbs=[(_("Archive"), reverse("archive")), (str(year), reverse("year", args=[year]))],
        months=[entry for entry in months() if entry[0].year == year],
        current_month=found,
        section="archive",
    )


def _answer(
    request: HttpRequest,
    posts: PostQuerySet,
    title: str,
    path: str,
    feed: str,
    *,
    template: str = "blog/list.html",
    description: str = "",
    meta: Category | None = None,
    crumbs: list[tuple[str, str]] | None = None,
    order: tuple[Any, ...] = (),
    data: list[dict[str, Any]] | None = None,
    may_be_empty: bool = False,
    **context: Any,
) -> HttpResponse:
    shown = rows(posts).order_by(*order) if order else rows(posts)
    page = page_of(request, shown, path)
    # A link may lead from a text in one language to a list of which the edition of another has nothing.
    elsewhere = not page.paginator.count and posts.published().articles().exists()
    if not page.paginator.count and not elsewhere and not may_be_empty and posts.exists():
        # Only what is not live is here, so its very name may be a secret of drafts.
        raise Http404("Nothing is published here.")
    head = head_of_list(title, path, page, description=description, feed=feed)
    head.alternates = alternates_of_list(request) if page.number == 1 else []
    head.noindex = elsewhere
    if meta and meta.meta_title and page.number == 1:
        head.title = meta.meta_title
    if meta and meta.meta_description:
        head.description = meta.meta_description
    if not head.description:
        head.description = _("%(list)s: every post in %(name)s, newest first.") % {
            "list": title,
            "name": publication.current().name,
        }
    steps = [(publication.current().name, reverse("home")), *(crumbs or []), (title, path)]
    head.data = [*(data or []), structured_data.breadcrumbs(steps, absolute)]
    return render(
        request,
        template,
        {
            "head": head,
            "title": title,
            "description": description,
            "page": page,
            "elsewhere": elsewhere,
            "path": path,
            "feed": feed,
            "crumbs": crumbs or [],
            **context,
        },
    )
