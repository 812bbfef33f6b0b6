"""An import takes over neither the accounts nor the addresses that others have here."""

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from accounts.people import set_address
from blog.models import Post, Redirect, Tag
from tests.transfer.test_importing_wordpress import ADA
from tests.transfer.wxr import VERSION, export, item
from transfer.importing import import_wordpress

pytestmark = pytest.mark.django_db
OTHER = VERSION.replace("quay.example", "harbour.example")
OLD = "/2020/07/item-1/"


def imported(tmp_path, *parts: str):
    return import_wordpress(export(tmp_path, VERSION, ADA, *(parts or [item()]), head=""))


# People


def test_an_account_with_an_unconfirmed_address_gets_nobodys_texts(tmp_path, reader):
    EmailAddress.objects.filter(user=reader).delete()
    User.objects.filter(pk=reader.pk).update(email="ada@quay.example")
    report = imported(tmp_path)
    author = Post.objects.get().author
    assert author != reader and (author.username, author.email) == ("ada", "")
    assert "never confirmed" in report.items[0]["notes"][0] and not hasattr(
        User.objects.get(pk=reader.pk), "author_profile"
    )


def test_an_unconfirmed_second_address_gets_nobodys_texts(tmp_path, reader):
    EmailAddress.objects.create(user=reader, email="ada@quay.example", verified=False)
    imported(tmp_path)
    assert Post.objects.get().author != reader and Post.objects.get().author.email == ""


def test_whoever_confirmed_the_address_is_the_author(tmp_path, reader):
    set_address(reader, "ada@quay.example")
    imported(tmp_path)
    assert Post.objects.get().author == reader and not User.objects.filter(username="ada").exists()


def test_whoever_works_here_is_the_author_also_without_confirming(tmp_path, author):
    EmailAddress.objects.filter(user=author).delete()
    User.objects.filter(pk=author.pk).update(email="ada@quay.example")
    imported(tmp_path)
    assert Post.objects.get().author == author


def test_no_username_could_be_an_e_mail_address(tmp_path):
    login = ADA.replace("<wp:author_login>ada", "<wp:author_login>boss@quay.example")
    import_wordpress(export(tmp_path, VERSION, login, item(more="<dc:creator>boss@quay.example</dc:creator>"), head=""))
    assert Post.objects.get().author.username == "boss"


# Addresses


@pytest.mark.parametrize("origin", ["slug", "hand"])
def test_redirects_of_this_site_stay_and_the_report_says_so(tmp_path, author, origin):
    mine = Post.objects.create(title="Mine", slug="mine", author=author)
    Redirect.objects.create(old_path=OLD, post=mine, origin=origin)
    report = imported(tmp_path)
    assert Redirect.objects.get(old_path=OLD).post == mine
    assert [entry["old_id"] for entry in report.items if entry["kind"] == "addresses"] == [OLD]


def test_a_second_site_does_not_take_the_addresses_of_the_first(tmp_path):
    import_wordpress(export(tmp_path, item()))
    first = Post.objects.get()
    again = item(more=f"<link>https://harbour.example{OLD}</link>")
    report = import_wordpress(export(tmp_path, again, head=OTHER))
    assert Redirect.objects.get(old_path=OLD).post == first and Post.objects.count() == 2
    assert OLD in [entry["old_id"] for entry in report.items if entry["kind"] == "addresses"]


def test_an_address_may_move_within_one_site(tmp_path):
    import_wordpress(export(tmp_path, item(1)))
    link = f"<link>https://quay.example{OLD}</link>"
    import_wordpress(export(tmp_path, item(1, more="<link>https://quay.example/new/</link>"), item(2, more=link)))
    assert Redirect.objects.get(old_path=OLD).post.slug == "item-2"


def test_an_address_whose_tag_is_gone_is_free_again(tmp_path):
    Redirect.objects.create(old_path="/tag/sea/", new_path="/tag/gone/", origin="import")
    Redirect.objects.create(old_path="/tag/ebb/", new_path="/tag/low/", origin="import")
    Tag.objects.create(name="Low", slug="low")
    Tag.objects.create(name="Sea", slug="waves")
    Tag.objects.create(name="Ebb", slug="neap")
    named = "".join(
        f'<category domain="post_tag" nicename="{name.lower()}"><![CDATA[{name}]]></category>'
        for name in ("Sea", "Ebb")
    )
    import_wordpress(export(tmp_path, item(more=named)))
    assert Redirect.objects.get(old_path="/tag/sea/").new_path.endswith("/waves/")
    assert Redirect.objects.get(old_path="/tag/ebb/").new_path == "/tag/low/"


def test_the_page_of_a_file_does_not_take_the_address_of_a_post_at_the_next_run(tmp_path):
    link = f"<link>https://quay.example{OLD}</link>"
    place = export(tmp_path, item(1), item(2), item(9, more=link, post_type="attachment", post_parent="2"))
    for _ in range(2):
        import_wordpress(place)
        assert Redirect.objects.get(old_path=OLD).post.slug == "item-1"
