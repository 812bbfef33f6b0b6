"""One deed for the files chosen in the library: shown first, done on confirmation, the refused named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts import saved_filters
from accounts.roles import may
from core.refusals import Refusal
from core.refusing_admin import is_id
from media_assets import describing, removing, usage
from media_assets.admin.faces import face_of
from media_assets.models import MediaAsset, MediaTag

# Files one deed is for, and refusals told.
MOST = 500
TOLD = 40


@dataclass(frozen=True)
class Deed:
    """`verb` stands on the button, `done` after a number of files."""

    verb: str
    explanation: str
    done: str
    needs_tag: bool = False
    permission: str = "media_assets.change_mediaasset"


DEEDS = {
    "add_tag": Deed("Add the tag", "Files that have it already stay as they are.", "tagged", needs_tag=True),
    "remove_tag": Deed("Remove the tag", "Files without it stay as they are.", "without the tag", needs_tag=True),
    "mark_decorative": Deed(
        "Mark as decorative",
        "They say nothing, and screen readers skip them. What their alt text says is lost; files that are no pictures "
        "stay as they are.",
        "marked as decorative",
    ),
    "delete_unused": Deed(
        "Delete for good",
        "Whatever is used anywhere is kept. What is deleted does not come back.",
        "deleted",
        permission="media_assets.delete_mediaasset",
    ),
}


class BulkDeeds(admin.ModelAdmin):
    """The actions of the list and the page that asks before them; put it before the other bases."""

    actions = ("add_tag", "remove_tag", "mark_decorative", "delete_unused")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only ours: the stock deletion asks nobody whether a picture is used."""
        return {name: deed for name, deed in super().get_actions(request).items() if name in DEEDS}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.POST.get("select_across") == "1" and not request.POST.getlist(ACTION_CHECKBOX_NAME):
            # Django asks for one box to be ticked even where all that were found are meant.
            data = request.POST.copy()
            data[ACTION_CHECKBOX_NAME] = "0"
            request.POST = data
        if "action" in request.POST and "_save" not in request.POST and not request.POST.getlist(ACTION_CHECKBOX_NAME):
            messages.warning(request, "Choose some files first.")
            return HttpResponseRedirect(request.get_full_path())
        return super().changelist_view(request, extra_context)

    def get_urls(self) -> list[Any]:
        address = path("bulk/", self.admin_site.admin_view(self.bulk_view), name="media_assets_mediaasset_bulk")
        return [address, *super().get_urls()]

    @admin.action(description="Add a tag…", permissions=["change"])
    def add_tag(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> HttpResponse:
        return self.ask("add_tag", request, queryset)

    @admin.action(description="Remove a tag…", permissions=["change"])
    def remove_tag(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> HttpResponse:
        return self.ask("remove_tag", request, queryset)

    @admin.action(description="Mark as decorative…", permissions=["change"])
    def mark_decorative(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> HttpResponse:
        return self.ask("mark_decorative", request, queryset)

    @admin.action(description="Delete the unused…", permissions=["delete"])
    def delete_unused(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> HttpResponse:
        return self.ask("delete_unused", request, queryset)

    def ask(self, name: str, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> HttpResponse:
        ids = list(queryset.values_list("pk", flat=True)[: MOST + 1])
        return self.bulk_page(request, name, ids, back_of(request.GET.urlencode()))

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """POST `deed`, `ids` (parted by commas), `tag` where the deed needs one, and `back`, the query of the list."""
        name = request.POST.get("deed", "")
        if request.method != "POST" or name not in DEEDS:
            return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_changelist"))
        deed = DEEDS[name]
        if not may(request.user, deed.permission):
            raise PermissionDenied
        ids = [int(each) for each in request.POST.get("ids", "").split(",") if is_id(each)][: MOST + 1]
        tag = " ".join(request.POST.get("tag", "").replace("\0", "").split())
        back = back_of(request.POST.get("back", ""))
        if not 0 < len(ids) <= MOST:
            return self.bulk_page(request, name, ids, back)
        if deed.needs_tag and not 0 < len(tag) <= 60:
            return self.bulk_page(request, name, ids, back, wrong="A tag has 1 to 60 characters.", tag=tag)
        act = self.deed_of(name, tag, request.user)
        changed, refused = 0, []
        for asset in MediaAsset.objects.filter(pk__in=ids).select_related("uploaded_by"):
            try:
                changed += act(asset)
            except Refusal as refusal:
                refused.append((asset.name, refusal.sentence))
        messages.success(request, f"{changed} file{'' if changed == 1 else 's'} {deed.done}.")
        for about, sentence in refused[:TOLD]:
            messages.warning(request, sentence if f"“{about}”" in sentence else f"“{about}”: {sentence}")
        if len(refused) > TOLD:
            messages.warning(request, f"{len(refused) - TOLD} more were refused.")
        return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_changelist") + back)

    def deed_of(self, name: str, tag: str, user: Any) -> Callable[[MediaAsset], bool]:
        """What is done to each file; it answers whether anything changed, or raises a Refusal."""

        def retag(asset: MediaAsset) -> bool:
            before = [each.name for each in asset.tags.all()]
            others = [each for each in before if each.lower() != tag.lower()]
            if (len(others) == len(before)) == (name == "remove_tag"):
                return False
            describing.describe(asset, by=user, tags=[*others, tag] if name == "add_tag" else others)
            return True

        def mark(asset: MediaAsset) -> bool:
            if asset.kind != MediaAsset.Kind.IMAGE or asset.is_decorative:
                return False
            describing.describe(asset, by=user, alt_text="", is_decorative=True)
            return True

        def delete(asset: MediaAsset) -> bool:
            removing.remove(asset, by=user)
            return True

        return {"mark_decorative": mark, "delete_unused": delete}.get(name, retag)

    def bulk_page(self, request: HttpRequest, name: str, ids: list[int], back: str, **context: Any) -> HttpResponse:
        shown = list(MediaAsset.objects.filter(pk__in=ids[:TOLD]))
        for asset in shown:
            asset.face = face_of(asset)  # type: ignore[attr-defined]
        used = 0
        if name == "delete_unused":
            used = len(ids) - usage.unused().order_by().filter(pk__in=ids).count()
        context = {
            **self.admin_site.each_context(request),
            "title": DEEDS[name].verb,
            "opts": self.opts,
            "deed": DEEDS[name],
            "name": name,
            "ids": ",".join(str(pk) for pk in ids),
            "number": len(ids),
            "used": used,
            "too_many": len(ids) > MOST,
            "most": MOST,
            "shown": shown,
            "more": len(ids) - len(shown),
            "tags": MediaTag.objects.values_list("name", flat=True)[:200],
            "back": back,
            **context,
        }
        return TemplateResponse(request, "admin/media_assets/mediaasset/bulk.html", context)


def back_of(query: str) -> str:
    """The query of the list somebody came from, with its question mark; empty when it is none."""
    try:
        tidied = saved_filters.tidy(query)
    except ValueError:
        return ""
    return f"?{tidied}" if tidied else ""
