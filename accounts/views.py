"""Pages about oneself; the rest of the account pages are allauth's views with our templates."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import consume, respond_429
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.core import get_usage
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from accounts import audit, devices, mail_choices, notifications, people, personal_data, second_factor, tokens
from accounts.forms import MailsForm, NameTaken, PresenceForm, ProfileForm, ResendForm, SignupForm, TokenForm
from accounts.models import AuthorProfile, Notification, User
from accounts.roles import Role, at_least, role_of
from accounts.sockets import mark_of
from core import languages
from core.downloads import handed_on
from core.refusals import Refusal
from core.refusing_admin import is_id

# What readers' pages call them; their own labels are names of groups.
ROLES = {
    Role.READER: gettext_lazy("Reader"),
    Role.AUTHOR: pgettext_lazy("role", "Author"),
    Role.MODERATOR: gettext_lazy("Moderator"),
    Role.EDITOR: gettext_lazy("Editor"),
    Role.ADMINISTRATOR: gettext_lazy("Administrator"),
}
# Of somebody with more sessions than this the last used are listed; "everywhere else" ends them all.
MOST_DEVICES = 100
NOTICES_A_PAGE = 30
# Downloads of what is stored about somebody: each reads it all.
DOWNLOADS = "6/h"


def in_our_name(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """allauth hands its pages a `site` named after the host, which would take the place of the publication."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data.pop("site", None)
        return response

    return answer


