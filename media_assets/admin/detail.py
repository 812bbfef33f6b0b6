"""The page of one file: what it shows, what it says, where it is used, and what it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from accounts.roles import may
from core.refusals import Refusal
from core.refusing_admin import RefusingForm, is_id
from core.sizes import in_bytes
from media_assets import describing, renditions, signed, usage
from media_assets.admin.faces import extent, face_of
from media_assets.admin.uploading import BOTH
from media_assets.models import MediaAsset, MediaTag

USES_ON_A_PAGE = 20
# What is suggested; more are typed.
MOST_TAGS = 300
WORDS = ("name", "alt_text", "is_decorative", "caption", "credit")
CROPS = (("16x9", "Heads of posts, 16:9", 480), ("1x1", "Squares, 1:1", 320), ("card", "Share cards, 1200 × 630", 1200))


class AssetForm(RefusingForm):
    # Not “tags”: what comes under the name of a relation is taken for ids.
    tag_names = forms.CharField(
        label="Tags",
        required=False,
        max_length=1000,
        help_text="Separated by commas.",
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off", "data-words": ""}),
    )

    class Meta:
        widgets = {
            "alt_text": forms.Textarea(attrs={"rows": 3}),
            "caption": forms.Textarea(attrs={"rows": 2}),
            "focal_x": forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01}),
            "focal_y": forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tag_names" in self.fields and self.instance.pk:
            self.initial["tag_names"] = ", ".join(tag.name for tag in self.instance.tags.all())

    def clean_tag_names(self) -> list[str]:
        names = [" ".join(name.split()) for name in self.cleaned_data["tag_names"].split(",")]
        return list(dict.fromkeys(name for name in names if name))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("is_decorative") and cleaned.get("alt_text"):
            self.add_error("alt_text", BOTH)
        return cleaned


class Detail(admin.ModelAdmin):
    """<id>/change/ and <id>/original/; put it before the other bases."""

    form = AssetForm
    fields = ("alt_text", "is_decorative", "caption", "credit", "name", "tag_names", "focal_x", "focal_y")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.original_view)
        return [path("<int:pk>/original/", view, name="media_assets_mediaasset_original"), *super().get_urls()]

    def original_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The original itself, to be saved."""
        asset = MediaAsset.objects.filter(pk=pk).first()
        if asset is None:
            raise Http404
        if not self.has_view_permission(request, asset):
            raise PermissionDenied
        try:
            return HttpResponseRedirect(signed.address_of(asset, download_name=f"{asset.name}.{asset.extension}"))
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_change", args=[pk]))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        message = super().construct_change_message(request, form, formsets, add)
        # `describing` writes the trail.
        request.audited_changes = {}  # type: ignore[attr-defined]
        return message

    def save_model(self, request: HttpRequest, obj: MediaAsset, form: Any, change: bool) -> None:
        words: dict[str, Any] = {name: form.cleaned_data[name] for name in WORDS if name in form.changed_data}
        if "tag_names" in form.changed_data:
            words["tags"] = form.cleaned_data["tag_names"]
        if {"focal_x", "focal_y"} & set(form.changed_data):
            words |= {"focal_x": form.cleaned_data["focal_x"], "focal_y": form.cleaned_data["focal_y"]}
        user: Any = request.user
        try:
            describing.describe(obj, by=user, **words)
        except Refusal as refusal:
            field = "tag_names" if refusal.field == "tags" else refusal.field
            raise Refusal(refusal.sentence, field=field) from refusal

    def response_change(self, request: HttpRequest, obj: MediaAsset) -> HttpResponse:
        messages.success(request, f"“{obj.name}” is saved.")
        if "_continue" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        return self.response_post_save_change(request, obj)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the audit trail tells of the file, for those who may read it; its page for everybody else."""
        if not is_id(object_id):
            raise Http404
        if request.user.has_perm("accounts.view_auditentry"):  # type: ignore[union-attr]
            trail = reverse("admin:accounts_auditentry_changelist")
            return HttpResponseRedirect(f"{trail}?target=mediaasset:{object_id}")
        return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_change", args=[object_id]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        asset = context.get("original")
        if asset:
            context |= self.about(request, asset)
        return super().render_change_form(request, context, *args, **kwargs)

    def about(self, request: HttpRequest, asset: MediaAsset) -> dict[str, Any]:
        """What the page shows beside the form."""
        asset.face = face_of(asset)  # type: ignore[attr-defined]
        made = asset.renditions.aggregate(count=Count("pk"), bytes=Sum("size_bytes"))
        uses = Paginator(usage.uses_of(asset), USES_ON_A_PAGE).get_page(request.GET.get("uses"))
        return {
            "look": look_of(asset),
            "uses": uses,
            "known_tags": MediaTag.objects.values_list("name", flat=True)[:MOST_TAGS],
            "full_address": urljoin(settings.SITE_URL + "/", asset.url),
            "extent": extent(asset),
            "size": in_bytes(asset.size_bytes),
            "made": made["count"],
            "made_size": in_bytes(made["bytes"] or 0),
            "may_delete": may(request.user, "media_assets.delete_mediaasset", asset),
        }


def look_of(asset: MediaAsset) -> dict[str, Any]:
    """The picture as the page shows it: large, and cut as each shape cuts it; empty for what is not shown."""
    if asset.kind != MediaAsset.Kind.IMAGE or not asset.is_ready:
        return {}
    if not renditions.has_sizes(asset):
        return {"src": asset.cdn_url}
    return {
        "src": renditions.small_address(asset, shape="", width=1440),
        "small": renditions.small_address(asset, shape="", width=720),
        "crops": [
            {"shape": shape, "label": label, "src": renditions.small_address(asset, shape=shape, width=width)}
            for shape, label, width in CROPS
        ],
    }
