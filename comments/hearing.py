"""The pages to ask for mails about a conversation, to confirm one's address, and to end them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import rates
from accounts.addresses import comes_from_here
from accounts.models import User
from blog.heads import Head, with_site_name
from blog.models import Post
from blog.views.errors import too_many
from comments import conversation, subscribing
from comments.forms import HearingForm
from comments.models import Comment
from core.refusals import Refusal


def _page(request: HttpRequest, post: Post | None, title: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"post": post, "title": title, "head": Head(title=with_site_name(title), noindex=True), **more}
    return render(request, "comments/hearing.html", context, status=status)


@never_cache
@csrf_exempt  # strangers have no cookie and confirm by mail; what another site sends for a member is only shown
@require_http_methods(["GET", "HEAD", "POST"])
def hear(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask to hear of new comments on a post by mail, or of what follows one of them (`thread`)."""
    post = get_object_or_404(Post.objects.published().articles(), slug=slug)
    conversation.speak(post)
    user = request.user if isinstance(request.user, User) else None
    is_sent = request.method == "POST" and (user is None or comes_from_here(request))
    form = HearingForm(request.POST if is_sent else None, user=user, initial={"thread": request.GET.get("thread", "")})
    title = _("Hear of new comments by mail")
    if is_sent and form.is_valid():
        if seconds := rates.seconds_to_wait(request, "hearing"):
            return too_many(request, seconds=seconds)
        if form.cleaned_data["homepage"]:
            return _page(request, post, _("Look into your letter box"), state="asked")
        readable = Comment.objects.public().comments().filter(post=post)
        thread = readable.filter(pk=form.cleaned_data["thread"]).select_related("root").first()
        try:
            subscribing.subscribe(post, user=user, email=form.cleaned_data.get("email", ""), thread=thread)
        except Refusal as no:
            form.add_error(no.field if no.field in form.fields else None, no.sentence)
        else:
            if user is None:
                return _page(request, post, _("Look into your letter box"), state="asked")
            messages.success(request, _("You will hear of new comments by mail."))
            return redirect(post.get_absolute_url() + "#comments")
    return _page(request, post, title, form=form, state="form", status=400 if form.errors else 200)


@never_cache
@csrf_exempt  # the link is the proof, and a guest has no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_hearing(request: HttpRequest, token: str) -> HttpResponse:
    """Reading the page confirms nothing: programs that look at mails open every link in them."""
    row = subscribing.asked_by(token)
    if row is None:
        return _page(request, None, _("This link has ended"), state="gone", status=404)
    conversation.speak(row.post)
    if request.method == "POST":
        subscribing.confirm(token)
        return _page(request, row.post, _("You will hear of new comments by mail."), state="confirmed")
    return _page(request, row.post, _("Hear of new comments by mail"), state="confirm")


@never_cache
@csrf_exempt  # mail programs press this button themselves (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def end_hearing(request: HttpRequest, token: str) -> HttpResponse:
    """End it; once it has ended the link says so however often it is followed."""
    row = subscribing.of_token(token)
    if row is not None:
        conversation.speak(row.post)
        if request.method != "POST":
            return _page(request, row.post, _("End these mails?"), state="end")
        subscribing.end(row)
    return _page(request, row.post if row else None, _("No more of these mails"), state="ended")
