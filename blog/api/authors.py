"""Those who write, as readers know them: who has something published has a page, and is listed."""

from __future__ import annotations

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from rest_framework import serializers

from accounts.api.resources import Lists
from accounts.follows import with_follower_count
from accounts.models import AuthorProfile
from blog.api.shapes import Author, Picture
from blog.models import Post


class AuthorWhole(Author):
    """The public face of somebody who writes; never their address."""

    avatar = Picture(read_only=True, allow_null=True)
    follower_count = serializers.IntegerField(read_only=True)

    class Meta(Author.Meta):
        fields = (*Author.Meta.fields, "avatar", "follower_count", "created_at", "updated_at")
        read_only_fields = fields


class AuthorFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="named", label="Part of a name.")

    class Meta:
        model = AuthorProfile
        fields: list[str] = []

    def named(self, profiles: QuerySet[AuthorProfile], name: str, words: str) -> QuerySet[AuthorProfile]:
        """By what is shown: a username stands for whoever has no other name."""
        for word in words.split()[:5]:
            shown = Q(user__first_name__icontains=word) | Q(user__last_name__icontains=word)
            nameless = Q(user__first_name="", user__last_name="", user__username__icontains=word)
            profiles = profiles.filter(shown | nameless)
        return profiles


class Authors(Lists):
    """Those who write."""

    serializer_class = AuthorWhole
    filterset_class = AuthorFilter
    lookup_field = "slug"
    lookup_value_regex = r"[-\w]+"
    orderings = {
        "name": ("user__first_name", "user__last_name", "user__username", "pk"),
        "newest": ("-created_at", "-pk"),
        "followers": ("-follower_count", "pk"),
    }
    walked_by = ("-created_at", "-pk")

    def get_queryset(self) -> QuerySet[AuthorProfile]:
        live = Post.objects.published().articles().order_by()
        wrote = Exists(live.filter(author=OuterRef("user")))
        helped = Exists(Post.co_authors.through.objects.filter(user=OuterRef("user"), post__in=live.values("pk")))
        profiles = AuthorProfile.objects.filter(wrote | helped).select_related("user", "avatar")
        return with_follower_count(profiles)

    def version_of(self, thing: AuthorProfile) -> str:
        return f"{super().version_of(thing)}.{thing.follower_count}"  # type: ignore[attr-defined]
