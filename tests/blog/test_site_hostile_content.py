"""Pages hold whatever is written into them."""

import pytest
from django.urls import reverse

from blog import writing
from blog.models import Post
from core.refusals import Refusal
from tests.blog.admin_form import ADD, change_address, filled
from tests.blog.hostile import MANY, publish_all, publish_footnotes


def test_every_page_of_hostile_content_answers(client, publish):
    for address in publish_all(publish):
        response = client.get(address)
        assert response.status_code == 200, address
        assert ".." not in address and ">b</b>" not in response.content.decode(), address


def test_five_levels_of_sections_show_the_way_up_and_indent(client, publish):
    address = publish_all(publish)[2]
    assert address == "/category/level-0/level-1/level-2/level-3/level-4/"
    text = client.get(address).content.decode()
    crumbs = text.split('class="crumbs')[1].split("</nav>")[0]
    assert crumbs.count("<li>") == 5 and 'href="/category/level-0/level-1/level-2/level-3/"' in crumbs
    assert "in in-4" in client.get("/").content.decode()


def test_all_of_three_hundred_headings_are_listed(client, publish):
    text = client.get(publish_all(publish)[4]).content.decode()
    assert text.split('class="toc"')[1].split("</details>")[0].count("<li") == 300


def test_five_thousand_footnotes_are_a_page_like_any_other(client, publish):
    """They are written, rendered and saved as everything else."""
    text = client.get(publish_footnotes(publish)).content.decode()
    assert text.count('class="fnref"') == text.count('class="back"') == MANY == 5000
    assert text.count("js/notes.js") == 1
    for number in (1, 2500, MANY):
        assert all(f'{part}-{number}"' in text for part in ('id="s-ref', 'href="#s-note', 'id="s-note', 'href="#s-ref'))
        assert f"The note {number}." in text


@pytest.mark.parametrize("address", ["add", "change"])
def test_a_title_of_four_thousand_letters_is_refused_in_words_and_kept_in_the_form(client_of, author, write, address):
    title, words = "x" * 4000, "One shot at noon, typed for an hour."
    post = write("Kept") if address == "change" else None
    where = change_address(post) if post else reverse(ADD)
    response = client_of(author).post(where, filled(post, title=title, content_markdown=words))
    page = response.content.decode()
    assert response.status_code == 200 and "at most 300 characters (it has 4000)" in page
    assert title in page and words in page, "what was typed is there to be shortened"
    assert [row.title for row in Post.objects.all()] == (["Kept"] if post else [])


def test_no_way_of_saving_takes_a_title_that_does_not_fit(write):
    with pytest.raises(Refusal, match="4,000 characters and 300 fit") as refused:
        write("x" * 4000)
    assert refused.value.field == "title" and not Post.objects.exists()
    post = write("x" * 300)
    post.title += "x"
    with pytest.raises(Refusal, match="301 characters"):
        writing.save(post, by=post.author)
    assert Post.objects.get().title == "x" * 300
