"""What was typed and not saved: kept, offered again, compared."""

from __future__ import annotations

import json
from os.path import commonprefix
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.middleware.csrf import get_token
from django.template.defaultfilters import date as date_words
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.roles import may
from blog import autosave, comparing
from blog.admin.parts import Part
from blog.admin.post_form import PostForm
from blog.autosave import Unsaved
from blog.models import Post, PostVersion
from blog.sockets import moved
from core.refusals import Refusal

# A file cannot be kept; everything else of the form is.
KNOWN = frozenset(PostForm.base_fields) - {"picture_upload"}
# What differs without anybody having typed it.
NOT_COMPARED = {"base_version", "slug_suggested", "picture_upload", "last_updated_reason"}

# Words of a text that is offered.
SHOWN = 16

GONE = (
    "This post is not there any more, or is no longer yours to change. Your text is still on this page: copy it, or "
    "go on with it as a new post."
)


class Difference(NamedTuple):
    """A field in which an unsaved text differs from the post, in the words of the form."""

    name: str
    label: str
    now: str
    typed: str


class Offer(NamedTuple):
    """An unsaved text as it is offered: `words` are its beginning or, at a post, where it begins to differ."""

    entry: Unsaved
    words: str


def refused(sentence: str, status: int, **facts: Any) -> JsonResponse:
    return JsonResponse({"error": sentence, **facts}, status=status)


def clock(moment: Any) -> str:
    return date_words(timezone.localtime(moment), "H:i:s")


