"""What stands beside the form of a post: each part has pages of its own and shows something in the form."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from blog.models import Post


class Part:
    """One subject beside the form of a post."""

    def __init__(self, post_admin: admin.ModelAdmin) -> None:
        self.admin = post_admin

    def urls(self) -> list[URLPattern]:
        """Its pages, below the list of posts."""
        return []

    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        """What its piece of the form needs; `post` None is a new one."""
        return {}

    def saved(self, request: HttpRequest, post: Post) -> None:
        """The form was saved; called before the step whose button was pressed."""

    def named(self, route: str, view: Any, name: str) -> URLPattern:
        """A page behind the admin's own door, called "admin:blog_post_<name>"."""
        return path(route, self.admin.admin_site.admin_view(view), name=f"blog_post_{name}")

    def post_of(self, request: HttpRequest, pk: int) -> Post:
        """The post somebody may change, with its newest version in it; absent or forbidden otherwise."""
        post = self.admin.get_object(request, str(pk))
        if not self.admin.has_change_permission(request, post):
            raise PermissionDenied
        return post

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"admin/blog/post/{template}",
            {**self.admin.admin_site.each_context(request), "title": title, "opts": Post._meta, **context},
        )
