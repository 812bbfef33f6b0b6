"""The versions of a post: who, when and why, any two compared word by word, one or one field of one restored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode

from accounts.models import AuditEntry
from blog import comparing, reviewing, versions, writing
from blog.admin.parts import Part
from blog.models import PendingChange, Post, PostVersion
from core.markup import MarkupError
from core.refusals import Refusal

VERSIONS_PER_PAGE = 100
# Saves of one person that follow each other this closely are one sitting.
SITTING = timedelta(minutes=10)
LARGE = {"title", "excerpt", "content_markdown"}
# In the lists one version is chosen from: the newest, and those somebody gave a name or brought out.
NEWEST_OFFERED, MARKED_OFFERED = 40, 60
BESIDE = 8
# More unchanged text than this is counted, not shown: it would only make the page heavy.
MOST_FOLDED = 20_000
STEPS_SHOWN = 100
# What happens to a post without its state changing, as the audit trail calls it.
STEPS_IN_TRAIL = (
    "updated",
    "planned an update",
    "took back a planned update",
    "discarded changes",
    "held an update",
    "submitted changes for review",
    "sent changes back",
)
NUMBER = 9  # digits; no post has a thousand million versions


def in_words(said: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields of a version as their labels and what they said, without the large ones and the empty ones."""
    rows = []
    for name, value in said.items():
        words = "" if name in LARGE or value is False else comparing.said_in(name, value)
        if words:
            label = versions.label_of(name)
            rows.append((label[:1].upper() + label[1:], words))
    return rows


@dataclass
class Entry:
    """One line of the timeline: a version, and the saves folded under it, the newest first. The first two lines are
    what is compared unless somebody chooses."""

    version: PostVersion
    folded: list[PostVersion] = field(default_factory=list)
    is_first: bool = False
    is_second: bool = False


@dataclass(frozen=True)
class Stretch:
    """Paragraphs that belong together on the page: several unchanged ones, or a single one that is not."""

    kind: str
    paragraphs: list[comparing.Paragraph]

    @property
    def is_shown(self) -> bool:
        length = sum(len(each.html) + sum(len(piece.text) for piece in each.pieces) for each in self.paragraphs)
        return length <= MOST_FOLDED


class Marks:
    """What some versions of a post are besides: the live one, the newest, the one that waits, the one in review."""

    def __init__(self, post: Post) -> None:
        self.live = post.current_version if post.is_public else 0
        self.newest = post.content_version
        waiting = PendingChange.objects.filter(post=post).values_list("version__number", "go_live_at").first()
        self.waiting, self.goes_live_at = waiting or (0, None)
        request = reviewing.open_request_of(post)
        self.reviewed = request.version_id if request else None

    def put_on(self, found: Iterable[PostVersion]) -> None:
        for version in found:
            version.is_live = version.number == self.live
            version.is_newest = version.number == self.newest
            version.is_waiting = version.number == self.waiting
            version.goes_live_at = self.goes_live_at if version.is_waiting else None
            version.is_in_review = version.pk == self.reviewed
            version.is_marked = version.is_live or version.is_newest or version.is_waiting or version.is_in_review


def folded(found: Iterable[PostVersion]) -> list[Entry]:
    """The timeline: what was saved by itself, and the saves of one sitting, lie folded under what followed them.

    Whatever has a name, a reason or a mark stands for itself.
    """
    entries: list[Entry] = []
    for version in found:
        last = entries[-1] if entries else None
        newer = (last.folded[-1] if last.folded else last.version) if last else None
        if last and newer and _folds(version, newer):
            last.folded.append(version)
        else:
            entries.append(Entry(version))
    return entries


def _folds(version: PostVersion, newer: PostVersion) -> bool:
    if version.name or version.reason or version.is_marked:
        return False
    same_person = version.editor_id == newer.editor_id
    if version.kind == PostVersion.Kind.AUTOSAVE:
        return same_person
    saves = (PostVersion.Kind.SAVE, PostVersion.Kind.AUTOSAVE)
    close = newer.created_at - version.created_at <= SITTING
    return version.kind == PostVersion.Kind.SAVE and newer.kind in saves and same_person and close


@dataclass(frozen=True)
class Step:
    """One step of a post: from a state to another, or what the audit trail says of its changes."""

    at: datetime
    words: str
    who: str
    note: str


def _in_words(entry: AuditEntry) -> str:
    """What the trail says was done; of an update that was planned, for when."""
    if "goes live" not in entry.changes:
        return entry.action
    at = timezone.localtime(datetime.fromisoformat(entry.changes["goes live"][1]))
    return f"{entry.action} for {date_format(at, 'j M Y, H:i')}"


