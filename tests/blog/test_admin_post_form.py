"""Writing, saving and moving a post on its form."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from blog.models import Post, Redirect
from media_assets.models import MediaAsset
from tests.blog.admin_form import ADD, change_address, filled

pytestmark = pytest.mark.django_db


def said(response):
    return [str(message) for message in response.context["messages"]]


def errors(response):
    return response.context["adminform"].form.errors


@pytest.fixture
def store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def png(colour="red"):
    output = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(output, "PNG")
    return SimpleUploadedFile("harbour.png", output.getvalue(), "image/png")


def test_an_author_saves_a_draft_and_stays_on_its_form(client_of, author):
    response = client_of(author).post(reverse(ADD), filled(tags_text="Clocks, clocks, Guns"), follow=True)
    post = Post.objects.get()
    assert response.redirect_chain[-1][0] == change_address(post)
    assert "as version 1." in said(response)[0]
    assert (post.author, post.status, post.slug) == (author, "draft", "the-noon-gun")
    assert sorted(post.tags.names()) == ["Clocks", "Guns"]
    assert "<p>One shot at noon.</p>" in post.content_html


def test_saving_without_a_change_makes_no_version(client_of, author, write):
    post = write(tags=["Clocks"])
    response = client_of(author).post(change_address(post), filled(post), follow=True)
    assert said(response) == ["Nothing was changed or saved."]
    assert post.versions.count() == 1


def test_the_reason_is_kept_with_the_version(client_of, author, write):
    post = write()
    data = filled(post, title="Another title", last_updated_reason="Figures checked")
    client_of(author).post(change_address(post), data)
    assert post.versions.first().reason == "Figures checked"
    page = client_of(author).get(change_address(post)).content.decode()
    assert "Figures checked" not in page


def test_an_address_only_suggested_gives_way_to_one_that_is_taken(client_of, author, write):
    write("The noon gun")
    client_of(author).post(reverse(ADD), filled(slug="the-noon-gun", slug_suggested="the-noon-gun"))
    assert Post.objects.filter(slug="the-noon-gun-2").exists()


def test_an_address_typed_by_hand_and_taken_is_an_error_of_its_field(client_of, author, write):
    write("The noon gun")
    response = client_of(author).post(reverse(ADD), filled(slug="the-noon-gun", content_markdown="Kept words"))
    assert "Another post or page has" in errors(response)["slug"][0]
    assert "Kept words" in response.content.decode()
    assert Post.objects.count() == 1


def test_a_text_that_cannot_be_rendered_is_an_error_of_its_field_and_is_kept(client_of, author):
    long = "words " * 200_000
    response = client_of(author).post(reverse(ADD), filled(content_markdown=long))
    assert "MB" in errors(response)["content_markdown"][0]
    assert response.context["adminform"].form["content_markdown"].value() == long
    assert not Post.objects.exists()


def test_a_post_without_a_title_is_not_saved(client_of, author):
    response = client_of(author).post(reverse(ADD), filled(title="   "))
    assert errors(response)["title"] == ["The post has no title yet; give it one to save it."]


def test_publishing_saves_first(client_of, editor, write):
    post = write()
    data = filled(post, content_markdown="The last words.", _step="publish")
    response = client_of(editor).post(change_address(post), data, follow=True)
    post.refresh_from_db()
    assert post.is_public
    assert post.content_markdown == "The last words."
    assert said(response) == [f"“{post.title}” is published."]


def test_what_is_not_ready_is_saved_and_the_refusal_said(client_of, editor, write):
    post = write()
    data = filled(post, title="New title", content_markdown="", _step="publish")
    response = client_of(editor).post(change_address(post), data, follow=True)
    post.refresh_from_db()
    assert (post.title, post.status) == ("New title", "draft")
    assert "no text yet" in said(response)[0]


def test_an_author_who_sends_the_word_publish_does_not_publish(client_of, author, write):
    post = write()
    response = client_of(author).post(change_address(post), filled(post, _step="publish"), follow=True)
    post.refresh_from_db()
    assert post.status == "draft"
    assert "Your role does not let you publish this post." in said(response)[0]
    assert 'value="publish"' not in response.content.decode()


def test_an_author_submits_for_review(client_of, author, write):
    post = write()
    client_of(author).post(change_address(post), filled(post, _step="submit"))
    post.refresh_from_db()
    assert post.status == "pending"


def test_scheduling_takes_the_time_in_the_zone_of_the_publication(client_of, editor, write, settings):
    settings.TIME_ZONE = "Europe/London"
    post = write()
    at = (timezone.localtime() + timedelta(days=9)).replace(second=0, microsecond=0)
    data = filled(post, _step="schedule", scheduled_at=at.strftime("%Y-%m-%dT%H:%M"))
    response = client_of(editor).post(change_address(post), data, follow=True)
    post.refresh_from_db()
    assert (post.status, post.scheduled_at) == ("scheduled", at)
    assert at.strftime("%H:%M") in said(response)[0]
    assert at.strftime("%Y-%m-%dT%H:%M") in response.content.decode()


@pytest.mark.parametrize(("when", "sentence"), [("", "Choose the day"), ("2020-01-01T08:00", "That time has passed")])
def test_scheduling_without_a_time_to_come_is_an_error_of_that_field(client_of, editor, write, when, sentence):
    post = write()
    response = client_of(editor).post(change_address(post), filled(post, _step="schedule", scheduled_at=when))
    assert sentence in errors(response)["scheduled_at"][0]
    post.refresh_from_db()
    assert post.status == "draft"


def test_an_uploaded_picture_is_chosen_even_when_the_form_has_an_error(client_of, author, store):
    response = client_of(author).post(reverse(ADD), filled(title="", picture_upload=png()))
    asset = MediaAsset.objects.get()
    assert response.context["adminform"].form["featured_image"].value() == str(asset.pk)
    client_of(author).post(reverse(ADD), filled(featured_image=asset.pk))
    assert Post.objects.get().featured_image == asset


def test_a_refused_picture_is_an_error_of_its_field_and_the_text_stays(client_of, author, store):
    data = filled(picture_upload=SimpleUploadedFile("a.png", b"<svg onload=alert(1)>"), content_markdown="Kept words")
    response = client_of(author).post(reverse(ADD), data)
    assert "SVG" in errors(response)["picture_upload"][0]
    assert "Kept words" in response.content.decode()


def test_an_author_can_neither_give_a_post_away_nor_make_pages(client_of, author, editor):
    client_of(author).post(reverse(ADD), filled(author=editor.pk, kind="page"))
    post = Post.objects.get()
    assert (post.author, post.kind) == (author, "post")


def test_an_editor_saves_an_authors_post_and_it_stays_the_authors(client_of, author, editor, write):
    post = write()
    client_of(editor).post(change_address(post), filled(post, title="Edited"))
    post.refresh_from_db()
    assert (post.title, post.author) == ("Edited", author)
    assert post.versions.first().editor == editor


def test_renaming_a_published_address_leaves_a_redirect(client_of, editor, publish):
    post = publish("Old name")
    client_of(editor).post(change_address(post), filled(post, slug="new-name", _step="update"))
    assert Redirect.objects.get().old_path == "/blog/old-name/"


def test_the_state_is_never_a_field(client_of, editor, write):
    post = write()
    page = client_of(editor).get(change_address(post)).content.decode()
    assert 'name="status"' not in page
    client_of(editor).post(change_address(post), filled(post, status="published", title="x"))
    post.refresh_from_db()
    assert post.status == "draft"


def test_only_live_posts_are_linked_to_the_site(client_of, editor, write, publish):
    draft, live = write(), publish()
    address = live.get_absolute_url()
    assert address in client_of(editor).get(change_address(live)).content.decode()
    assert draft.get_absolute_url() not in client_of(editor).get(change_address(draft)).content.decode()


def test_the_preview_renders_as_the_page_will(client_of, author):
    response = client_of(author).post(
        reverse("admin:blog_post_preview"), {"content_markdown": "## Hello\n\n<script>alert(1)</script>*you*"}
    )
    answer = response.json()
    assert "<em>you</em>" in answer["html"]
    assert "<script" not in answer["html"]
    assert (answer["words"], answer["minutes"]) == (2, 1)


def test_the_preview_says_in_words_why_it_cannot(client_of, author):
    response = client_of(author).post(reverse("admin:blog_post_preview"), {"content_markdown": "x" * (2**20 + 1)})
    assert response.status_code == 422
    assert "MB" in response.json()["error"]


def test_a_post_is_not_told_to_come_down_in_the_past(client_of, editor, publish):
    post = publish()
    response = client_of(editor).post(change_address(post), filled(post, unpublish_at="2020-01-01T08:00"))
    assert "That time has passed" in errors(response)["unpublish_at"][0]
    post.refresh_from_db()
    assert post.unpublish_at is None
