"""The form a post is written in. Every rule is in blog.writing and blog.publishing; here is only what a form needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString

from blog.models import Post, Tag
from core import languages
from core.refusing_admin import RefusingForm, is_id
from media_assets import addresses
from media_assets.models import MediaAsset

# Days after which comments close; longer is for good.
MOST_DAYS = 3_650
MINUTES = "%Y-%m-%dT%H:%M"
# What a post may be written in; another language that an import brought stays where it is.
LANGUAGES = (
    *(("en", "English"), ("en-GB", "British English"), ("en-US", "American English"), ("de", "German")),
    *(("fr", "French"), ("ar", "Arabic"), ("cs", "Czech"), ("da", "Danish"), ("nl", "Dutch"), ("fi", "Finnish")),
    *(("el", "Greek"), ("he", "Hebrew"), ("hi", "Hindi"), ("it", "Italian"), ("ja", "Japanese"), ("ko", "Korean")),
    *(("nb", "Norwegian"), ("fa", "Persian"), ("pl", "Polish"), ("pt", "Portuguese"), ("ru", "Russian")),
    *(("es", "Spanish"), ("sv", "Swedish"), ("tr", "Turkish"), ("uk", "Ukrainian"), ("zh", "Chinese")),
)


def language_choices(kept: str = "") -> list[tuple[str, str]]:
    """Every language to choose from, with the one a post has already."""
    known = [(code, f"{name} ({code})") for code, name in LANGUAGES]
    return known if not kept or kept in dict(LANGUAGES) else [*known, (kept, kept)]


class Moment(forms.DateTimeInput):
    """One field for date and time, in the publication's own zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MINUTES)


class MomentField(forms.DateTimeField):
    """A clock time of the publication's zone, as people mean it when the clocks change.

    The hour that comes twice in autumn is taken the first time round; the one left out in spring is refused by name.
    """

    widget = Moment

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            try:
                written = parse_datetime(value.strip()) if isinstance(value, str) else None
            except ValueError:
                written = None  # the thirteenth month and its like
            if written is None or timezone.is_aware(written):
                raise
            zone = timezone.get_current_timezone()
            moment = written.replace(tzinfo=zone)
            if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != written:
                raise forms.ValidationError(
                    f"There is no {written:%H:%M} on that day in {zone}: the clocks go forward. Choose another hour."
                ) from None
            return moment


class FromTemplates:
    """A widget drawn by a template of the project rather than one of an app."""

    template_name: str

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        return render_to_string(self.template_name, self.get_context(name, value, attrs))  # type: ignore[attr-defined]