def steps_of(post: Post) -> list[Step]:
    """The last steps of a post, at most STEPS_SHOWN, the newest first."""
    moved = post.status_changes.select_related("by")[:STEPS_SHOWN]
    noted = AuditEntry.objects.filter(
        target_type=ContentType.objects.get_for_model(Post), target_id=post.pk, action__in=STEPS_IN_TRAIL
    )[:STEPS_SHOWN]
    steps = [
        Step(each.at, f"{each.from_status} to {each.to_status}", each.by.display_name if each.by else "", each.note)
        for each in moved
    ]
    steps += [Step(each.at, _in_words(each), each.actor_name, each.note) for each in noted]
    return sorted(steps, key=lambda step: step.at, reverse=True)[:STEPS_SHOWN]


def stretches(paragraphs: Iterable[comparing.Paragraph]) -> list[Stretch]:
    """The paragraphs as they stand on the page: runs of unchanged ones together."""
    found: list[Stretch] = []
    for each in paragraphs:
        if found and each.kind == found[-1].kind == comparing.SAME:
            found[-1].paragraphs.append(each)
        else:
            found.append(Stretch(each.kind, [each]))
    return found


class ComparePart(Part):
    """Versions side by side, word by word, and restoring one or one field of one."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("<int:pk>/versions/", self.versions, "versions"),
            self.named("<int:pk>/versions/compare/", self.compare, "compare"),
            self.named("<int:pk>/versions/<int:number>/", self.version, "version"),
            self.named("<int:pk>/versions/<int:number>/name/", self.name_version, "name_version"),
            self.named("<int:pk>/versions/<int:number>/restore/", self.restore_version, "restore_version"),
            self.named("<int:pk>/versions/<int:number>/restore/<slug:name>/", self.restore_field, "restore_field"),
        ]

    # --- the timeline ------------------------------------------------------------------------------------------------
    def versions(self, request: HttpRequest, pk: int) -> HttpResponse:
        post = self.post_of(request, pk)
        kept = post.versions.select_related("editor").defer("snapshot")
        chosen = {name: request.GET.get(name, "") for name in ("kind", "person", "named")}
        shown = self.filtered(kept, chosen)
        page = Paginator(shown, VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
        rows = list(page)
        Marks(post).put_on(rows)
        is_filtered = any(chosen.values())
        entries = [Entry(row) for row in rows] if is_filtered else folded(rows)
        for number, entry in enumerate(entries):
            entry.is_first, entry.is_second = number == 0, number == 1
        people = get_user_model()._default_manager.filter(post_versions__post=post).distinct().order_by("username")
        total = post.versions.count() if is_filtered else page.paginator.count
        return self.page(
            request,
            "versions.html",
            f"Versions of “{post}”",
            original=post,
            versions=page,
            total=total,
            entries=entries,
            chosen=chosen,
            is_filtered=is_filtered,
            kinds=PostVersion.Kind.choices,
            people=people,
            query=urlencode({name: value for name, value in chosen.items() if value}),
            steps=steps_of(post),
        )

    def filtered(self, kept: QuerySet[PostVersion], chosen: dict[str, str]) -> QuerySet[PostVersion]:
        """What is not a filter at all is none, and is said to be none."""
        if chosen["kind"] not in PostVersion.Kind.values:
            chosen["kind"] = ""
        if not _is_number(chosen["person"]):
            chosen["person"] = ""
        chosen["named"] = "1" if chosen["named"] else ""
        if chosen["kind"]:
            kept = kept.filter(kind=chosen["kind"])
        if chosen["person"]:
            kept = kept.filter(editor=int(chosen["person"]))
        return kept.exclude(name="") if chosen["named"] else kept

    def version(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        post, version = self.version_of(request, pk, number)
        said = version.snapshot
        try:
            page = writing.rendered(said.get("content_markdown", ""), said.get("content_language") or "en")
            html, error = page.html, ""
        except MarkupError as refused:
            html, error = "", str(refused)
        Marks(post).put_on([version])
        context = {"version": version, "said": said, "html": html, "error": error, "fields": in_words(said)}
        title = f"Version {number} of “{post}”"
        return self.page(request, "version.html", title, original=post, **context)

    def version_of(self, request: HttpRequest, pk: int, number: int) -> tuple[Post, PostVersion]:
        post = self.post_of(request, pk)
        version = get_object_or_404(PostVersion.objects.select_related("editor"), post=post, number=number)
        version.post = post
        return post, version

    def name_version(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """GET asks for a name, POST gives it."""
        post, version = self.version_of(request, pk, number)
        name, error = version.name, None
        if request.method == "POST":
            name = request.POST.get("name", "")
            try:
                versions.rename(version, name, by=request.user)
            except Refusal as refusal:
                error = refusal
            else:
                said = f"Version {number} is called “{version.name}”." if version.name else "The name is gone."
                messages.success(request, said)
                return HttpResponseRedirect(reverse("admin:blog_post_version", args=[pk, number]))
        title = f"Name version {number} of “{post}”"
        page = self.page(request, "name_version.html", title, original=post, version=version, name=name, error=error)
        page.status_code = 422 if error else 200
        return page

    # --- two of them -------------------------------------------------------------------------------------------------
    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """?from= and ?to= are numbers, or "live", "newest", "waiting"; left out, what changed last."""
        post = self.post_of(request, pk)
        marks = Marks(post)
        kept = PostVersion.objects.filter(post=post).select_related("editor")
        newer = self.named_by(kept, marks, request.GET.get("to") or "newest")
        older = self.named_by(kept, marks, request.GET.get("from") or self.first_of(marks, newer))
        view = "source" if request.GET.get("view") == "source" else "read"
        found, too_long = None, ""
        if view == "read":
            try:
                found = comparing.compare_rendered(older.snapshot, newer.snapshot)
            except MarkupError as refused:
                too_long, view = str(refused), "source"
        if found is None:
            found = comparing.compare(older.snapshot, newer.snapshot)
        listed = kept.defer("snapshot")
        beside = self.beside(listed, older, newer, marks)
        offered = {version.number: version for version in [*listed[:NEWEST_OFFERED], *beside]}
        important = listed.filter(~Q(name="") | Q(kind=PostVersion.Kind.PUBLISH))[:MARKED_OFFERED]
        offered |= {version.number: version for version in important}
        offered = {number: offered[number] for number in sorted(offered, reverse=True)}
        marks.put_on(offered.values())
        return self.page(
            request,
            "compare.html",
            f"Compare versions of “{post}”",
            original=post,
            older=older,
            newer=newer,
            view=view,
            too_long=too_long,
            found=found,
            stretches=stretches(found.paragraphs),
            offered=offered.values(),
            beside=[offered[version.number] for version in beside],
            untouched=self.untouched(found),
            restorable=versions.RESTORABLE & older.snapshot.keys(),
        )

    @staticmethod
    def first_of(marks: Marks, newer: PostVersion) -> str:
        """What somebody wants it compared with who did not say: what readers see, else the version before."""
        if marks.live and marks.live < newer.number:
            return str(marks.live)
        return str(max(1, newer.number - 1))

    @staticmethod
    def named_by(kept: QuerySet[PostVersion], marks: Marks, name: str) -> PostVersion:
        number = {"live": marks.live, "newest": marks.newest, "waiting": marks.waiting}.get(name)
        if number is None:
            number = int(name) if _is_number(name) else 0
        version = kept.filter(number=number).first()
        if version is None:
            raise Http404("There is no such version.")
        return version

    @staticmethod
    def beside(
        listed: QuerySet[PostVersion], older: PostVersion, newer: PostVersion, marks: Marks
    ) -> list[PostVersion]:
        """The versions around the two and the live one, for the short history beside them."""
        wanted = Q(number__in=[older.number, newer.number, marks.live, marks.waiting])
        near = range(max(1, newer.number - BESIDE // 2), newer.number + BESIDE // 2)
        return list(listed.filter(wanted | Q(number__in=near)))

    @staticmethod
    def untouched(found: comparing.Comparison) -> list[str]:
        """Which of the fields readers see first stayed as they were."""
        changed = {each.name for each in found.fields}
        return [versions.label_of(name) for name in ("title", "excerpt") if name not in changed]

    # --- bringing back -----------------------------------------------------------------------------------------------
    def restore_version(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """GET asks, POST restores; the restoring is a new version."""
        post, version = self.version_of(request, pk, number)
        if request.method != "POST":
            question = f"Restore version {number} of “{post}”?"
            return self.page(request, "restore.html", question, original=post, version=version)
        try:
            made = writing.restore(post, version, by=request.user)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(reverse("admin:blog_post_versions", args=[pk]))
        return self.restored(request, post, made, f"Version {number} is back")

    def restore_field(self, request: HttpRequest, pk: int, number: int, name: str) -> HttpResponse:
        """GET asks, POST restores the one field; the restoring is a new version."""
        post, version = self.version_of(request, pk, number)
        if name not in versions.RESTORABLE or name not in version.snapshot:
            raise Http404("There is no such field.")
        label = versions.label_of(name)
        if request.method != "POST":
            newest = versions.latest(post) or version
            before, after = (
                comparing.said_in(name, each.snapshot.get(name, versions.default_of(name)))
                for each in (newest, version)
            )
            words = () if name == "content_markdown" else comparing.compare_words(before, after)
            question = f"Restore the {label} of version {number}?"
            context = {"version": version, "name": name, "label": label, "pieces": words}
            return self.page(request, "restore_field.html", question, original=post, **context)
        try:
            made = writing.restore_field(post, version, name, by=request.user)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(reverse("admin:blog_post_versions", args=[pk]))
        return self.restored(request, post, made, f"The {label} of version {number} is back")

    def restored(self, request: HttpRequest, post: Post, made: PostVersion | None, done: str) -> HttpResponse:
        if made is None:
            messages.info(request, "The post says that already.")
        else:
            waits = " Readers see it once you update the post." if post.is_public else ""
            messages.success(request, f"{done}, as version {made.number}.{waits}")
        return HttpResponseRedirect(reverse("admin:blog_post_change", args=[post.pk]))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= NUMBER
