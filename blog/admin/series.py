"""Series: a name, and its posts in the order they are read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse

from blog import series as series_rules
from blog.admin.taxonomy import AnnouncingAdmin, NamedForm
from blog.models import Post, Series
from core.refusals import Refusal
from core.refusing_admin import is_id

FOUND = 10
LIGHT = (
    *("title", "slug", "kind", "status", "trashed_at", "published_at", "series", "series_position", "author"),
    *("author__username", "author__first_name", "author__last_name"),
)


@admin.register(Series)
class SeriesAdmin(AnnouncingAdmin):
    form = NamedForm
    fields = ("name", "slug", "description")
    list_display = ("name", "slug", "posts", "live", "updated_at")
    search_fields = ("name", "slug", "description")
    show_full_result_count = False

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [path("<int:pk>/parts/", guard(self.parts_view), name="blog_series_parts"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        live = Count("posts", filter=Q(posts__status="published", posts__trashed_at__isnull=True, posts__kind="post"))
        return super().get_queryset(request).annotate(post_count=Count("posts"), live_count=live)

    @admin.display(description="Posts", ordering="post_count")
    def posts(self, row: Any) -> int:
        return row.post_count

    @admin.display(description="Live", ordering="live_count")
    def live(self, row: Any) -> int:
        return row.live_count

    def parts_of(self, request: HttpRequest, found: Series) -> list[Post]:
        """Its posts in order: all of one's own, and of others' what everybody may read."""
        mine = Post.objects.editable_by(request.user)
        posts = found.posts.filter(Q(pk__in=mine.values("pk")) | Q(pk__in=Post.objects.published().values("pk")))
        return list(series_rules.in_order(posts).select_related("author").only(*LIGHT)[:500])

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        found = context.get("original")
        if found is not None:
            words = request.GET.get("find", "").replace("\0", "").strip()[:200]
            context["parts"] = self.parts_of(request, found)
            context["may_arrange"] = self.has_change_permission(request, found)
            context["find"] = words
            context["others"] = self.others(request, words) if words and context["may_arrange"] else []
        return super().render_change_form(request, context, *args, **kwargs)

    def others(self, request: HttpRequest, words: str) -> list[Post]:
        """Posts that could join: in no series yet."""
        posts = Post.objects.editable_by(request.user).articles().not_trashed().filter(series__isnull=True)
        for word in words.split()[:6]:
            posts = posts.filter(title__icontains=word)
        return list(posts.select_related("author").only(*LIGHT)[:FOUND])

    def parts_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: `part` (ids as they were shown), a number `place-<id>` for each, `leave` (ids) and `join` (an id)."""
        found = Series.objects.filter(pk=pk).first()
        if found is None or not self.has_view_permission(request, found):
            raise Http404("No such series.")
        if not self.has_change_permission(request, found):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            shown = [int(each) for each in request.POST.getlist("part") if is_id(each)]
            order = self.order_sent(request)
            touched = series_rules.arrange(found, order, shown=shown, by=request.user)  # type: ignore[arg-type]
            said = f"{touched} post{' has' if touched == 1 else 's have'} a new place." if touched else "Nothing moved."
            self.message_user(request, said, messages.SUCCESS if touched else messages.INFO)
        except Refusal as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        return HttpResponseRedirect(f"{reverse('admin:blog_series_change', args=[found.pk])}#parts")

    def order_sent(self, request: HttpRequest) -> list[int]:
        """The ids in the order of their numbers; those of one number stay as they were shown."""
        shown = [each for each in request.POST.getlist("part") if is_id(each)]
        leaving = set(request.POST.getlist("leave"))
        places = {}
        for place, each in enumerate(shown, 1):
            typed = request.POST.get(f"place-{each}", "").strip()
            places[each] = (int(typed) if is_id(typed) else place, place)
        order = [int(each) for each in sorted(places, key=places.__getitem__) if each not in leaving]
        join = request.POST.get("join", "")
        return [*order, int(join)] if is_id(join) else order
