"""How things are shown that other things name: small by themselves, whole where `expand` asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models import AuthorProfile, User
from blog.models import Category, Post, Series, Tag, TopicCluster
from core.rest.shaping import Shaped
from media_assets.models import MediaAsset

# What a column of ids can hold.
LARGEST_ID = 2**63 - 1


def by_id(queryset: Any, **more: Any) -> serializers.PrimaryKeyRelatedField:
    """A field that names one of these by its number, and nothing that only reads like one."""
    number = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    return serializers.PrimaryKeyRelatedField(queryset=queryset, pk_field=number, required=False, **more)


class Writer(serializers.ModelSerializer):
    """Somebody who writes, as readers know them; never their address."""

    name = serializers.CharField(source="display_name", read_only=True)
    slug = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "name", "slug")
        read_only_fields = fields

    def get_slug(self, user: User) -> str | None:
        profile = getattr(user, "author_profile", None)
        return profile.slug if profile else None


class Author(Shaped):
    """The public face of somebody who writes."""

    id = serializers.IntegerField(source="user_id", read_only=True)
    name = serializers.CharField(source="user.display_name", read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    expertise_topics = serializers.ListField(child=serializers.CharField(), read_only=True)
    links = serializers.ListField(child=serializers.CharField(), source="web_links", read_only=True)

    class Meta:
        model = AuthorProfile
        fields: tuple[str, ...] = (
            "id",
            "name",
            "slug",
            "url",
            "bio",
            "website",
            "linkedin_url",
            "links",
            "expertise_topics",
        )
        read_only_fields = fields


class CategoryName(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ("id", "name", "path")
        read_only_fields = fields


class CategoryWhole(Shaped):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Category
        fields = (
            *("id", "name", "slug", "path", "url", "description", "parent", "review_after_days"),
            *("meta_title", "meta_description", "created_at", "updated_at"),
        )
        read_only_fields = fields


class TagWhole(Shaped):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Tag
        fields = ("id", "name", "slug", "url", "created_at", "updated_at")
        read_only_fields = fields


class SeriesWhole(Shaped):
    """Its posts are `/posts/?series=<slug>&ordering=series`."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Series
        fields = ("id", "name", "slug", "url", "description", "created_at", "updated_at")
        read_only_fields = fields


class TopicWhole(Shaped):
    """Its posts are `/posts/?topic=<slug>`."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    pillar_post = serializers.SerializerMethodField()

    class Meta:
        model = TopicCluster
        fields = ("id", "name", "slug", "url", "description", "pillar_post", "created_at", "updated_at")
        read_only_fields = fields

    def get_pillar_post(self, topic: TopicCluster) -> int | None:
        return seen_by(self.context, topic.pillar_post)


class Picture(serializers.ModelSerializer):
    """A picture as a post shows it."""

    class Meta:
        model = MediaAsset
        fields = ("id", "url", "width", "height", "alt_text", "placeholder_colour")
        read_only_fields = fields


class AuthorOfUser(Author):
    """The face of the person a post names; of somebody without one, who it is."""

    def to_representation(self, user: Any) -> Any:
        profile = getattr(user, "author_profile", None)
        return super().to_representation(profile) if profile else Writer(user, context=self.context).data


def seen_by(context: Mapping[str, Any], post: Post | None) -> int | None:
    """The number of a post that something names, for whoever may know that there is one."""
    request = context.get("request")
    if post is None:
        return None
    if post.is_public:
        return post.pk
    is_visible = request is not None and Post.objects.visible_to(request.user).filter(pk=post.pk).exists()
    return post.pk if is_visible else None
