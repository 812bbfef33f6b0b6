"""What is done on the desk beside posts is in the audit trail: filing, redirects, letters, snippets, pictures."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from blog.models import Category, ContactMessage, Redirect, Snippet, Tag
from blog.taxonomy import save_category
from tests.media_assets.test_intake import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def deeds():
    """Entries since the person came in, the oldest first."""

    def read() -> list[tuple[str, str, dict]]:
        found = AuditEntry.objects.exclude(action="logged in").order_by("pk")
        return [(entry.action, entry.target_name, entry.changes) for entry in found]

    return read


def test_tags_made_renamed_and_deleted(client_of, editor, deeds):
    client = client_of(editor)
    client.post("/admin/blog/tag/add/", {"name": "Tides", "slug": ""})
    tag = Tag.objects.get()
    client.post(f"/admin/blog/tag/{tag.pk}/change/", {"name": "Moons", "slug": "tides"})
    client.post(f"/admin/blog/tag/{tag.pk}/change/", {"name": "Moons", "slug": "tides"})
    client.post(f"/admin/blog/tag/{tag.pk}/delete/", {"post": "yes"})
    assert deeds() == [
        ("added", "Tides", {}),
        ("changed", "Moons", {"name": ["Tides", "Moons"]}),
        ("deleted", "Moons", {}),
    ]


def test_several_deleted_at_once_are_named_each(client_of, editor, deeds):
    for name in ("Tides", "Moons"):
        Tag.objects.create(name=name, slug=name.lower())
    chosen = list(Tag.objects.values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    client_of(editor).post("/admin/blog/tag/", data)
    assert sorted(name for _, name, _ in deeds()) == ["Moons", "Tides"]


def test_a_category_that_moves_takes_its_address_along(client_of, editor, deeds):
    sea, noon = (save_category(Category(name=name)) for name in ("Sea", "Noon"))
    data = {"category": noon.pk, "target": sea.pk, "position": "last-child"}
    client_of(editor).post(reverse("admin:blog_category_move"), data)
    assert deeds() == [("moved", "Noon", {"address": ["noon", "sea/noon"]})]


def test_a_refused_deletion_leaves_no_entry(client_of, editor, write, deeds):
    sea = save_category(Category(name="Sea"))
    write(category=sea)
    AuditEntry.objects.all()._raw_delete("default")
    client_of(editor).post(f"/admin/blog/category/{sea.pk}/delete/", {"post": "yes"})
    assert Category.objects.exists() and deeds() == []


def test_where_a_redirect_leads_is_said_by_name(client_of, editor, publish, deeds):
    post = publish("Tides")
    AuditEntry.objects.all()._raw_delete("default")
    row = Redirect.objects.create(old_path="/old/", new_path="/elsewhere/", type=301)
    data = {"old_path": "/old/", "post": post.pk, "category": "", "new_path": "", "type": "301"}
    client_of(editor).post(f"/admin/blog/redirect/{row.pk}/change/", data)
    ((action, _, changes),) = deeds()
    assert action == "changed" and changes["post"] == ["", "Tides"]


def test_letters_marked_in_a_heap_are_written_down_one_by_one(client_of, moderator, deeds):
    for number in range(3):
        letter = {"name": "Vera", "email": "v@example.org", "message": "Words"}
        ContactMessage.objects.create(subject=f"Letter {number}", is_handled=number == 0, **letter)
    chosen = list(ContactMessage.objects.values_list("pk", flat=True))
    data = {"action": "mark_answered", "_selected_action": chosen}
    client_of(moderator).post("/admin/blog/contactmessage/", data)
    assert ContactMessage.objects.filter(is_handled=True).count() == 3
    assert [action for action, _, _ in deeds()] == ["marked as answered"] * 2


def test_snippets_and_pictures_made_are_written_down(client_of, editor, deeds, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    client = client_of(editor)
    client.post("/admin/blog/snippet/add/", {"name": "Correction", "content_markdown": "We were wrong."})
    assert Snippet.objects.exists()
    client.post("/admin/media_assets/mediaasset/upload/", {"files": [picture()], "alt_text": "A tide"})
    assert [action for action, _, _ in deeds()] == ["added", "added"]


def test_the_versions_of_a_post_lead_to_its_trail(client_of, admin, author, write):
    post = write("Tides")
    address = reverse("admin:blog_post_versions", args=[post.pk])
    trail = f"/admin/accounts/auditentry/?target=post:{post.pk}"
    assert trail in client_of(admin).get(address).content.decode()
    assert trail not in client_of(author).get(address).content.decode()
    page = client_of(admin).get(trail).content.decode()
    assert "Audit trail: Tides" in page and "Wrote" in page
