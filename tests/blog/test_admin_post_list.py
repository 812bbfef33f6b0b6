"""The list of posts and the dashboard, at a thousand posts."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from blog import publishing
from blog.models import Category, Post
from blog.taxonomy import save_category

pytestmark = pytest.mark.django_db
LIST = "/admin/blog/post/"
# Nine for the list itself; the bell and the queue in the navigation ask one each.
MOST_QUERIES = 11


@pytest.fixture
def thousand(author, editor):
    now = timezone.now()
    categories = [save_category(Category(name=name)) for name in ("Places", "Tools", "Time")]
    states = ("draft", "pending", "scheduled", "published", "archived")
    Post.objects.bulk_create(
        Post(
            title=f"Post {number}",
            slug=f"post-{number}",
            content_markdown="Long text. " * 50,
            author=(author, editor)[number % 2],
            category=categories[number % 3],
            status=states[number % 5],
            published_at=now.replace(year=2020 + number % 6, day=1) if states[number % 5] == "published" else None,
            scheduled_at=now if states[number % 5] == "scheduled" else None,
        )
        for number in range(1000)
    )
    return categories


@pytest.mark.parametrize(
    "query", ["", "?state=published", "?q=post", "?state=draft&author=1", "?o=1", "?p=3", "?kind__exact=post"]
)
def test_a_list_of_a_thousand_stays_within_its_queries(
    client_of, editor, thousand, query, django_assert_max_num_queries
):
    client = client_of(editor)
    client.get(LIST + query)
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(LIST + query)
    assert page.status_code == 200
    assert "Long text" not in page.content.decode()


def test_the_dashboard_stays_within_its_queries(client_of, editor, thousand, django_assert_max_num_queries):
    client = client_of(editor)
    client.get("/admin/")
    with django_assert_max_num_queries(17):
        page = client.get("/admin/").content.decode()
    assert "200 posts wait for you" in page


@pytest.mark.parametrize("table", ["tag", "topiccluster", "redirect", "contactmessage", "category"])
def test_other_lists_stay_within_theirs(client_of, editor, thousand, table, django_assert_max_num_queries):
    client = client_of(editor)
    client.get(f"/admin/blog/{table}/")
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(f"/admin/blog/{table}/").status_code == 200


def test_the_tabs_count_and_the_trash_is_apart(client_of, editor, write, publish):
    publishing.trash(write("Thrown away"), by=editor)
    publish("Live")
    client = client_of(editor)
    everything, trash = client.get(LIST).content.decode(), client.get(f"{LIST}?state=trash").content.decode()
    assert "All <span>1</span>" in everything
    assert "Thrown away" not in everything
    assert "Thrown away" in trash
    assert "Restore as drafts" in trash
    assert "Restore as drafts" not in everything


def test_a_category_filter_includes_what_is_below_it(client_of, editor, write):
    places = save_category(Category(name="Places"))
    bridges = save_category(Category(name="Bridges", parent=places))
    write("A bridge", category=bridges)
    write("A tool")
    page = client_of(editor).get(f"{LIST}?category={places.pk}").content.decode()
    assert "A bridge" in page
    assert "A tool" not in page


def test_a_tag_filter_shows_its_posts(client_of, editor, write):
    write("With", tags=["News"])
    write("Other", tags=["Else"])
    page = client_of(editor).get(f"{LIST}?tag=news").content.decode()
    assert ">With<" in page
    assert ">Other<" not in page


def test_bulk_publishing_counts_the_done_and_names_the_refused(client_of, editor, write, publish):
    ready, empty, live = write("Ready"), write("Empty", text=""), publish("Live")
    data = {"action": "publish_chosen", "_selected_action": [ready.pk, empty.pk, live.pk], "index": 0}
    response = client_of(editor).post(LIST, data, follow=True)
    said = [str(message) for message in response.context["messages"]]
    assert said[0] == "1 published."
    assert said[1] == "1 needed nothing: they were there already."
    assert said[2].startswith("“Empty”: The post has no text yet")
    ready.refresh_from_db()
    assert ready.is_public


def test_an_author_is_offered_no_publishing(client_of, author, write):
    write()
    page = client_of(author).get(LIST).content.decode()
    assert "trash_chosen" in page
    assert "publish_chosen" not in page
    assert "delete_selected" not in page


def test_titles_are_text_and_never_markup(client_of, editor, write):
    write("<img src=x onerror=alert(1)>")
    for address in (LIST, "/admin/"):
        assert "<img src=x" not in client_of(editor).get(address).content.decode()


def test_an_empty_list_says_so_and_offers_to_write(client_of, author):
    page = client_of(author).get(LIST).content.decode()
    assert "There is no post yet." in page
    assert reverse("admin:blog_post_add") in page


def test_pages_of_the_admin_allow_no_script_or_style_inside(client_of, editor, publish):
    post = publish()
    names = ["index", "blog_post_changelist", "blog_post_add", "blog_category_changelist", "blog_redirect_add"]
    addresses = [reverse(f"admin:{name}") for name in [*names, "media_assets_mediaasset_changelist"]]
    for address in [*addresses, reverse("admin:blog_post_change", args=[post.pk])]:
        response = client_of(editor).get(address)
        page = response.content.decode()
        assert "'unsafe-inline'" not in response["Content-Security-Policy"]
        assert "<script>" not in page and "<style" not in page and " style=" not in page and " onclick=" not in page


def test_a_post_shown_in_a_text_is_a_use_of_its_picture(write, author, editor, settings, tmp_path):
    import io

    from PIL import Image

    from media_assets import usage
    from media_assets.intake import take_in

    settings.MEDIA_ROOT = str(tmp_path)
    output = io.BytesIO()
    Image.new("RGB", (8, 8)).save(output, "PNG")
    asset = take_in(ContentFile(output.getvalue(), name="dot.png"), by=author)
    post = write(text=f"![A dot]({asset.url})")
    (use,) = usage.uses_of(asset)
    assert (use.label, use.place) == (post.title, "text, version 1")
    assert use.url == reverse("admin:blog_post_change", args=[post.pk])


@pytest.mark.parametrize(
    "query",
    [
        "?tag=%00",
        "?language=%00",
        "?author=%C2%B2",
        "?category=%C2%B2",
        "?state=x",
        "?p=9999",
        "?q=%00",
        "?kind__exact=x",
    ],
)
def test_nonsense_in_the_address_is_never_an_error_of_ours(client_of, editor, write, query):
    write()
    assert client_of(editor).get(LIST + query).status_code in {200, 302}


@pytest.mark.parametrize("number", ["%C2%B2", "9" * 30, "x", "-1"])
def test_a_preview_of_nonsense_is_empty_or_not_there(client_of, editor, number):
    assert client_of(editor).get(f"/admin/blog/post/preview/?post={number}").status_code in {200, 404}
    data = {"content_markdown": "x", "featured_image": number, "category": number}
    assert client_of(editor).post("/admin/blog/post/preview/", data).status_code == 200
