"""The preview of what is being typed: rendered like the page, judged like the page, and quick."""

import pytest
from django.urls import reverse

from core import markup
from tests.core.corpora import rows

pytestmark = pytest.mark.django_db
PREVIEW = "admin:blog_post_preview"


def rendered(client, text, **fields):
    return client.post(reverse(PREVIEW), {"content_markdown": text, "content_language": "en", **fields})


def test_what_is_typed_comes_back_as_the_page_will_say_it(client_of, author, publish):
    text = "## Noon\r\n\r\nA “gun”.[^1]\r\n\r\n[^1]: Bang."
    answer = rendered(client_of(author), text).json()
    assert answer["html"] == publish(text=text.replace("\r\n", "\n")).content_html
    assert (answer["words"], answer["minutes"]) == (5, 1)


def test_chinese_is_counted_as_it_is_written(client_of, author):
    assert rendered(client_of(author), "午砲每日鳴響", content_language="zh").json()["words"] == 6


def test_a_text_too_large_is_said_to_be_so(client_of, author):
    answer = rendered(client_of(author), "word " * 210_000)
    assert answer.status_code == 422 and "Split it" in answer.json()["error"]


def test_a_megabyte_is_rendered(client_of, author):
    answer = rendered(client_of(author), "A line of some words, and another.\n\n" * 25_000)
    assert answer.status_code in (200, 422)
    assert set(answer.json()) >= {"words"} or answer.json()["error"]


def test_it_answers_in_few_queries(client_of, author, django_assert_max_num_queries):
    client = client_of(author)
    rendered(client, "x")
    with django_assert_max_num_queries(4):
        rendered(client, "Some words.")


def test_the_sheet_wears_the_styles_of_the_site(client_of, author):
    page = client_of(author).get(reverse(PREVIEW)).content.decode()
    for name in ("tokens", "base", "layout", "parts", "prose"):
        assert f"css/{name}.css" in page
    assert "<script" not in page


def test_nobody_previews_the_post_of_somebody_else(client_of, author, write, editor):
    theirs = write("Secret draft", by=editor)
    assert client_of(author).get(reverse(PREVIEW), {"post": theirs.pk}).status_code == 404
    assert "Secret draft" in client_of(editor).get(reverse(PREVIEW), {"post": theirs.pk}).content.decode()


def test_who_does_not_write_previews_nothing(client_of, reader):
    assert rendered(client_of(reader), "x").status_code == 302
    assert client_of(reader).get(reverse(PREVIEW)).status_code == 302


def test_hostile_text_is_answered_as_the_renderer_left_it(client_of, author):
    client = client_of(author)
    for text in rows("markdown-xss")[:60]:
        answer = rendered(client, text).json()
        assert answer["html"] == markup.render(text.replace("\r\n", "\n")).html
        assert "<script" not in answer["html"].lower()
