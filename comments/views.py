"""Reading one comment, writing, changing and taking back: as forms, and as answers to the page's own script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rates
from accounts.addresses import client_address, comes_from_here, fingerprint_of
from accounts.models import User
from blog.heads import Head, with_site_name
from blog.models import Post
from comments import confirming, conversation, posting, reporting, rules, spam, subscribing, tokens
from comments.forms import AppealForm, CommentForm, EditForm, ReportForm
from comments.models import Comment
from comments.rules import Writer
from core.accepting import wants_json
from core.refusals import Refusal

View = Callable[..., HttpResponse]
Status = Comment.Status


# What people write with their own words, and what else their forms hold.
WORDS = ("content", "appeal", "note")
BESIDE = ("token", "name", "email", "homepage", "replies", "reason", "key")


def own_token_for_strangers(view: View) -> View:
    """Members' forms carry Django's token. Strangers have no cookie it could be compared with, and nothing is done in
    anybody's name: their forms are signed, see `comments.tokens`.

    Whatever is refused here, no sentence is lost: it is shown again, to be sent once more.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
        is_reached = False

        def reach(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
            nonlocal is_reached
            is_reached = True
            return view(request, *parts, **named)

        try:
            response = (csrf_protect(reach) if request.user.is_authenticated else reach)(request, *parts, **named)
        except Http404:
            told = _("This is not there any more, or you were signed out. What you wrote is below.")
            if request.method == "POST" and wants_json(request):
                return JsonResponse({"errors": {"__all__": [told]}}, status=404)
            if not _holds_words(request):
                raise
            return _kept_page(request, told, status=404)
        if not is_reached and _holds_words(request):
            return _kept_page(request, _("The form had expired. Look it over once more, then send it."), status=403)
        return response

    return answer


def _holds_words(request: HttpRequest) -> bool:
    """Whether somebody without a script would lose what they typed."""
    return request.method == "POST" and not wants_json(request) and any(request.POST.get(name) for name in WORDS)


def _kept_page(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    """What was typed, with the reason why it was not taken, as a form that sends it to the same address again."""
    title = _("Not sent yet")
    context = {
        "why": why,
        "words": [(name, request.POST[name]) for name in WORDS if request.POST.get(name)],
        "beside": [(name, request.POST[name]) for name in BESIDE if request.POST.get(name)],
        "title": title,
        "head": Head(title=with_site_name(title), noindex=True),
    }
    return render(request, "comments/kept.html", context, status=status)


# --- Reading ----------------------------------------------------------------------------------------------------------
@require_safe
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """The address of one comment leads to the page it is on."""
    found = get_object_or_404(Comment.objects.public().comments().select_related("post", "root"), pk=pk)
    response = redirect(conversation.permalink_of(found))
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a thread that begins with a comment."""
    found = _under_live_post(request, pk)
    node = conversation.part_of(found, request.GET.get("after", ""))
    if node is None:
        raise Http404("Nothing of this thread is to be read.")
    title = _("Comments on “%(title)s”") % {"title": found.post.title}
    context = {
        "post": found.post,
        "node": node,
        "first": found,
        "changeable_since": conversation.changeable_since(timezone.now()),
        "head": Head(title=with_site_name(title), noindex=True),
        "title": title,
    }
    return render(request, "comments/thread.html", context)


def _under_live_post(request: HttpRequest, pk: int) -> Comment:
    """A comment of a post strangers may read; the page speaks the language of the post."""
    people = Comment.objects.comments().with_writers().select_related("post__author", "parent__user")
    readable = people.filter(post__in=Post.objects.published()).prefetch_related("post__co_authors")
    found = get_object_or_404(readable, pk=pk)
    conversation.speak(found.post)
    return found


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


# --- Writing ----------------------------------------------------------------------------------------------------------
@never_cache
@own_token_for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str) -> HttpResponse:
    post = get_object_or_404(Post.objects.published().articles().select_related("author"), slug=slug)
    conversation.speak(post)
    return _write(request, post, None)


@never_cache
@own_token_for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    answered = _under_live_post(request, pk)
    if not answered.is_public and wants_json(request):
        return JsonResponse({"errors": {"__all__": [_("The comment you answer is not there any more.")]}}, status=400)
    if not answered.is_public:
        raise Http404("What nobody reads is not answered.")
    return _write(request, answered.post, answered)


def _write(request: HttpRequest, post: Post, parent: Comment | None) -> HttpResponse:
    user = _user(request)
    if request.method != "POST":
        return _form_page(request, post, parent, CommentForm(user=user, initial={"token": tokens.open_form()}))
    form = CommentForm(request.POST, user=user)
    opened = tokens.form_of(request.POST.get("token", ""))
    if form.is_valid() and opened is not None and not _is_foreign(request):
        if seconds := rates.seconds_to_wait(request, "comment"):
            return _too_often(request, seconds)
        now = timezone.now()
        sent = spam.Form(
            form.cleaned_data["homepage"], opened.opened_at, client_address(request), opened.is_looked_over
        )
        try:
            posted = confirming.post_comment(
                post,
                Writer(
                    user=user,
                    name=form.cleaned_data.get("name", ""),
                    email=form.cleaned_data.get("email", ""),
                    fingerprint=fingerprint_of(request, now),
                    user_agent=request.headers.get("User-Agent", ""),
                ),
                form.cleaned_data["content"],
                parent=parent,
                form_token=opened.name,
                judge=partial(spam.judge, form=sent, at=now),
                hears=form.cleaned_data["replies"],
                at=now,
            )
        except Refusal as no:
            form.add_error(no.field if no.field in form.fields else None, no.sentence)
        else:
            return _posted(request, posted.comment)
    if wants_json(request):
        again = {"errors": form.errors} if form.errors else {"token": tokens.open_form(is_looked_over=True)}
        return JsonResponse(again, status=400)
    return _form_page(request, post, parent, form)


def _form_page(request: HttpRequest, post: Post, parent: Comment | None, form: CommentForm) -> HttpResponse:
    """The form by itself: to answer with, to look over what a page without a token sent, or to mend what is wrong."""
    is_looked_over = form.is_bound and not form.errors
    if form.is_bound and tokens.form_of(form.data.get("token", "")) is None:
        form.data = form.data.copy()
        form.data["token"] = tokens.open_form(is_looked_over=True)
    title = _("Reply to %(name)s") % {"name": parent.writer_name} if parent else _("Write a comment")
    context = {
        "post": post,
        "parent": parent,
        "form": form,
        "title": title,
        "is_looked_over": is_looked_over,
        # It was a member's form: their session ended while they wrote.
        "is_signed_out": form.is_bound and "csrfmiddlewaretoken" in form.data and not request.user.is_authenticated,
        # Said before anything is typed; what was typed already stays where it can be copied from.
        "closed": "" if form.is_bound else rules.why_closed(post, _user(request), at=timezone.now()),
        "head": Head(title=with_site_name(title), noindex=True),
    }
    return render(request, "comments/write.html", context, status=400 if form.errors else 200)


def _posted(request: HttpRequest, said: Comment) -> HttpResponse:
    key = tokens.key_of(said) if said.user_id is None else ""
    address = said.get_absolute_url() if said.is_public else _own_address(said, key)
    if not wants_json(request):
        return redirect(address)
    now = timezone.now()
    asked = f"?{urlencode({'key': key})}" if key else ""
    facts: dict[str, Any] = {
        "id": said.pk,
        "status": said.status,
        "parent": said.parent_id,
        "told": _told(said),
        "own": _own_address(said, key),
        "key": key,
        "edit": reverse("edit_comment", args=[said.pk]) + asked,
        "remove": reverse("delete_comment", args=[said.pk]) + asked,
        "until": int(posting.changeable_until(said).timestamp() * 1000),
        "next": tokens.open_form(),
    }
    if said.is_public:
        context = {"comment": said, "changeable_since": conversation.changeable_since(now)}
        facts["html"] = render_to_string("comments/_comment.html", context, request)
        said.post.refresh_from_db(fields=["comment_count"])
        facts["heading"] = conversation.heading_of(said.post)
    return JsonResponse(facts)


def _told(said: Comment) -> str:
    """What became of a comment, and of the wish to hear of replies."""
    told = conversation.told_writer(said)
    if subscribing.waits_for(said):
        told += " " + _("To hear of replies, follow the link in the letter we have sent you.")
    return told


def _own_address(said: Comment, key: str) -> str:
    return reverse("own_comment", args=[said.pk]) + (f"?{urlencode({'key': key})}" if key else "")


def _too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    told = _("That was too often. Wait a minute, then try again.")
    if wants_json(request):
        response: HttpResponse = JsonResponse({"errors": {"__all__": [told]}}, status=429)
    else:
        response = _kept_page(request, told, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _is_foreign(request: HttpRequest) -> bool:
    """Whether a browser says that another site sent a form; what it asks for is then looked over here first."""
    says = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    return says and not comes_from_here(request)


@never_cache
@require_safe
def token(request: HttpRequest) -> HttpResponse:
    """For the form of a stranger, whose page is everybody's."""
    return JsonResponse({"token": tokens.open_form()})


# --- One's own --------------------------------------------------------------------------------------------------------
def _own(request: HttpRequest, pk: int) -> tuple[Comment, str]:
    """A comment of who asks, and the key a guest opened it with."""
    key = request.POST.get("key") or request.GET.get("key", "")
    readable = Comment.objects.comments().filter(post__in=Post.objects.published())
    found = readable.with_writers().select_related("post__author").filter(pk=pk).first()
    if found is None or not (tokens.opens(key, found) or (found.user_id and found.user_id == request.user.pk)):
        raise Http404("This is not a comment of theirs.")
    conversation.speak(found.post)
    return found, key if found.user_id is None else ""


def _own_page(request: HttpRequest, template: str, said: Comment, key: str, title: str, **more: Any) -> HttpResponse:
    now = timezone.now()
    context = {
        "comment": said,
        "post": said.post,
        "key": key,
        "title": title,
        "told": _told(said),
        "may_change": posting.may_change(said, at=now),
        "may_appeal": reporting.may_appeal(said),
        "reasons": spam.explain(said.reasons),
        "head": Head(title=with_site_name(title), noindex=True),
        **more,
    }
    is_wrong = "form" in more and more["form"].errors
    return render(request, f"comments/{template}.html", context, status=400 if is_wrong else 200)


@never_cache
@require_safe
def mine(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of one's comment, and what may still be done with it."""
    return _own_page(request, "mine", *_own(request, pk), _("Your comment"))


@never_cache
@own_token_for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    said, key = _own(request, pk)
    if request.method != "POST" and wants_json(request):
        return JsonResponse({"content": said.content})
    form = EditForm(request.POST if request.method == "POST" else None, initial={"content": said.content})
    if form.is_bound and form.is_valid():
        if seconds := rates.seconds_to_wait(request, "edit"):
            return _too_often(request, seconds)
        now = timezone.now()
        writer = replace(
            posting.writer_of(said),
            fingerprint=fingerprint_of(request, now),
            user_agent=request.headers.get("User-Agent", ""),
        )
        try:
            content = form.cleaned_data["content"]
            judge = partial(spam.judge, own=said.pk, address=client_address(request), at=now)
            verdict = posting.judged_change(judge, said, writer, content, at=now)
            changed = posting.edit(said, content, writer=writer, verdict=verdict, at=now)
        except Refusal as no:
            if not posting.may_change(said, at=timezone.now()) and _holds_words(request):
                return _kept_page(request, no.sentence, status=400)
            form.add_error(no.field if no.field in form.fields else None, no.sentence)
        else:
            changed.post = said.post
            return _posted(request, changed)
    if form.errors and wants_json(request):
        return JsonResponse({"errors": form.errors}, status=400)
    return _own_page(
        request, "edit", said, key, _("Change your comment"), form=form, waits=posting.waits_when_changed(said)
    )


@never_cache
@own_token_for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    said, key = _own(request, pk)
    if request.method != "POST":
        return _own_page(request, "delete", said, key, _("Delete your comment?"))
    try:
        posting.delete(said)
    except Refusal as no:
        if wants_json(request):
            return JsonResponse({"errors": {"__all__": [no.sentence]}}, status=400)
        messages.error(request, no.sentence)
        return redirect(_own_address(said, key))
    if wants_json(request):
        return JsonResponse({"id": said.pk, "status": Status.DELETED})
    return redirect(conversation.address_of(said.post))


@never_cache
@own_token_for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever was refused says why it should be shown, once."""
    said, key = _own(request, pk)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if seconds := rates.seconds_to_wait(request, "appeal"):
            return _too_often(request, seconds)
        try:
            reporting.appeal(said, form.cleaned_data["appeal"])
        except Refusal as no:
            if not reporting.may_appeal(said) and _holds_words(request):
                return _kept_page(request, no.sentence, status=400)
            form.add_error(no.field if no.field in form.fields else None, no.sentence)
        else:
            return redirect(_own_address(said, key))
    return _own_page(request, "appeal", said, key, _("Ask for another look"), form=form)


# --- Reporting what others wrote --------------------------------------------------------------------------------------
@never_cache
@own_token_for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Anybody points a comment out to the moderators; again is once."""
    found = _under_live_post(request, pk)
    if not found.is_public:
        raise Http404("What nobody reads is not reported.")
    is_sent = request.method == "POST"
    form = ReportForm(request.POST if is_sent else None, initial={"token": tokens.open_form()})
    if is_sent and form.is_valid() and tokens.form_of(form.cleaned_data["token"]) and not _is_foreign(request):
        if seconds := rates.seconds_to_wait(request, "report"):
            return _too_often(request, seconds)
        now, user = timezone.now(), _user(request)
        try:
            reporting.report(
                found,
                form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                user=user,
                fingerprint=fingerprint_of(request, now),
                at=now,
            )
        except Refusal as no:
            form.add_error(no.field if no.field in form.fields else None, no.sentence)
        else:
            return _report_page(request, found, None)
    return _report_page(request, found, form)


def _report_page(request: HttpRequest, found: Comment, form: ReportForm | None) -> HttpResponse:
    title = _("Report a comment") if form else _("Thank you")
    context = {"comment": found, "post": found.post, "form": form, "title": title}
    head = Head(title=with_site_name(title), noindex=True)
    return render(
        request, "comments/report.html", {**context, "head": head}, status=400 if form and form.errors else 200
    )


# --- Guests confirm ---------------------------------------------------------------------------------------------------
@never_cache
@csrf_exempt  # the link is the proof, and a guest has no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Reading the page confirms nothing: programs that look at mails open every link in them."""
    pk = tokens.confirmed_by(token)
    readable = Comment.objects.filter(post__in=Post.objects.published()).select_related("post__author")
    found = readable.filter(pk=pk).first() if pk else None
    if found is not None:
        conversation.speak(found.post)
    hears, why = tokens.asks_to_hear(token), ""
    if found is not None and request.method == "POST":
        try:
            said = confirming.confirm(found, hears=hears)
        except Refusal as no:
            why = no.sentence
        else:
            return redirect(said.get_absolute_url() if said.is_public else _own_address(said, tokens.key_of(said)))
    title = _("Confirm your comment") if found else _("This link has ended")
    context = {
        "comment": found,
        "hears": hears,
        # It was not taken; what they wrote is shown so that they can copy it.
        "why": why,
        "title": title,
        "head": Head(title=with_site_name(title), noindex=True),
    }
    return render(request, "comments/confirm.html", context, status=400 if why else 200 if found else 404)
