"""Akismet, a service that judges comments: asked only where editors have set a key, through the safe client."""

from __future__ import annotations

from urllib.parse import urlencode, urljoin

from django.conf import settings

from blog.models import Post
from comments.rules import Writer
from core.outbound import Answer, OutboundError, fetch

SERVICE = "https://rest.akismet.com/1.1/"
# Somebody waits for the answer.
SECONDS = 3.0
GOOD, SPAM, CERTAIN = "good", "spam", "certain"


class NoAnswer(Exception):
    """The service did not answer, or not with a yes or a no."""


def ask(key: str, post: Post, writer: Writer, content: str, *, address: str) -> str:
    """GOOD, SPAM, or CERTAIN where the service says that nobody need look. Raises NoAnswer."""
    answer = _send("comment-check", api_key=key, user_ip=address, **_about(post, writer, content))
    match answer.content.strip():
        case b"true":
            return CERTAIN if answer.headers.get("X-akismet-pro-tip") == "discard" else SPAM
        case b"false":
            return GOOD
    raise NoAnswer(answer.headers.get("X-akismet-debug-help", "") or f"status {answer.status}")


def correct(key: str, post: Post, writer: Writer, content: str, *, is_spam: bool) -> None:
    """Tell the service that a moderator sees a comment otherwise than it does. Raises NoAnswer.

    The client's address is not told: it is kept nowhere, and was told once when the comment was sent.
    """
    method = "submit-spam" if is_spam else "submit-ham"
    answer = _send(method, api_key=key, user_ip="", **_about(post, writer, content))
    if not 200 <= answer.status < 300 or answer.content.strip() == b"invalid":
        raise NoAnswer(answer.headers.get("X-akismet-debug-help", "") or f"status {answer.status}")


def _about(post: Post, writer: Writer, content: str) -> dict[str, str]:
    """What the service is told of a comment: the same words whether it is asked or corrected."""
    return {
        "user_agent": writer.user_agent,
        "permalink": urljoin(settings.SITE_URL, post.get_absolute_url()),
        "comment_type": "comment",
        "comment_author": writer.user.display_name if writer.user else writer.name,
        "comment_author_email": writer.user.email if writer.user else writer.email,
        "comment_content": content,
        "blog_charset": "UTF-8",
    }


def is_key(key: str) -> bool:
    """Whether the service knows this key for this site. Raises NoAnswer."""
    answer = _send("verify-key", key=key).content.strip()
    if answer not in {b"valid", b"invalid"}:
        raise NoAnswer("neither yes nor no")
    return answer == b"valid"


def _send(method: str, **fields: str) -> Answer:
    try:
        return fetch(
            urljoin(SERVICE, method),
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Letterpress/1.0 | comments"},
            body=urlencode({"blog": settings.SITE_URL, **fields}).encode(),
            timeout=SECONDS,
        )
    except OutboundError as error:
        raise NoAnswer(str(error)) from None