class SignupView(allauth_views.SignupView):
    """Registration, also when two people ask for the same username at the same moment."""

    def form_valid(self, form: SignupForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except NameTaken:
            form.add_error("username", _("This username is taken. Choose another one."))
            return self.form_invalid(form)


@never_cache
@require_safe
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Who I am here: name, role, address, and the doors to change them."""
    return render(
        request,
        "accounts/me.html",
        {
            "role": ROLES[role_of(cast(User, request.user))],
            "addresses": EmailAddress.objects.filter(user=request.user).order_by("-primary", "email"),
            "profile": getattr(request.user, "author_profile", None),
            "presence": PresenceForm(instance=cast(User, request.user)),
            "has_second_factor": second_factor.is_on(cast(User, request.user)),
        },
    )


@never_cache
@require_POST
@login_required
def presence(request: HttpRequest) -> HttpResponse:
    """Whether others see my name under the post I am reading."""
    form = PresenceForm(request.POST, instance=cast(User, request.user))
    if form.is_valid():
        form.save()
        shown = form.cleaned_data["shows_presence"]
        said = _("Others see your name while you read.") if shown else _("Nobody sees your name while you read.")
        messages.success(request, said)
    return redirect("me")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Where I am signed in, and the door to end it there."""
    user = cast(User, request.user)
    if request.method == "POST":
        device = request.POST.get("device", "")
        if device == "others":
            devices.sign_out_others(user, request)
            tokens.end_others(user)
            messages.success(request, _("You are signed out everywhere else."))
        elif is_id(device) and devices.sign_out(user, int(device)):
            messages.success(request, _("That device is signed out."))
        program = request.POST.get("program", "")
        if is_id(program) and tokens.end(user, [int(program)]):
            messages.success(request, _("That program is signed out."))
        return redirect("my_sessions")
    here = mark_of(request.session.session_key or "")
    signed_in = [(device, device.session_digest == here) for device in devices.of(user)[:MOST_DEVICES]]
    programs = tokens.of(user)[:MOST_DEVICES]
    context = {
        "devices": sorted(signed_in, key=lambda pair: not pair[1]),
        "programs": programs,
        "others": len(signed_in) + len(programs) > 1,
    }
    return render(request, "accounts/sessions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own_tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of my programs: what each may do, until when, and the door to take it back."""
    user = cast(User, request.user)
    if request.method != "POST":
        return _with_tokens(request, TokenForm())
    token = request.POST.get("take_back")
    if token is None:
        return make_token(request)
    if is_id(token) and tokens.delete_personal(user, int(token)):
        messages.success(request, _("That token lets nobody in any more."))
    return redirect("my_tokens")


@reauthentication_required
def make_token(request: HttpRequest) -> HttpResponse:
    """Shown this once, in the answer itself: it is kept nowhere, not even on the way to another page."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _with_tokens(request, form)
    try:
        token, secret = form.make(cast(User, request.user), timezone.now())
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return _with_tokens(request, form)
    return _with_tokens(request, TokenForm(), made=token, secret=secret)


def _with_tokens(request: HttpRequest, form: TokenForm, **more: Any) -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    rows = [
        (token, [tokens.SCOPES[scope] for scope in token.scopes if scope in tokens.SCOPES], token.expires_at <= now)
        for token in tokens.personal_of(user)
    ]
    return render(request, "accounts/tokens.html", {"form": form, "rows": rows, **more})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def data(request: HttpRequest) -> HttpResponseBase:
    """All that is stored about me, to take away: one document, or an archive with what I wrote beside it."""
    if request.method != "POST":
        return render(request, "accounts/data.html")
    if takes_too_often(request):
        return too_often(request)
    user, now = cast(User, request.user), timezone.now()
    audit.record(user, "downloaded what is stored about", user, at=now)
    response: HttpResponseBase
    if request.POST.get("as") == "archive":
        ending = "zip"
        response = FileResponse(personal_data.as_archive(user, now), content_type="application/zip")
    else:
        ending, pieces = "json", personal_data.as_json(user, now)
        response = StreamingHttpResponse(handed_on(pieces) if isinstance(request, ASGIRequest) else pieces)
        response["Content-Type"] = "application/json"
    # Nothing anybody typed is in the name of the file.
    response["Content-Disposition"] = f'attachment; filename="my-data-{now:%Y-%m-%d}.{ending}"'
    response["Cache-Control"] = "private, no-store"
    return response


@never_cache
@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """What I was told, the newest first; what I have not read stands out."""
    user, now = cast(User, request.user), timezone.now()
    told = notifications.inbox_of(user, now).select_related("actor")
    only_unread = request.GET.get("unread") == "1"
    page = Paginator(told.filter(read_at__isnull=True) if only_unread else told, NOTICES_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "only_unread": only_unread,
        "told_in": languages.main(),
        "unread": notifications.unread_count(user, now),
        "newest": max((notice.pk for notice in page), default="") if page.number == 1 else "",
    }
    return render(request, "accounts/notices.html", context)


@never_cache
@require_POST
@login_required
def follow_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it and go where it leads; `stay`: only read it; `unread`: keep it for another time."""
    user = cast(User, request.user)
    notice = get_object_or_404(Notification, pk=pk, recipient=user)
    if request.POST.get("unread"):
        notifications.mark_unread(user, pk)
        return redirect("my_notices")
    notifications.mark_read(user, pk)
    address = "" if request.POST.get("stay") else notifications.address_of(notice)
    return redirect(address or "my_notices")


@never_cache
@require_POST
@login_required
def read_all_notices(request: HttpRequest) -> HttpResponse:
    """All are read, but not what came after the page was made (`up_to`)."""
    up_to = request.POST.get("up_to", "")
    number = notifications.mark_all_read(cast(User, request.user), up_to=int(up_to) if is_id(up_to) else None)
    said = ngettext("%(number)s notice is read.", "%(number)s notices are read.", number) % {"number": number}
    messages.success(request, said if number else _("All were read."))
    return redirect("my_notices")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mails(request: HttpRequest) -> HttpResponse:
    """What I want to hear of by mail, and when."""
    user = cast(User, request.user)
    form = MailsForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your choices are saved."))
        return redirect("my_mails")
    return render(request, "accounts/mails.html", {"form": form})


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mails_off(request: HttpRequest, token: str) -> HttpResponse:
    """End one kind of mail by the link it carried, without signing in. Only POST ends it: programs follow links.

    The token says who asks, so no cookie is trusted, and the button of a mail program works (RFC 8058).
    """
    known = mail_choices.read_token(token)
    if known is None:
        raise Http404("No such link.")
    user, what = known
    ended = request.method == "POST"
    if ended:
        mail_choices.turn_off(user, what)
    context = {"words": mail_choices.WORDS.get(what), "ended": ended}
    return render(request, "accounts/mails_off.html", context)


def takes_too_often(request: HttpRequest) -> bool:
    """Whether somebody has had all the downloads of this hour; nobody is refused while nobody can count."""
    try:
        usage = get_usage(request, group="my_data", key="user", rate=DOWNLOADS, increment=True)
    except (ConnectionInterrupted, RedisError):
        return False
    return usage is not None and usage["should_limit"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def author_page(request: HttpRequest) -> HttpResponse:
    """What readers see of me, to change by myself."""
    user = cast(User, request.user)
    profile = AuthorProfile.objects.filter(user=user).first()
    if profile is None or not at_least(user, Role.AUTHOR):
        raise Http404("This account has no author page.")
    form = ProfileForm(request.POST or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        people.change_author_page(user, form)
        messages.success(request, _("Your author page is saved."))
        return redirect("me")
    return render(request, "accounts/author_page.html", {"form": form, "profile": profile})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resend_confirmation(request: HttpRequest) -> HttpResponse:
    """Another confirmation mail, for whoever lost the first one."""
    form = ResendForm(request.POST or None)
    if request.method == "POST":
        if not consume(request, app="allauth.account", action="signup"):
            return respond_429(request)
        if form.is_valid():
            form.save(request)
            return redirect("account_email_verification_sent")
    return render(request, "account/resend.html", {"form": form})


def too_often(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Status 429 when a limit of the account pages is reached; the longest it can take until the next try."""
    hourly = request.path in {reverse("account_signup"), reverse("account_reset_password"), reverse("my_data")}
    minutes = 60 if hourly or request.path == reverse("account_resend_confirmation") else 5
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
