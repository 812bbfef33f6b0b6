"""The form of the site settings. Every rule is in blog.site_settings; here is only what a form needs."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory

from blog import site_settings
from blog.admin.post_form import PictureSelect
from blog.models import SiteLink, SiteSettings
from core import inks
from core.publication import from_environment
from core.refusing_admin import is_id
from media_assets.models import MediaAsset

Place = SiteLink.Place
# The look of each ink on light and on dark paper, as in tokens.css.
INKS = {
    "ultramarine": ("#2a3bd0", "#a9b4ff"),
    "vermilion": ("#b3260f", "#ff9a85"),
    "bottle": ("#0c5c41", "#7fd0ac"),
    "madder": ("#9a1750", "#ff9cc0"),
    "umber": ("#77460a", "#e6b877"),
    "black": ("#191a1c", "#edece6"),
}
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Publication",
        "What it is called. What is left empty says what the installation was set up with.",
        ("name", "tagline", "description", "contact_email", "footer"),
    ),
    (
        "Look",
        "One colour besides black, and the pictures that stand for the publication.",
        ("ink", "own_ink_light", "own_ink_dark", "logo", "icon", "drop_initials"),
    ),
    ("Home", "How the first page is laid out.", ("home_layout",)),
    ("Menus", "Empty: the categories under the name, the pages at the foot.", ()),
    (
        "Feeds and search engines",
        "What machines are given and told.",
        ("feed_text", "is_news", "machines_may_learn", "robots_rules", "tell_indexnow", "websub_hub"),
    ),
    (
        "Languages",
        "The interface has words for these. Each one chosen gets a home, lists and feeds of its own.",
        ("editions",),
    ),
    ("Switches", "Parts of the site that can be left out altogether.", ("comments_enabled", "analytics_enabled")),
)
FIELDS = [name for _, _, names in SECTIONS for name in names]


def line(length: int, help_text: str, **attrs: Any) -> forms.CharField:
    return forms.CharField(max_length=length, required=False, help_text=help_text, widget=forms.TextInput(attrs=attrs))


class PictureField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        pictures = MediaAsset.objects.filter(kind=MediaAsset.Kind.IMAGE)
        messages = {"invalid_choice": PictureSelect.unknown}
        super().__init__(pictures, required=False, widget=PictureSelect, error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> Any:
        if value and not is_id(str(value)):
            raise forms.ValidationError(PictureSelect.unknown, code="invalid_choice")
        return super().to_python(value)


class SiteForm(forms.Form):
    """One field for each thing of the row that editors choose."""

    name = line(80, "Above every page, in search results, feeds and mails.")
    tagline = line(160, "Beside the name on the home page.")
    description = forms.CharField(
        max_length=400,
        required=False,
        help_text="One or two sentences for search engines, feeds and the foot of pages.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    contact_email = forms.EmailField(
        label="Address for contact", max_length=254, required=False, help_text="Where the contact form writes to."
    )
    footer = forms.CharField(
        max_length=600,
        required=False,
        help_text="At the foot of every page, in place of the description.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    ink = forms.ChoiceField(
        label="Second ink",
        required=False,
        widget=forms.RadioSelect,
        help_text="Section names, links and whatever is current are printed in it.",
    )
    own_ink_light = line(7, "It must be readable: 4.5:1 at least.", placeholder="#7a1fa2", size=9)
    own_ink_dark = line(7, "Empty: the same hue, made light enough.", size=9)
    logo = PictureField(help_text="In place of the name in the head of pages. Its description is the name.")
    icon = PictureField(help_text="A square picture for tabs and home screens, 320 pixels or more.")
    drop_initials = forms.BooleanField(
        label="Begin posts with a large letter", required=False, help_text="In the second ink, over two lines."
    )
    home_layout = forms.ChoiceField(choices=SiteSettings.HomeLayout.choices, widget=forms.RadioSelect)
    feed_text = forms.ChoiceField(
        label="Feeds carry",
        choices=SiteSettings.FeedText.choices,
        help_text="What readers see in their feed reader.",
    )
    is_news = forms.BooleanField(
        label="A news publication",
        required=False,
        help_text="Posts are told to search engines as news, with a news sitemap of the last 48 hours.",
    )
    machines_may_learn = forms.BooleanField(
        label="Language models may read and learn",
        required=False,
        help_text="Otherwise robots.txt asks their collectors to stay away, and llms.txt says so.",
    )
    robots_rules = forms.CharField(
        label="Further lines of robots.txt",
        max_length=5000,
        required=False,
        help_text="One rule a line, such as Disallow: /drafts/.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "lp-code", "spellcheck": "false"}),
    )
    tell_indexnow = forms.BooleanField(
        label="Tell search engines of new posts",
        required=False,
        help_text="By IndexNow: Bing, Yandex and others learn of each change at once. A key is made for it.",
    )
    websub_hub = line(
        200, "Told of every new post, so that feed readers hear at once.", placeholder="https://hub.example.org/"
    )
    editions = forms.MultipleChoiceField(
        label="Further languages",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Posts in other languages stay in the main lists.",
    )
    comments_enabled = forms.BooleanField(
        label="Comments", required=False, help_text="Off: nobody can comment, and none are shown."
    )
    analytics_enabled = forms.BooleanField(
        label="Reading statistics", required=False, help_text="Off: nothing is counted, and pages carry no counter."
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, row: SiteSettings) -> None:
        initial = {name: getattr(row, name) for name in FIELDS}
        initial["seen"] = row.updated_at.isoformat() if row.updated_at else ""
        super().__init__(data, initial=initial, label_suffix="")
        inherited = from_environment()
        for name in ("name", "tagline", "description", "contact_email", "footer"):
            self.fields[name].widget.attrs["placeholder"] = getattr(inherited, name)
        self.fields["footer"].widget.attrs["placeholder"] = inherited.footer or "The description"
        self.fields["own_ink_light"].label = "Our own colour on light paper"
        self.fields["own_ink_dark"].label = "And on dark paper"
        self.fields["websub_hub"].label = "WebSub hub"
        self.fields["ink"].choices = [  # type: ignore[attr-defined]
            ("", f"As set up: {inherited.ink.capitalize()}"),
            *((ink, ink.capitalize()) for ink in INKS),
            (inks.OWN, "Our own colour"),
        ]
        self.fields["editions"].choices = site_settings.languages_offered()  # type: ignore[attr-defined]
        self.row = row

    def row_as_typed(self) -> SiteSettings:
        """The row with whatever fields make sense; call it after `is_valid`."""
        row = copy(self.row)
        for name in FIELDS:
            if name in self.cleaned_data:
                setattr(row, name, self.cleaned_data[name])
        return row

    def saw(self, row: SiteSettings) -> None:
        """From now on saving goes over what somebody else saved in between."""
        self.data = self.data.copy()
        self.data["seen"] = row.updated_at.isoformat()

    def add_refusals(self, refusals: list[Any]) -> None:
        for refusal in refusals:
            field = refusal.field if refusal.field in self.fields else None
            if field is None or field not in self.errors:
                self.add_error(field, refusal.sentence)


class LinkForm(forms.Form):
    """One line of a menu; an empty one is none."""

    label = forms.CharField(max_length=60, required=False)
    address = forms.CharField(max_length=500, required=False)

    def __init__(self, *args: Any, place: str, **kwargs: Any) -> None:
        self.place = place
        super().__init__(*args, **kwargs)
        last = (self.prefix or "").rpartition("-")[2]
        self.number = str(int(last) + 1) if last.isdecimal() else "__number__"
        for name, word in (("label", "Name"), ("address", "Address")):
            self.fields[name].widget.attrs |= {"aria-label": f"{word} of line {self.number}", "autocomplete": "off"}
        self.fields["address"].widget.attrs["placeholder"] = (
            "https://mastodon.social/@name" if place == Place.SOCIAL else "/about/"
        )

    @property
    def link(self) -> SiteLink | None:
        """What it says as a row, None when it says nothing."""
        label, address = self.cleaned_data.get("label", ""), self.cleaned_data.get("address", "")
        return SiteLink(place=self.place, label=label, address=address) if label or address else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors or (link := self.link) is None:
            return cleaned
        site_settings.prepare_link(link)
        if refusal := site_settings.problem_of_link(link):
            self.add_error(refusal.field, refusal.sentence)
        return cleaned


LinkRows = formset_factory(
    LinkForm, extra=1, max_num=site_settings.MOST_LINKS + 1, absolute_max=60, can_order=True, can_delete=True
)


class Menus:
    """The lines of all menus, a group of forms for each."""

    def __init__(self, links: list[SiteLink], data: Mapping[str, Any] | None = None) -> None:
        self.rows: dict[Place, BaseFormSet] = {}
        for place in Place:
            initial = [{"label": link.label, "address": link.address} for link in links if link.place == place]
            self.rows[place] = LinkRows(data, initial=initial, prefix=place.value, form_kwargs={"place": place})

    def __iter__(self) -> Any:
        return iter(self.rows.items())

    def is_valid(self) -> bool:
        # Each is asked, so that each says what is wrong in it.
        found = [rows.is_valid() for rows in self.rows.values()]
        return all(found)

    def links_as_typed(self) -> list[SiteLink]:
        """The lines that make sense, in their order; call it after `is_valid`."""
        return [link for rows in self.rows.values() for form in self.in_order(rows) if (link := form.link) is not None]

    @staticmethod
    def in_order(rows: BaseFormSet) -> list[LinkForm]:
        """By their numbers; those without one, and those of one number, stay as they were shown."""
        if not rows.management_form.is_valid():
            return []
        shown = [
            (form.cleaned_data.get("ORDER") or index, index, form)
            for index, form in enumerate(rows.forms, 1)
            if not form.errors and not form.cleaned_data.get("DELETE")
        ]
        return [form for _, _, form in sorted(shown, key=lambda each: each[:2])]

    @property
    def error_count(self) -> int:
        return sum(len(form.errors) for rows in self.rows.values() for form in rows.forms) + sum(
            len(rows.non_form_errors()) for rows in self.rows.values()
        )
