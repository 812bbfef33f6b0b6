"""The calendar: what goes live when, moved by hand, and the secret address for calendar programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.defaultfilters import date as date_words
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import may
from blog import calendar_feed, planning
from blog.admin.parts import Part
from blog.admin.post_form import MomentField
from blog.gate import Blocked
from blog.heads import absolute
from blog.models import CalendarFeed, Category, Post
from blog.planning import Chosen, Entry
from core import cache
from core.refusals import Refusal
from core.refusing_admin import is_id

MONTH = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])")
WEEK = re.compile(r"([1-9][0-9]{3})-W([0-9]{2})")
SHOWN_A_DAY = 3
IN_TRAY = 15
# The hour a week is opened at, unless something happens earlier in it.
WORK_BEGINS = 8
# Beyond these a year is a slip of the finger.
FIRST_YEAR = 1970
YEARS_AHEAD = 20
_kept = cache.Group("calendar-choices", timeout=60)


# --- Which days are shown ---------------------------------------------------------------------------------------------
@dataclass
class Day:
    """One day of the calendar with what happens on it."""

    date: date
    entries: list[Entry]
    hints: list[str]
    outside: bool
    past: bool
    today: bool
    change: planning.ClockChange | None = None

    @property
    def first(self) -> list[Entry]:
        """Those shown at once; one more than fits is no reason for a fold."""
        return self.entries if len(self.entries) == SHOWN_A_DAY + 1 else self.entries[:SHOWN_A_DAY]

    @property
    def more(self) -> list[Entry]:
        return self.entries[len(self.first) :]

    @property
    def hours(self) -> list[Hour]:
        found = [Hour(self.date, hour, []) for hour in range(24)]
        for entry in self.entries:
            found[entry.local.hour].entries.append(entry)
        for hour in found:
            hour.note_clock_change(self.change)
        return found


def opening_hour(days: list[Day]) -> int:
    """The hour that stands at the top when a week is opened; the night before it is a scroll away."""
    return min([WORK_BEGINS, *(entry.local.hour for day in days for entry in day.entries)])


@dataclass
class Hour:
    """One hour of one day: what happens in it, and what the clocks do to it."""

    date: date
    hour: int
    entries: list[Entry]
    note: str = field(default="", init=False)
    skipped: bool = field(default=False, init=False)

    @property
    def when(self) -> str:
        return f"{self.date.isoformat()}T{self.hour:02}:00"

    def note_clock_change(self, change: planning.ClockChange | None) -> None:
        """Say so where the hour does not exist, wholly or in part, or comes twice."""
        if change is None:
            return
        begins = datetime.combine(self.date, datetime.min.time()).replace(hour=self.hour)
        ends = begins + planning.HOUR
        low, high = sorted((change.before, change.after))
        if begins >= high or ends <= low:
            return
        self.skipped = change.forward and begins >= low
        self.note = (
            f"No {low:%H:%M} to {high:%H:%M}: clocks go forward" if change.forward else "Comes twice: clocks go back"
        )


@dataclass
class Span:
    """The month or week that is shown, and its neighbours as the values of their addresses."""

    name: str
    value: str
    title: str
    days: list[date]
    before: str
    after: str
    before_title: str
    after_title: str
    month: int = 0

    @property
    def start(self) -> datetime:
        return planning.midnight(self.days[0])

    @property
    def end(self) -> datetime:
        return planning.midnight(self.days[-1] + timedelta(days=1))

    def holds(self, day: date) -> bool:
        return not self.month or day.month == self.month


def first_weekday() -> int:
    """The day a week begins with in the language of the desk, as Python counts: Monday is 0."""
    return (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7


def week_before(day: date) -> date:
    """The beginning of the week a day is in."""
    return day - timedelta(days=(day.weekday() - first_weekday()) % 7)


def month_span(year: int, month: int) -> Span:
    first = date(year, month, 1)
    after = (first + timedelta(days=31)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    start = week_before(first)
    weeks = -(-(after - start).days // 7)
    return Span(
        "month",
        f"{first:%Y-%m}",
        date_words(first, "F Y"),
        [start + timedelta(days=number) for number in range(7 * weeks)],
        f"{before:%Y-%m}",
        f"{after:%Y-%m}",
        date_words(before, "F"),
        date_words(after, "F"),
        month,
    )


def week_name(day: date) -> str:
    """The ISO name of the week; weeks that begin on another day are called after the Thursday in them."""
    thursday = day + timedelta(days=(3 - day.weekday()) % 7)
    year, week, _ = thursday.isocalendar()
    return f"{year}-W{week:02}"


def week_span(start: date) -> Span:
    days = [start + timedelta(days=number) for number in range(7)]
    begins = date_words(days[0], "j F" if days[0].month != days[6].month else "j")
    return Span(
        "week",
        week_name(start),
        f"{begins} to {date_words(days[6], 'j F Y')}",
        days,
        week_name(start - timedelta(days=7)),
        week_name(start + timedelta(days=7)),
        "Week before",
        "Week after",
    )


def span_of(request: HttpRequest, today: date) -> Span:
    """What the address asks for; this month when it asks for nothing. Raises Http404 for what is no month or week."""
    month, week = request.GET.get("month", ""), request.GET.get("week", "")
    try:
        if found := WEEK.fullmatch(week):
            thursday = date.fromisocalendar(int(found[1]), int(found[2]), 4)
            return week_span(week_before(thursday))
        if found := MONTH.fullmatch(month):
            return month_span(int(found[1]), int(found[2]))
    except (ValueError, OverflowError):
        raise Http404("No such week.") from None
    if week == "now":
        return week_span(week_before(today))
    if month or week:
        raise Http404("No such month.")
    return month_span(today.year, today.month)


# --- The pages --------------------------------------------------------------------------------------------------------
class WhenField(MomentField):
    """Refuses in words what looks like a time and is none, such as a thirteenth month."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            found = super().to_python(value)
            year = timezone.localtime(found).year if found is not None else None
        except (ValueError, OverflowError):
            raise forms.ValidationError("There is no such day or time; choose another.") from None
        last = timezone.localtime().year + YEARS_AHEAD
        if year is not None and not FIRST_YEAR <= year <= last:
            raise forms.ValidationError(f"Choose a year from {FIRST_YEAR} to {last}.")
        return found


