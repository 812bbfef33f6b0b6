"""Pictures: looked at as tiles, taken in by upload, described, and deleted when nothing uses them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse

from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from accounts.roles import may
from core.refusals import Refusal
from core.refusing_admin import RefusingAdmin, RefusingForm
from media_assets import usage
from media_assets.intake import take_in
from media_assets.models import MediaAsset

ACCEPT = "image/jpeg,image/png,image/gif,image/webp,image/avif"


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file by itself; what they contain is judged by media_assets.intake."""
        files = [super(ManyFilesField, self).clean(each, initial) for each in data or []]
        if not files:
            raise forms.ValidationError("Choose at least one picture.")
        return files


class UploadForm(forms.Form):
    files = ManyFilesField(label="Pictures", widget=ManyFilesInput(attrs={"accept": ACCEPT}))
    alt_text = forms.CharField(
        label="Alt text",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What the picture shows, for those who cannot see it. Several pictures are described afterwards.",
    )
    is_decorative = forms.BooleanField(label="Decorative: it says nothing, screen readers skip it", required=False)
    credit = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_decorative") and cleaned.get("alt_text"):
            self.add_error("alt_text", "A decorative picture says nothing. Empty the alt text, or untick “Decorative”.")
        return cleaned


class AssetForm(RefusingForm):
    class Meta:
        widgets = {
            "alt_text": forms.Textarea(attrs={"rows": 3}),
            "caption": forms.Textarea(attrs={"rows": 2}),
            "focal_x": forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01}),
            "focal_y": forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("is_decorative") and cleaned.get("alt_text"):
            self.add_error("alt_text", "A decorative picture says nothing. Empty the alt text, or untick “Decorative”.")
        return cleaned


class DescribedFilter(admin.SimpleListFilter):
    title = "description"
    parameter_name = "described"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return (("no", "No description"), ("yes", "Described or decorative"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        without = Q(alt_text="", is_decorative=False)
        return {"no": queryset.filter(without), "yes": queryset.exclude(without)}.get(self.value() or "", queryset)


@admin.register(MediaAsset)
class MediaAssetAdmin(AuditedAdmin, ListTools, RefusingAdmin):
    form = AssetForm
    fields = ("name", "alt_text", "is_decorative", "caption", "credit", "focal_x", "focal_y")
    list_display = ("name", "size_bytes", "uploaded_by", "created_at")
    list_select_related = ("uploaded_by",)
    list_filter = (DescribedFilter,)
    search_fields = ("name", "alt_text", "caption", "credit")
    list_per_page = 60
    show_full_result_count = False
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:
        return may(request.user, "media_assets.change_mediaasset", obj)

    def has_delete_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:
        return may(request.user, "media_assets.delete_mediaasset", obj)

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [
            path("choose/", guard(self.choose_view), name="media_assets_mediaasset_choose"),
            path("upload/", guard(self.upload_view), name="media_assets_mediaasset_upload"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_upload"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Media", **(extra_context or {})})

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Several files at once: each is kept or refused by itself, and the refused are named."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_bound and form.is_valid():
            files = form.cleaned_data["files"]
            kept = [asset for file in files if (asset := self.take_in_one(request, file, form, len(files) == 1))]
            if kept:
                return self.answer_upload(request, kept)
        context = {**self.admin_site.each_context(request), "title": "Upload pictures", "form": form, "opts": self.opts}
        return TemplateResponse(request, "admin/media_assets/mediaasset/upload.html", context)

    def take_in_one(self, request: HttpRequest, file: Any, form: UploadForm, alone: bool) -> MediaAsset | None:
        try:
            asset = take_in(
                file,
                by=request.user,
                alt_text=form.cleaned_data["alt_text"] if alone else "",
                credit=form.cleaned_data["credit"],
            )
        except Refusal as refusal:
            messages.error(request, f"“{file.name}” was not kept. {refusal.sentence}")
            return None
        if form.cleaned_data["is_decorative"] and not asset.alt_text and self.has_change_permission(request, asset):
            asset.is_decorative = True
            asset.save(update_fields=["is_decorative", "updated_at"])
        return asset

    def answer_upload(self, request: HttpRequest, kept: list[MediaAsset]) -> HttpResponse:
        for asset in kept:
            self.log_addition(request, asset, [{"added": {}}])
        if len(kept) == 1:
            messages.success(request, f"“{kept[0].name}” is in the library.")
            return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_change", args=[kept[0].pk]))
        bare = sum(1 for asset in kept if not asset.alt_text and not asset.is_decorative)
        said = f" {bare} of them have no description yet." if bare else ""
        messages.success(request, f"{len(kept)} pictures are in the library.{said}")
        library = reverse("admin:media_assets_mediaasset_changelist")
        return HttpResponseRedirect(f"{library}?described=no" if bare else library)

    def choose_view(self, request: HttpRequest) -> HttpResponse:
        """The library as JSON, for the dialog in which a picture is chosen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = MediaAsset.objects.filter(kind=MediaAsset.Kind.IMAGE, state=MediaAsset.State.READY)
        for word in request.GET.get("q", "").replace("\0", "").split()[:6]:
            rows = rows.filter(Q(name__icontains=word) | Q(alt_text__icontains=word) | Q(credit__icontains=word))
        pictures = [
            {"id": row.pk, "name": row.name, "url": row.url, "alt": row.alt_text, "size": f"{row.width} × {row.height}"}
            for row in rows[:60]
        ]
        return JsonResponse({"pictures": pictures})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        asset = context.get("original")
        if asset:
            context["uses"] = [(str(thing), admin_address(thing)) for thing in usage.uses_of(asset)]
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: MediaAsset) -> None:
        usage.remove(obj, by=request.user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Nothing goes with it: a picture that is used is not deleted."""
        return [str(asset) for asset in objs], {"pictures": len(objs)}, set(), []


def admin_address(thing: Any) -> str:
    """Where a thing is edited; empty when it has no page in the admin."""
    try:
        return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
    except NoReverseMatch:
        return ""
