"""Files coming into the library: many at once from a form, or one by one from the page that watches them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from core.files import TYPES
from core.refusals import Refusal
from core.refusing_admin import is_id
from media_assets import describing, storage, usage
from media_assets.admin.choosing import choice_of
from media_assets.admin.faces import face_of
from media_assets.admin.listing import Look
from media_assets.intake import AGAIN_AFTER, Busy, take_in
from media_assets.models import MediaAsset

# What phones call their photographs; they come in as JPEG.
ACCEPT = ",".join([*TYPES, "image/heic", "image/heif", ".heic"])
# Larger files go past the web process, straight into the store.
DIRECT_FROM = 8 * 1024 * 1024
BOTH = "A decorative picture says nothing. Empty the alt text, or untick “Decorative”."


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file by itself; what they contain is judged by media_assets.intake."""
        files = [super(ManyFilesField, self).clean(each, initial) for each in data or []]
        if not files:
            raise forms.ValidationError("Choose at least one file.")
        return files


class UploadForm(forms.Form):
    files = ManyFilesField(label="Files", widget=ManyFilesInput(attrs={"accept": ACCEPT}))
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
            self.add_error("alt_text", BOTH)
        return cleaned


def upload_ways() -> dict[str, Any]:
    """What a page has to know to send files: where to, and which of the two ways from which size on (bytes)."""
    return {
        "send": reverse("admin:media_assets_mediaasset_upload"),
        "accept": ACCEPT,
        "most": settings.MAX_UPLOAD_BYTES,
        "direct": reverse("ask_upload"),
        "direct_from": 0 if storage.is_remote() else DIRECT_FROM,
    }


class Uploading(admin.ModelAdmin):
    """upload/ and <id>/words/; put it before the other bases."""

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [
            path("upload/", guard(self.upload_view), name="media_assets_mediaasset_upload"),
            path("<int:pk>/words/", guard(self.words_view), name="media_assets_mediaasset_words"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_upload"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"uploads": upload_ways(), **(extra_context or {})})

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """The plain form; with `Accept: application/json` one file at a time, answered with its tile."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if wants_json(request):
            return self.one_by_one(request)
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_bound and form.is_valid():
            files = form.cleaned_data["files"]
            kept = [asset for file in files if (asset := self.take_in_one(request, file, form, len(files) == 1))]
            if kept:
                return self.answer_upload(request, kept)
        context = {**self.admin_site.each_context(request), "title": "Upload files", "form": form, "opts": self.opts}
        return TemplateResponse(request, "admin/media_assets/mediaasset/upload.html", context)

    def take_in_one(self, request: HttpRequest, file: Any, form: UploadForm, alone: bool) -> MediaAsset | None:
        words = form.cleaned_data
        try:
            asset = take_in(
                file, by=self.whom(request), alt_text=words["alt_text"] if alone else "", credit=words["credit"]
            )
        except Refusal as refusal:
            messages.error(request, f"“{file.name}” was not kept. {refusal.sentence}")
            return None
        if words["is_decorative"] and not asset.alt_text and self.has_change_permission(request, asset):
            describing.describe(asset, by=self.whom(request), is_decorative=True)
        return asset

    def answer_upload(self, request: HttpRequest, kept: list[MediaAsset]) -> HttpResponse:
        for asset in kept:
            self.log_addition(request, asset, [{"added": {}}])
        if len(kept) == 1:
            messages.success(request, f"“{kept[0].name}” is in the library.")
            return HttpResponseRedirect(reverse("admin:media_assets_mediaasset_change", args=[kept[0].pk]))
        bare = sum(1 for asset in kept if face_of(asset).needs_words)
        said = f" {bare} of them have no description yet." if bare else ""
        messages.success(request, f"{len(kept)} files are in the library.{said}")
        library = reverse("admin:media_assets_mediaasset_changelist")
        return HttpResponseRedirect(f"{library}?described=no" if bare else library)

    def one_by_one(self, request: HttpRequest) -> JsonResponse:
        """GET: who is signed in, and a token that counts. POST `file`, or `asset` for one that came in directly."""
        user = self.whom(request)
        if request.method != "POST":
            return JsonResponse({"user": str(user.pk), "name": user.display_name, "token": get_token(request)})
        if "asset" in request.POST:
            pk = request.POST["asset"]
            found = MediaAsset.objects.filter(pk=int(pk)).first() if is_id(pk) else None
            if found is None:
                return JsonResponse({"error": "It is not in the library any more."}, status=404)
            return JsonResponse(self.as_told(request, found))
        file = request.FILES.get("file")
        if file is None:
            return JsonResponse({"error": "No file came. Choose it once more."}, status=400)
        began = timezone.now()
        try:
            asset = take_in(file, by=user)
        except Busy as busy:
            return JsonResponse({"error": busy.sentence}, status=503, headers={"Retry-After": str(AGAIN_AFTER)})
        except Refusal as refusal:
            return JsonResponse({"error": refusal.sentence}, status=422)
        if asset.created_at < began:
            return JsonResponse({**self.as_told(request, asset), "was_there": True})
        self.log_addition(request, asset, [{"added": {}}])
        return JsonResponse(self.as_told(request, asset), status=201)

    def words_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """POST `alt_text` or `is_decorative`: what a picture says, without its page being opened."""
        asset = MediaAsset.objects.filter(pk=pk).first()
        if asset is None:
            return JsonResponse({"error": "It is not in the library any more."}, status=404)
        if request.method != "POST":
            return JsonResponse({"error": "Words are sent by POST."}, status=405)
        decorative = request.POST.get("is_decorative") == "1"
        alt_text = "" if decorative else " ".join(request.POST.get("alt_text", "").replace("\0", "").split())
        try:
            describing.describe(asset, by=self.whom(request), alt_text=alt_text, is_decorative=decorative)
        except Refusal as refusal:
            return JsonResponse({"error": refusal.sentence}, status=422)
        asset.refresh_from_db()
        return JsonResponse(self.as_told(request, asset))

    def as_told(self, request: HttpRequest, asset: MediaAsset) -> dict[str, Any]:
        """A file for the page that shows the library, as it draws it itself."""
        asset.face = face_of(asset)  # type: ignore[attr-defined]
        asset.uses = usage.count_uses([asset])[asset.pk]  # type: ignore[attr-defined]
        view = request.POST.get("view") or Look.of(request).view
        name = "_row" if view == "list" else "_tile"
        choosing = self.has_change_permission(request)
        return {
            **choice_of(asset, self.has_change_permission(request, asset)),
            "needs_words": asset.kind == MediaAsset.Kind.IMAGE and self.has_change_permission(request, asset),
            "held_back": asset.face.held_back,  # type: ignore[attr-defined]
            "tile": render_to_string(
                f"admin/media_assets/mediaasset/{name}.html", {"asset": asset, "choosing": choosing}
            ),
        }

    @staticmethod
    def whom(request: HttpRequest) -> Any:
        return request.user


def wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
