"""Pages hold whatever is written into them."""

from tests.blog.hostile import publish_all, publish_footnotes


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
    text = client.get(publish_footnotes(publish)).content.decode()
    assert text.count('class="fnref"') == 5000 and text.count("js/notes.js") == 1