class AutosavePart(Part):
    """Keeps what is typed, offers it again on the form, and has pages to compare and discard it."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("autosave/", self.autosave, "autosave"),
            self.named("unsaved/", self.unsaved, "unsaved"),
            self.named("unsaved/<str:key>/", self.compare, "unsaved_text"),
            self.named("unsaved/<str:key>/write/", self.write, "unsaved_write"),
        ]

    def saved(self, request: HttpRequest, post: Post) -> None:
        try:
            autosave.forget(request.user, request.POST.get("autosave_key", ""))
        except Refusal:
            return

    # --- what the page sends and asks --------------------------------------------------------------------------------
    def autosave(self, request: HttpRequest) -> HttpResponse:
        """POST keeps what is in the form, GET tells what became of it; both tell of a newer version. JSON."""
        try:
            if request.method == "POST":
                return self.keep(request)
            if request.method == "GET":
                return self.tell(request)
        except Refusal as refusal:
            return refused(refusal.sentence, 400)
        return HttpResponseNotAllowed(["GET", "POST"])

    def keep(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        size = request.META.get("CONTENT_LENGTH") or "0"
        if not size.isdecimal() or int(size) > autosave.MAX_BYTES:
            most = autosave.MAX_BYTES // 1_000_000
            return refused(f"The text is too long to be kept while you write: at most {most} MB.", 413)
        try:
            said = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Refusal("This is not JSON.") from None
        if not isinstance(said, dict):
            raise Refusal("A JSON object is expected here.")
        if said.get("user") != request.user.pk:
            return self.somebody_else(request)
        key = str(said.get("key", ""))
        fields = autosave.checked(said.get("fields"), KNOWN)
        sequence = autosave.checked_sequence(said.get("sequence"))
        base = autosave.checked_version(said.get("base_version"))
        post = self.reach(request, key)
        if isinstance(post, JsonResponse):
            return post
        kept = autosave.keep(request.user, key, fields, base_version=base, sequence=sequence, at=now)
        return JsonResponse(
            {
                "kept": kept.kept,
                "in_database": kept.in_database,
                "clock": clock(now),
                "newest": self.newest(post, base),
                **self.state(post, said.get("state")),
            }
        )

    def tell(self, request: HttpRequest) -> HttpResponse:
        """Who is signed in, with a fresh token for the form; how far Redis and the database have the text of `key`."""
        key, base = request.GET.get("key", ""), request.GET.get("base", "")
        facts = {"user": request.user.pk, "name": request.user.display_name, "token": get_token(request)}
        post = self.reach(request, key)
        if isinstance(post, JsonResponse):
            return JsonResponse({**json.loads(post.content), **facts}, status=post.status_code)
        newest, in_database = autosave.sequences(request.user, key)
        begun = int(base) if base.isdecimal() and len(base) < 10 else None
        facts |= {"sequence": newest, "sequence_in_database": in_database, "newest": self.newest(post, begun)}
        facts |= self.state(post, request.GET.get("state"))
        return JsonResponse(facts)

    def somebody_else(self, request: HttpRequest) -> HttpResponse:
        name = request.user.display_name
        sentence = (
            f"This text was begun by somebody else; now {name} is signed in here. It is not kept under that name."
        )
        return refused(sentence, 409, user=request.user.pk, name=name)

    def reach(self, request: HttpRequest, key: str) -> Post | JsonResponse | None:
        """The post a key belongs to, None for a new one, or the answer to whoever may not write there."""
        pk = autosave.post_id_of(key)
        if pk is None:
            if not may(request.user, "blog.add_post"):
                return refused("Your role does not let you write posts any more. Copy your text.", 403)
            return None
        post = Post.objects.filter(pk=pk).only("pk", "author_id", "content_version", "status", "trashed_at").first()
        # Forbidden answers as absent does: nobody learns here which posts there are.
        if post is None or not may(request.user, "blog.change_post", post):
            return refused(GONE, 410)
        return post

    def newest(self, post: Post | None, base: int | None) -> dict[str, Any] | None:
        """The newest version when it is not the one the writing began from."""
        if post is None or base is None or post.content_version <= base:
            return None
        version = PostVersion.objects.filter(post=post).select_related("editor").defer("snapshot").first()
        if version is None:
            return None
        return {
            "number": version.number,
            "by": version.editor.display_name if version.editor else "",
            "clock": date_words(timezone.localtime(version.created_at), "H:i"),
            "address": reverse("admin:blog_post_version", args=[post.pk, version.number]),
        }

    def state(self, post: Post | None, shown: Any) -> dict[str, Any]:
        """The state a post is in and, when the page shows another one, what happened to it and when."""
        if post is None:
            return {}
        state = "trashed" if post.is_trashed else post.status
        facts = {"status": post.status, "trashed": post.is_trashed, "moved": None}
        if shown and shown != state:
            last = post.status_changes.order_by("-pk").values_list("at", flat=True).first()
            facts["moved"] = moved(state, last or timezone.now())
        return facts

    # --- the form ----------------------------------------------------------------------------------------------------
    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        if not (self.admin.has_change_permission(request, post) if post else self.admin.has_add_permission(request)):
            return {}
        recovered: Unsaved | None = getattr(request, "recovered", None)
        key = recovered.key if recovered else self.posted_key(request, post) or autosave.new_key(post)
        held = recovered or (autosave.newest(request.user, key) if request.method == "POST" else None)
        return {
            "autosave": {
                "key": key,
                "sequence": held.sequence if held else 0,
                "fields": " ".join(sorted(KNOWN)),
                "recovered": recovered,
                "offers": self.offers(request, post, but=key),
                "of": post.pk if post else "new",
            }
        }

    def posted_key(self, request: HttpRequest, post: Post | None) -> str:
        """The key of a form that is shown again because something in it was refused."""
        key = request.POST.get("autosave_key", "")
        try:
            return key if autosave.post_id_of(key) == (post.pk if post else None) else ""
        except Refusal:
            return ""

    def offers(self, request: HttpRequest, post: Post | None, *, but: str = "") -> list[Offer]:
        """The texts that say something the post does not; those that do not are forgotten."""
        texts = autosave.of_post(request.user, post) if post else autosave.of_new_posts(request.user)
        offered = []
        for entry in texts:
            if entry.key == but:
                continue
            differences = self.differences(request, entry, post) if post else []
            if post and not differences:
                autosave.forget(request.user, entry.key)
            else:
                offered.append(Offer(entry, differing(differences) or entry.first_words))
        return offered

    # --- pages -------------------------------------------------------------------------------------------------------
    def unsaved(self, request: HttpRequest) -> HttpResponse:
        """Everything this person typed and did not save; `?of=` one post, or "new", shows only what belongs there."""
        of = request.GET.get("of", "")
        post = self.post_of(request, int(of)) if of.isdecimal() and len(of) < 19 else None
        if post or of == "new":
            offers = self.offers(request, post)
        else:
            offers = [Offer(entry, entry.first_words) for entry in autosave.of_anything(request.user)]
        return self.page(request, "autosave_list.html", "Unsaved texts", offers=offers, original=post, fold=bool(of))

    def compare(self, request: HttpRequest, key: str) -> HttpResponse:
        """GET shows what the post says and what was typed, POST discards what was typed."""
        entry = self.text_of(request, key)
        post = self.post_to_go_on(request, entry)
        back = reverse("admin:blog_post_change", args=[post.pk]) if post else reverse("admin:blog_post_unsaved")
        if request.method == "POST":
            autosave.forget(request.user, key)
            messages.success(request, "The unsaved text is discarded.")
            return HttpResponseRedirect(back)
        differences = self.differences(request, entry, post)
        text = next((each for each in differences if each.name == "content_markdown"), None)
        fields = [
            (each.label, comparing.compare_words(each.now, each.typed)) for each in differences if each is not text
        ]
        context = {
            "entry": entry,
            "original": post,
            "back": back,
            "fields": fields,
            "paragraphs": folded(text) if text else [],
        }
        title = f"Unsaved text of “{post}”" if post else f"Unsaved text: {entry.title or 'without a title'}"
        return self.page(request, "autosave_compare.html", title, **context)

    def write(self, request: HttpRequest, key: str) -> HttpResponse:
        """The form with what was typed in it, to go on writing."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        entry = self.text_of(request, key)
        post = self.post_to_go_on(request, entry)
        if post is None and entry.post_id:
            return HttpResponseRedirect(reverse("admin:blog_post_unsaved_write", args=[self.made_new(request, entry)]))
        request.recovered = entry
        if post is not None:
            address = reverse("admin:blog_post_change", args=[post.pk])
            response = self.admin.changeform_view(request, str(post.pk), form_url=address)
        else:
            response = self.admin.changeform_view(request, None, form_url=reverse("admin:blog_post_add"))
        fill(response.context_data["adminform"].form, entry)
        return response

    def made_new(self, request: HttpRequest, entry: Unsaved) -> str:
        """The text of a post that is gone becomes that of a new one; returns its key."""
        if not may(request.user, "blog.add_post"):
            raise PermissionDenied
        key = autosave.new_key(None)
        autosave.keep(request.user, key, entry.fields, base_version=None, sequence=entry.sequence, at=entry.at)
        autosave.forget(request.user, entry.key)
        return key

    def text_of(self, request: HttpRequest, key: str) -> Unsaved:
        try:
            autosave.post_id_of(key)
        except Refusal:
            raise Http404("No such text.") from None
        entry = autosave.newest(request.user, key)
        if entry is None:
            raise Http404("No such text.")
        return entry

    def post_to_go_on(self, request: HttpRequest, entry: Unsaved) -> Post | None:
        if entry.post_id is None:
            return None
        try:
            return self.post_of(request, entry.post_id)
        except (Http404, PermissionDenied):
            return None

    def differences(self, request: HttpRequest, entry: Unsaved, post: Post | None) -> list[Difference]:
        """The fields in which the text differs from the post, in the order of the form."""
        made = self.admin.get_form(request, post, change=post is not None)
        form = made(as_sent(entry), instance=post or Post())
        found = []
        for name in form.changed_data:
            if name in NOT_COMPARED or not speaks_of(entry, name, form.fields[name]):
                continue
            now, typed = (in_words(form[name], value) for value in (form[name].initial, form[name].data))
            if now != typed:
                found.append(Difference(name, form[name].label, now, typed))
        return found


