"""The list of searches without result in the admin."""

from django.utils import timezone

from blog.models import SearchMiss


def test_editors_see_what_was_looked_for_in_vain_try_it_and_delete_it(client_of, editor, author):
    now = timezone.now()
    miss = SearchMiss.objects.create(key="quux", query="<b>Quux & co", count=7, first_at=now, last_at=now)
    desk = client_of(editor)
    text = desk.get("/admin/blog/searchmiss/").content.decode()
    assert "&lt;b&gt;Quux &amp; co" in text and "/search/?q=%3Cb%3EQuux+%26+co" in text
    assert desk.get("/admin/blog/searchmiss/add/").status_code == 403
    desk.post("/admin/blog/searchmiss/", {"action": "delete_selected", "_selected_action": [miss.pk], "post": "yes"})
    assert not SearchMiss.objects.exists()
    assert client_of(author).get("/admin/blog/searchmiss/").status_code == 403