class MoveForm(forms.Form):
    """A day and a time for somebody without a mouse or a script; a reason only when a check stands in the way."""

    when = WhenField(label="Goes live", error_messages={"required": "Choose the day and the time it goes live."})
    second = forms.BooleanField(
        label="The second time round, where the hour comes twice that day", required=False, label_suffix=""
    )
    override = forms.CharField(label="Reason to go over the checks", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        when = cleaned.get("when")
        if when is not None and cleaned.get("second") and planning.is_doubled(timezone.localtime(when)):
            cleaned["when"] = timezone.localtime(when).replace(fold=1)
        return cleaned


class CalendarPart(Part):
    """The calendar of what goes live."""

    def urls(self) -> list[URLPattern]:
        return [
            self.named("calendar/", require_safe(self.calendar), "calendar"),
            self.named("calendar/address/", require_POST(self.address), "calendar_address"),
            self.named("<int:pk>/reschedule/", self.reschedule, "reschedule"),
            self.named("<int:pk>/unschedule/", require_POST(self.unschedule), "unschedule"),
        ]

    def calendar(self, request: HttpRequest) -> HttpResponse:
        """A month or a week, with what has no date yet beside it."""
        if not may(request.user, "blog.view_post"):
            raise PermissionDenied
        now = timezone.now()
        today = timezone.localtime(now).date()
        span = span_of(request, today)
        chosen = self.chosen(request)
        found = planning.entries(request.user, span.start, span.end)
        shown = planning.by_day(entry for entry in found if chosen.has(entry))
        hints = planning.hints(found, now)
        days = [
            Day(
                each,
                shown.get(each, []),
                hints.get(each, []),
                not span.holds(each),
                each < today,
                each == today,
                planning.clock_change(each),
            )
            for each in span.days
        ]
        tray = self.tray(request, chosen)
        kept = {name: value for name, value in request.GET.items() if name in {"author", "category", "state"} and value}
        feed = CalendarFeed.objects.filter(user=request.user).first()
        return self.page(
            request,
            "calendar.html",
            "Calendar",
            span=span,
            days=days,
            opens_at=opening_hour(days),
            weeks=[days[number : number + 7] for number in range(0, len(days), 7)],
            labels=planning.LABELS,
            changes=[day.change for day in days if day.change],
            hints=[(day.date, sentence) for day in days for sentence in day.hints if not day.outside],
            count=sum(len(day.entries) for day in days if not day.outside),
            tray=tray,
            finding=request.GET.get("find", ""),
            chosen=chosen,
            choices=self.choices(request),
            kept=kept,
            query=urlencode(kept),
            links=self.links(span, today, kept),
            may_move=may(request.user, "blog.publish_post"),
            zone=timezone.get_current_timezone_name(),
            today=today,
            feed=feed,
        )

    def links(self, span: Span, today: date, kept: dict[str, str]) -> dict[str, str]:
        def to(**where: str) -> str:
            return f"?{urlencode(where | kept)}"

        first = next(day for day in span.days if span.holds(day))
        near = today if span.days[0] <= today <= span.days[-1] else first
        return {
            "before": to(**{span.name: span.before}),
            "after": to(**{span.name: span.after}),
            "today": to(week="now") if span.name == "week" else to(month=f"{today:%Y-%m}"),
            "month": to(month=f"{near:%Y-%m}" if span.name == "week" else span.value),
            "week": to(week=week_name(week_before(near)) if span.name == "month" else span.value),
            "clear": f"?{span.name}={span.value}",
        }

    def chosen(self, request: HttpRequest) -> Chosen:
        """What the filters say; a choice that is none of those offered narrows nothing."""
        author, category, state = (request.GET.get(name, "") for name in ("author", "category", "state"))
        people = get_user_model()._default_manager
        return Chosen(
            kind=state if state in planning.LABELS else "",
            author=people.filter(pk=author).first() if is_id(author) else None,
            category=Category.objects.filter(pk=category).first() if is_id(category) else None,
        )

    def choices(self, request: HttpRequest) -> dict[str, list[tuple[str, str]]]:
        def categories() -> list[tuple[str, str]]:
            rows = Category.objects.order_by("tree_id", "lft")
            return [(str(row.pk), "\u2003" * row.level + row.name) for row in rows]

        def people() -> list[tuple[str, str]]:
            staff = get_user_model()._default_manager.filter(is_staff=True)[:200]
            return [(str(person.pk), str(person)) for person in staff]

        all_of_them = request.user.has_perm("blog.change_others_post")
        return {
            "categories": _kept.get_or_compute("categories", categories, generation="taxonomy"),
            "people": _kept.get_or_compute("people", people) if all_of_them else [],
        }

    def tray(self, request: HttpRequest, chosen: Chosen) -> Any:
        posts = chosen.narrow(planning.without_date(request.user))
        words = request.GET.get("find", "").replace("\0", "").strip()
        if words:
            posts = posts.filter(title__icontains=words)
        return Paginator(posts, IN_TRAY).get_page(request.GET.get("tray"))

    # --- moving -------------------------------------------------------------------------------------------------------
    def reschedule(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for a day and a time, POST moves the post there; `when` may be a day alone, which keeps the time."""
        post = self.post_of(request, pk)
        if not may(request.user, "blog.publish_post", post):
            raise PermissionDenied
        before = planning.planned_for(post)
        local = timezone.localtime(before) if before else None
        if request.method != "POST":
            doubled = local is not None and planning.is_doubled(local)
            form = MoveForm(initial={"when": before, "second": doubled and local is not None and local.fold})
            return self.asking(request, post, form, before)
        data = request.POST.copy()
        if re.fullmatch(r"\d{4}-\d\d-\d\d", data.get("when", "")):
            if local is None:
                return self.refused(request, post, MoveForm(data), before, Refusal("Choose the time it goes live."))
            data["when"] = f"{data['when']}T{local:%H:%M:%S}"
        form = MoveForm(data)
        if not form.is_valid():
            sentences = [sentence for errors in form.errors.values() for sentence in errors]
            return self.refused(request, post, form, before, Refusal(" ".join(sentences)), said=True)
        at = form.cleaned_data["when"]
        was = post.status
        try:
            moved = planning.move(
                post, at, by=request.user, seen=request.POST.get("seen"), override=form.cleaned_data["override"]
            )
        except Refusal as refusal:
            return self.refused(request, post, form, before, refusal)
        sentence = self.sentence(post, at) if moved else f"“{post}” was there already."
        return self.moved(request, post, sentence, at, self.way_back(post, before, was, at) if moved else None)

    def sentence(self, post: Post, at: datetime) -> str:
        local, verb = timezone.localtime(at), "is updated" if post.is_public else "goes live"
        turn = "second" if local.fold else "first"
        doubled = f", the {turn} time the clocks say that" if planning.is_doubled(local) else ""
        return f"“{post}” {verb} on {planning.day_words(at)} at {local:%H:%M}{doubled}."

    def way_back(self, post: Post, before: datetime | None, was: str, at: datetime | None) -> dict[str, str]:
        """What to send, and where, so that it is again as it was."""
        seen = planning.stamp(at)
        if before is not None:
            return {
                "url": reverse("admin:blog_post_reschedule", args=[post.pk]),
                "when": before.isoformat(),
                "seen": seen,
            }
        again = "1" if was == Post.Status.PENDING else ""
        return {"url": reverse("admin:blog_post_unschedule", args=[post.pk]), "ask_again": again, "seen": seen}

    def unschedule(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the date away: a scheduled post is a draft again, a planned update waits."""
        post = self.post_of(request, pk)
        if not may(request.user, "blog.publish_post", post):
            raise PermissionDenied
        before = planning.planned_for(post)
        ask_again = bool(request.POST.get("ask_again"))
        try:
            moved = planning.take_off(post, by=request.user, seen=request.POST.get("seen"), ask_again=ask_again)
        except Refusal as refusal:
            return self.refused(request, post, MoveForm(), before, refusal)
        if not moved:
            sentence = f"“{post}” had no date."
        elif post.is_public:
            sentence = f"The changes to “{post}” wait without a date."
        else:
            state = "waits for review again" if post.status == Post.Status.PENDING else "is a draft without a date"
            sentence = f"“{post}” {state}."
        back = self.way_back(post, before, post.status, None) if moved and before else None
        return self.moved(request, post, sentence, None, back)

    def moved(
        self, request: HttpRequest, post: Post, sentence: str, at: datetime | None, back: dict[str, str] | None
    ) -> HttpResponse:
        month = f"?month={timezone.localtime(at):%Y-%m}" if at else ""
        if self.wants_json(request):
            day = f"{timezone.localtime(at):%Y-%m-%d}" if at else ""
            clock = f"{timezone.localtime(at):%H:%M}" if at else ""
            plan = {"day": day, "clock": clock, "at": planning.stamp(at)}
            return JsonResponse({"sentence": sentence, **plan, "back": back, "page": month})
        messages.success(request, sentence)
        return HttpResponseRedirect(reverse("admin:blog_post_calendar") + month)

    def refused(
        self,
        request: HttpRequest,
        post: Post,
        form: MoveForm,
        before: datetime | None,
        refusal: Refusal,
        said: bool = False,
    ) -> HttpResponse:
        """Why it stays where it is. `said`: the form says it already."""
        findings = refusal.findings if isinstance(refusal, Blocked) else []
        if meanwhile := isinstance(refusal, planning.Meanwhile):
            post.refresh_from_db()
            before = planning.planned_for(post)
        if self.wants_json(request):
            answer = {
                "sentence": f"“{post}” was not moved." if meanwhile else f"“{post}” stays where it was.",
                "meanwhile": meanwhile,
                "reasons": [finding.sentence for finding in findings] or [refusal.sentence],
                "post": reverse("admin:blog_post_change", args=[post.pk]),
            }
            return JsonResponse(answer, status=422)
        if not form.is_bound:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(reverse("admin:blog_post_calendar"))
        return self.asking(request, post, form, before, findings, "" if said or findings else refusal.sentence)

    def asking(
        self,
        request: HttpRequest,
        post: Post,
        form: MoveForm,
        before: datetime | None,
        findings: list[Any] | None = None,
        refusal: str = "",
    ) -> HttpResponse:
        overrides = bool(findings) and may(request.user, "blog.override_gate_post", post)
        if not overrides or any(finding.essential for finding in findings or []):
            del form.fields["override"]
        if before is None or not planning.is_doubled(timezone.localtime(before)):
            when = form.cleaned_data.get("when") if form.is_bound and hasattr(form, "cleaned_data") else None
            if when is None or not planning.is_doubled(timezone.localtime(when)):
                del form.fields["second"]
        return self.page(
            request,
            "calendar_move.html",
            f"When does “{post}” go live?" if not post.is_public else f"When do the changes to “{post}” go live?",
            original=post,
            form=form,
            before=before,
            seen=planning.stamp(before),
            findings=findings or [],
            refusal=refusal,
            zone=timezone.get_current_timezone_name(),
        )

    def wants_json(self, request: HttpRequest) -> bool:
        return request.headers.get("Accept", "").startswith("application/json")

    # --- the secret address -------------------------------------------------------------------------------------------
    @sensitive_variables("token")
    def address(self, request: HttpRequest) -> HttpResponse:
        """Make, renew or revoke it. A new one is in this answer and nowhere else."""
        if not may(request.user, "blog.view_post"):
            raise PermissionDenied
        now = timezone.now()
        if request.POST.get("revoke"):
            revoked = calendar_feed.revoke(request.user, at=now)
            said = "The calendar address stopped working." if revoked else "There was no calendar address."
            messages.success(request, said)
            return HttpResponseRedirect(reverse("admin:blog_post_calendar") + "#feed")
        token = calendar_feed.renew(request.user, at=now)
        address = absolute(reverse("calendar_feed", args=[token]))
        return self.page(request, "calendar_address.html", "Your calendar address", address=address)
