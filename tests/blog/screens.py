"""The pages readers come to only when something has happened first: one table for whoever judges how pages look.

`set_the_stage` makes a small magazine in which there is one of everything, `screens` the answers, each by the name of
its template and what is special about it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from accounts import follows as people
from accounts import mail_choices, notifications, tokens
from accounts import views as account_pages
from accounts.models import User
from accounts.roles import Role
from blog import (
    corrections,
    follows,
    pending,
    preview_links,
    publishing,
    reading,
    series,
    taxonomy,
    translations,
    versions,
    writing,
)
from blog.models import Category, Post, Redirect, Series, SiteSettings, TopicCluster
from blog.views import errors
from tests.conftest import PASSWORD, make_person
from tests.media_assets.making_assets import make_asset

TEXT = """
Until the spring of 1911 the [harbour office](https://harbour.example/office/) kept two clocks.[^1]

## Eleven minutes

They stood [on one tower](/blog/), eleven minutes apart.

![The upper face]({picture} "As it was in 1911")

> Nobody was ever late.
{.pull}

## Working it out

```python title="tide.py"
def high_water(last: int) -> int:  # the next one comes twelve hours and some minutes after the last
    return last + 1
```

### A warning

!!! warning "Two clocks"
    Know which face it means.

<details><summary>The long way round</summary>

It goes by the old quay.

</details>

| Year | Missed by the upper face | Missed by the lower face |
|---|---:|---:|
| 1868 | 41 | 12 |

- [x] Wind the upper clock

## The end

The face is still up there. {long}

[^1]: And a dog.
""".replace("{long}", "It is right twice a day. " * 60)
WRONG, RIGHT = "The face is still up there.", "The face was taken down in 1934."
LOOKS = "Only how it looks matters here."
HERE = {"Sec-Fetch-Site": "same-origin"}


class Stage(NamedTuple):
    """`post` has one of everything, and `reader` has begun it, keeps it and follows its author."""

    author: User
    editor: User
    reader: User
    post: Post


def set_the_stage() -> Stage:
    """The magazine, its people and its posts; call it before anything asks for the settings of the site."""
    SiteSettings.objects.create(name="The Quarterly", editions=["de", "ar"])
    author, editor = make_person("agnes", Role.AUTHOR), make_person("edith", Role.EDITOR)
    reader = make_person("ines")
    places = taxonomy.save_category(Category(name="Places", description="On foot."))
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    filed = {"author": author, "category": places, "topic_cluster": topic}
    text = TEXT.replace("{picture}", make_asset().url)
    post = _published("Two clocks", text, by=editor, tags=["ferries"], featured_image=make_asset(), **filed)
    others = [_published(f"Part {number}", "Words.", by=editor, **filed) for number in (2, 3)]
    _published("About", "Words.\n\n## Who\n\nWe.", by=editor, author=editor, kind=Post.Kind.PAGE)
    german = _published("Zwei Uhren", "Worte.", by=editor, content_language="de", **filed)
    translations.link(Post.objects.get(pk=post.pk), german, by=editor)
    week = Series.objects.create(name="A week at the harbour", slug="a-week")
    series.arrange(week, [post.pk, *(other.pk for other in others)], by=editor)
    Redirect.objects.create(old_path="/gone/", type=410)
    people.follow(reader, author)
    follows.follow(reader, places)
    post = Post.objects.get(pk=post.pk)
    reading.keep(reader, post)
    reading.remember(reader, post, position=400)
    _tell(reader)
    return Stage(author, editor, reader, post)


def _published(title: str, text: str, *, by: User, tags: list[str] | None = None, **fields: object) -> Post:
    post = Post(title=title, content_markdown=text, **fields)
    writing.save(post, by=by, tags=tags)
    publishing.publish(post, by=by, override=LOOKS)
    return post


def _tell(reader: User) -> None:
    urgent = {"priority": "urgent", "url": "/blog/"}
    notifications.notify([reader], category="reply", text="Agnes answers you.", **urgent)
    [read] = notifications.notify([reader], category="news", text="“Two clocks” is out.")
    notifications.mark_read(reader, read.pk)


def put_right(stage: Stage) -> Post:
    """Correct the post, before its readers."""
    newest = Post.objects.get(pk=stage.post.pk)
    pending.open_newest(newest)
    newest.content_markdown = newest.content_markdown.replace(WRONG, RIGHT)
    writing.save(newest, by=stage.editor)
    corrections.mark(stage.post, f"{RIGHT} It is not still there.", by=stage.editor)
    publishing.update(Post.objects.get(pk=stage.post.pk), by=stage.editor, override=LOOKS)
    return Post.objects.get(pk=stage.post.pk)


@contextmanager
def _in_the_main_language() -> Iterator[None]:
    """A view that is called by itself speaks whatever was spoken last."""
    with translation.override("en-gb"):
        yield


def screens(stage: Stage) -> dict[str, HttpResponse]:
    """Every page that takes more than an address, by "template: what is special about it"."""
    with _in_the_main_language():
        return {
            **_gone_wrong(stage),
            **_read(stage),
            **_of_accounts(stage),
            **_of_ones_own(stage),
            **_of_programs(),
            **_of_second_factors(),
        }


def _asked_by(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def _gone_wrong(stage: Stage) -> dict[str, HttpResponse]:
    stranger, member = _asked_by(AnonymousUser()), _asked_by(stage.reader)
    return {
        "400.html": errors.bad_request(stranger),
        "403.html: for a stranger": errors.forbidden(stranger),
        "403.html: for a member": errors.forbidden(member),
        "403.html: an old form": Client(enforce_csrf_checks=True).post("/accounts/login/"),
        "404.html": Client().get("/blog/two-clock/"),
        "410.html": Client().get("/gone/"),
        "429.html": errors.too_many(stranger),
        "429.html: of an account": account_pages.too_often(stranger),
        "500.html": errors.server_error(stranger),
        "accounts/locked.html": [
            Client().post("/accounts/login/", {"login": "ines", "password": "wrong"}) for _ in range(5)
        ][-1],
    }


def _read(stage: Stage) -> dict[str, HttpResponse]:
    post, author = stage.post, stage.author
    like = f"{post.get_absolute_url()}like/"
    until = timezone.now() + timedelta(days=7)
    draft = Post(title="Not yet", content_markdown=post.content_markdown, author=author)
    writing.save(draft, by=author)
    _, address = preview_links.make(draft, versions.latest(draft), by=author, expires_at=until, name="Vera")
    guest = Client()
    return {
        "blog/page.html": guest.get("/about/"),
        "blog/liked.html": guest.post(like, {"like": "1"}, headers=HERE),
        "blog/liked.html: taken back": guest.post(like, {"like": "0"}, headers=HERE),
        "blog/preview.html": guest.get(address),
        "blog/preview_ended.html": guest.get("/blog/preview/nonsense/"),
        "blog/series.html": guest.get("/series/a-week/"),
        "blog/corrections.html": guest.get("/corrections/"),
        "blog/author.html": guest.get(author.author_profile.get_absolute_url()),
    }


def _of_accounts(stage: Stage) -> dict[str, HttpResponse]:
    stranger, member = Client(), _signed_in(stage.reader)
    waiting = make_person("vera")
    EmailAddress.objects.filter(user=waiting).update(verified=False)
    key = EmailConfirmationHMAC.create(EmailAddress.objects.get(user=waiting)).key
    changing = make_person("mara")
    EmailAddress.objects.create(user=changing, email="new@example.org", verified=False, primary=False)
    without = make_person("nora")
    without.set_unusable_password()
    without.save()
    forgot = make_person("olga")
    token = default_token_generator.make_token(forgot)
    reset = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(forgot), token])
    used = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(forgot), "used-up"])
    off = mail_choices.address_for(stage.reader, "reply")
    return {
        "account/logout.html": member.get("/accounts/logout/"),
        "account/email_confirm.html": stranger.get(f"/accounts/confirm-email/{key}/"),
        "account/email_confirm.html: used": stranger.get("/accounts/confirm-email/used/"),
        "account/email_change.html: waiting": _signed_in_by_password(changing).get("/accounts/email/"),
        "account/resend.html": stranger.get("/accounts/confirm-email/resend/"),
        "account/resend.html: wrong": stranger.post("/accounts/confirm-email/resend/", {"email": "vera"}),
        "account/verification_sent.html": stranger.get("/accounts/confirm-email/"),
        "account/reauthenticate.html": member.get("/accounts/reauthenticate/"),
        "account/password_set.html": _signed_in(without).get("/accounts/password/set/"),
        "account/password_reset_done.html": stranger.get("/accounts/password/reset/done/"),
        "account/password_reset_from_key.html": stranger.get(reset, follow=True),
        "account/password_reset_from_key.html: used": stranger.get(used, follow=True),
        "account/password_reset_from_key_done.html": stranger.get("/accounts/password/reset/key/done/"),
        "account/account_inactive.html": stranger.get("/accounts/inactive/"),
        "accounts/mails_off.html": stranger.get(off),
        "accounts/mails_off.html: ended": stranger.post(off),
    }


def _signed_in_by_password(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    return client


def _of_ones_own(stage: Stage) -> dict[str, HttpResponse]:
    member = _signed_in(stage.reader)
    return {
        "accounts/notices.html": member.get("/me/notifications/"),
        "accounts/mails.html": member.get("/me/notifications/choices/"),
        "accounts/feed.html": member.get("/me/feed/"),
        "accounts/reading_list.html": member.get("/me/reading-list/"),
        "accounts/reading_list.html: one taken off": member.get(f"/me/reading-list/?removed={stage.post.pk}"),
        "accounts/me.html": member.get("/me/"),
    }


def _proven(user: User) -> Client:
    client = _signed_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def _of_programs() -> dict[str, HttpResponse]:
    user = make_person("paul")
    member = _proven(user)
    tokens.begin(user, device="curl/8.5.0", network="203.0.113.0")
    wanted = {"name": "Static site", "scopes": ["read", "write"], "days": "30"}
    return {
        "accounts/tokens.html: none": member.get("/me/tokens/"),
        "accounts/tokens.html: made": member.post("/me/tokens/", wanted),
        "accounts/tokens.html: wrong": member.post("/me/tokens/", {"days": "30"}),
        "accounts/tokens.html": member.get("/me/tokens/"),
        "accounts/sessions.html: programs": member.get("/me/sessions/"),
    }


def _of_second_factors() -> dict[str, HttpResponse]:
    user = make_person("lena")
    member, waits = _proven(user), Client()
    off = {
        "mfa/index.html: off": member.get("/accounts/2fa/"),
        "mfa/totp/activate_form.html": member.get("/accounts/2fa/totp/activate/"),
        "mfa/totp/activate_form.html: wrong": member.post("/accounts/2fa/totp/activate/", {"code": "000000"}),
    }
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    waits.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    return {
        **off,
        "mfa/index.html": member.get("/accounts/2fa/"),
        "mfa/totp/deactivate_form.html": member.get("/accounts/2fa/totp/deactivate/"),
        "mfa/recovery_codes/index.html": member.get("/accounts/2fa/recovery-codes/"),
        "mfa/recovery_codes/generate.html": member.get("/accounts/2fa/recovery-codes/generate/"),
        "mfa/reauthenticate.html": member.get("/accounts/2fa/reauthenticate/"),
        "mfa/authenticate.html": waits.get("/accounts/2fa/authenticate/"),
        "mfa/authenticate.html: wrong": waits.post("/accounts/2fa/authenticate/", {"code": "000000"}),
    }


# What lists, forms and posts are made of, which are judged under their addresses; and what is no page by itself.
ELSEWHERE = {
    *("base.html", "account/base.html", "accounts/own.html", "blog/contact_mail.html"),
    *("blog/home.html", "blog/list.html", "blog/archive.html", "blog/post.html", "blog/search.html", "blog/feeds.html"),
    *("blog/contact.html", "blog/contact_sent.html", "account/login.html", "account/signup.html"),
    *("accounts/uncounted.html", "account/password_reset.html", "account/password_change.html"),
    *("accounts/sessions.html", "accounts/data.html", "accounts/author_page.html"),
}


def left_out(answers: dict[str, HttpResponse]) -> list[str]:
    """Templates of readers' pages that are neither among `answers` nor judged elsewhere."""
    root = settings.BASE_DIR / "templates"
    places = (".", "account", "accounts", "blog", "mfa", "mfa/totp", "mfa/recovery_codes")
    pages = [path for place in places for path in (root / place).glob("[!_]*.html")]
    shown = {name.partition(":")[0] for name in answers}
    return sorted({str(path.relative_to(root)) for path in pages} - ELSEWHERE - shown)


def misnamed(answers: dict[str, HttpResponse]) -> list[str]:
    """Answers that are made of another template than their name says."""
    made_of = {name: [each.name for each in getattr(answer, "templates", [])] for name, answer in answers.items()}
    return [name for name, templates in made_of.items() if templates and name.partition(":")[0] not in templates]