class PictureSelect(FromTemplates, forms.Select):
    """The newest pictures and the chosen one; with a script, the whole library in a dialog.

    Without a script an older one is named in a field of its own, by its address or number; that goes before the list.
    """

    template_name = "admin/widgets/picture.html"
    newest = 30
    unknown = "There is no such picture in the library. Copy its address from its page there, or choose another."

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        chosen = {str(each) for each in value if each}
        rows = list(MediaAsset.objects.filter(kind=MediaAsset.Kind.IMAGE)[: self.newest])
        if chosen - {str(row.pk) for row in rows}:
            rows = [*MediaAsset.objects.filter(pk__in=[each for each in chosen if is_id(each)]), *rows]
        self.chosen = next((row for row in rows if str(row.pk) in chosen), None)
        self.has_older = len(rows) >= self.newest
        options = [self.create_option(name, "", "No picture", not chosen, 0)]
        options += [
            self.create_option(name, row.pk, row.name, str(row.pk) in chosen, number)
            for number, row in enumerate(rows, 1)
        ]
        return [(None, options, 0)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["chosen"] = self.chosen
        context["has_older"] = self.has_older
        context["newest"] = self.newest
        context["typed"] = "" if self.chosen or value is None else value
        context["library"] = reverse_lazy("admin:media_assets_mediaasset_choose")
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = data.get(f"{name}_address", "").strip()
        if not typed or typed.isdecimal():
            return typed or super().value_from_datadict(data, files, name)
        found = next(iter(addresses.assets_at([typed]).values()), None)
        # What names no picture is given back as it was typed, to be refused by the field.
        return str(found.pk) if found and found.kind == MediaAsset.Kind.IMAGE else typed


class TagsInput(FromTemplates, forms.TextInput):
    """Words parted by commas, with the tags there are as suggestions."""

    template_name = "admin/widgets/tags.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["suggestions"] = Tag.objects.values_list("name", flat=True)[:300]
        return context


def text(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class PostForm(RefusingForm):
    """`step` is the verb of the button that was pressed; scheduling needs a time.

    `chosen_time` is the one somebody chose when a plan was held back, to begin from.
    """

    step: ClassVar[str] = ""
    chosen_time: ClassVar[str] = ""

    slug = forms.CharField(
        label="Address",
        max_length=200,
        required=False,
        help_text="Empty: made from the title.",
        error_messages={"unique": "Another post or page has this address; choose another."},
    )
    canonical_url = forms.URLField(
        label="Canonical address",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="Only when the text first appeared elsewhere.",
    )
    slug_suggested = forms.CharField(required=False, widget=forms.HiddenInput)
    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    scheduled_at = MomentField(label="Goes live", required=False)
    tags_text = forms.CharField(label="Tags", required=False, widget=TagsInput, help_text="Separated by commas.")
    last_updated_reason = forms.CharField(label="Reason for this change", max_length=300, required=False)
    picture_upload = forms.FileField(label="Upload a picture", required=False)

    class Meta:
        model = Post
        fields = (
            *("title", "excerpt", "content_markdown", "unpublish_at", "featured_image", "featured_image_alt"),
            *("featured_image_caption", "kind", "slug", "category", "topic_cluster", "pillar_post", "author"),
            *("series", "series_position", "review_after_days", "show_update_reason"),
            *("co_authors", "is_featured", "meta_title", "meta_description", "focus_keyword", "canonical_url"),
            *("noindex", "og_title", "og_description", "og_image", "twitter_title", "twitter_description"),
            *("twitter_card_type", "last_reviewed_at", "ai_generated_flag", "table_of_contents_enabled"),
            *("content_language", "geo_target_country", "comments_policy", "comments_close_after_days"),
        )
        widgets: ClassVar[dict[str, Any]] = {
            "title": text(1, placeholder="Title", autofocus=""),
            "excerpt": text(2, placeholder="Summary: one or two sentences for lists and share cards"),
            "content_markdown": text(24, placeholder="Write here. Headings begin with ##."),
            "unpublish_at": Moment,
            "last_reviewed_at": Moment,
            "featured_image": PictureSelect,
            "og_image": PictureSelect,
            "featured_image_alt": text(2),
            "featured_image_caption": text(2),
            "meta_description": text(3),
            "og_description": text(3),
            "twitter_description": text(3),
            "co_authors": forms.CheckboxSelectMultiple,
            "content_language": forms.Select,
            "geo_target_country": forms.TextInput(attrs={"size": 4, "maxlength": 2}),
        }
        field_classes: ClassVar[dict[str, Any]] = {"unpublish_at": MomentField, "last_reviewed_at": MomentField}
        help_texts: ClassVar[dict[str, str]] = {
            "featured_image_alt": "What the picture shows, when it differs from the library.",
            "geo_target_country": "Two letters, such as GB.",
            "series_position": "1 is the first. Empty: after those with a place.",
            "review_after_days": "Due again so long after the last time. Empty: as its category. 0: never.",
        }
        error_messages: ClassVar[dict[str, Any]] = {
            "title": {"required": "The post has no title yet; give it one to save it."},
            "featured_image": {"invalid_choice": PictureSelect.unknown},
            "og_image": {"invalid_choice": PictureSelect.unknown},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        post = self.instance
        change = getattr(post, "newest_change", None)
        self.initial.setdefault("scheduled_at", change.go_live_at if change else post.scheduled_at)
        if self.chosen_time and not self.initial["scheduled_at"]:
            self.initial["scheduled_at"] = self.chosen_time
        if post.is_public and "scheduled_at" in self.fields:
            self.fields["scheduled_at"].label = "Changes go live"
        self.initial["last_updated_reason"] = ""
        if "content_language" in self.fields:
            main = languages.main()
            if not post.pk and not languages.speaks(main, "en"):
                self.initial["content_language"] = main
            sent = self.data.get("content_language", "")[:12] if self.is_bound else ""
            chosen = sent or str(self.initial.get("content_language") or "")
            self.fields["content_language"].widget.choices = language_choices(chosen)  # type: ignore[attr-defined]
        if post.pk:
            self.initial["base_version"] = post.content_version
            tags = post.newest_tags if change else [tag.name for tag in post.tags.all()]
            self.initial["tags_text"] = ", ".join(tags)
            if change:
                self.initial["co_authors"] = post.newest_co_authors
            self.initial["slug"] = post.slug
        if "co_authors" in self.fields:
            people = get_user_model()._default_manager.filter(is_staff=True, is_active=True)
            self.fields["co_authors"].queryset = people  # type: ignore[attr-defined]
        for name in {"author", "comments_policy"} & self.fields.keys():
            self.fields[name].required = False

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_slug(self) -> str:
        """An address nobody typed is left to the rules, which find a free one."""
        slug = self.cleaned_data["slug"].strip()
        return "" if slug and slug == self.data.get("slug_suggested", "").strip() else slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.step in {"schedule", "plan_update"}:
            at = cleaned.get("scheduled_at")
            if at is None and "scheduled_at" not in self.errors:
                self.add_error("scheduled_at", "Choose the day and the time it goes live.")
            elif at is not None and at <= timezone.now():
                self.add_error("scheduled_at", "That time has passed; choose one to come, or bring it out now.")
        if (cleaned.get("comments_close_after_days") or 0) > MOST_DAYS:
            self.add_error("comments_close_after_days", "Ten years at most; empty it to leave them open.")
        comes_down = cleaned.get("unpublish_at")
        if comes_down and "unpublish_at" in self.changed_data and comes_down <= timezone.now():
            self.add_error("unpublish_at", "That time has passed; choose one to come.")
        return cleaned

    @property
    def tag_names(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data.get("tags_text", "").split(",") if name.strip()]