def differing(differences: list[Difference]) -> str:
    """The first words that differ: those of the text, or the names of the other fields."""
    text = next((each for each in differences if each.name == "content_markdown"), None)
    if text is None:
        return ", ".join(each.label for each in differences)
    same = len(commonprefix([text.now, text.typed]))
    start = text.typed.rfind(" ", 0, same) + 1 if not text.typed[same : same + 1].isspace() else same
    words = text.typed[start : start + 300].split()
    shown = " ".join(words[:SHOWN])
    return f"{'… ' if start else ''}{shown}{' …' if len(words) > SHOWN else ''}" if shown else "Words were removed."


def speaks_of(entry: Unsaved, name: str, field: forms.Field) -> bool:
    """Whether the form that was typed in had this field; boxes nobody ticked send nothing."""
    return name in entry.fields or isinstance(field, forms.BooleanField | forms.ModelMultipleChoiceField)


def folded(text: Difference) -> list[comparing.Paragraph | int]:
    """The paragraphs of the comparison; those that are the same as their number, in one line."""
    told: list[comparing.Paragraph | int] = []
    for paragraph in comparing.compare({"content_markdown": text.now}, {"content_markdown": text.typed}).paragraphs:
        if paragraph.kind != comparing.SAME:
            told.append(paragraph)
        elif told and isinstance(told[-1], int):
            told[-1] += 1
        else:
            told.append(1)
    return told


def as_sent(entry: Unsaved) -> QueryDict:
    """The fields as a browser would send them."""
    data = QueryDict(mutable=True)
    for name, value in entry.fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def fill(form: forms.ModelForm, entry: Unsaved) -> None:
    """Put what was typed into a form that is about to be shown; an unticked box sends nothing."""
    sent = as_sent(entry)
    for name, field in form.fields.items():
        if speaks_of(entry, name, field):
            form.initial[name] = field.widget.value_from_datadict(sent, {}, name)
    if entry.base_version is not None and "base_version" in form.fields:
        form.initial["base_version"] = entry.base_version


def in_words(field: forms.BoundField, value: Any) -> str:
    """What a field holds, as an editor would say it; empty for nothing."""
    if value in (None, "", []):
        return ""
    if isinstance(field.field, forms.BooleanField):
        return "Yes" if value else "No"
    if isinstance(field.field, forms.ModelChoiceField):
        asked = [str(getattr(each, "pk", each)) for each in (value if isinstance(value, list | tuple) else [value])]
        found = field.field.queryset.filter(pk__in=[pk for pk in asked if pk.isdecimal() and len(pk) < 19])
        return ", ".join(field.field.label_from_instance(each) for each in found)
    if isinstance(field.field, forms.ChoiceField):
        return str(dict(field.field.choices).get(value, value))
    if isinstance(field.field, forms.DateTimeField):
        try:
            return date_words(timezone.localtime(field.field.to_python(value)), "j F Y, H:i")
        except forms.ValidationError:
            return str(value)
    return str(value).replace("\r\n", "\n")
