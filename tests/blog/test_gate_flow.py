"""The publish gate at every door: what blocks, who may go over it and why, and how severe each check is."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Notification
from blog import gate, publishing, writing
from blog.models import CheckSetting, GateOverride, Severity
from core.refusals import Refusal
from tests.blog.admin_form import change_address, filled
from tests.blog.conftest import NOON

BROKEN = "See [there](/blog/nowhere/)."
SETTINGS = "admin:blog_checksetting_changelist"


def set_severity(name: str, severity: str) -> None:
    CheckSetting.objects.update_or_create(check_name=name, defaults={"severity": severity})


# --- publishing ------------------------------------------------------------------------------------------------------
def test_what_blocks_stops_publication_and_names_all_reasons(write, editor):
    post = write(text=f"{BROKEN} And [nothing]().")
    with pytest.raises(gate.Blocked) as refused:
        publishing.publish(post, by=editor)
    assert {finding.check for finding in refused.value.findings} == {"broken_link", "empty_link"}
    assert "/blog/nowhere/" in refused.value.sentence
    post.refresh_from_db()
    assert post.status == "draft"


def test_many_reasons_are_told_in_a_sentence_one_can_read(write, editor):
    post = write(text=" ".join(f"[a](/blog/no-{number}/)" for number in range(30)))
    with pytest.raises(gate.Blocked) as refused:
        publishing.publish(post, by=editor)
    assert refused.value.sentence.count("readers find nothing") == gate.MOST_NAMED
    assert refused.value.sentence.endswith(f"And {gate.MOST_FINDINGS + 1 - gate.MOST_NAMED} more.")


def test_an_editor_goes_over_it_with_a_reason_that_is_kept(write, editor):
    post = write(text=BROKEN)
    publishing.publish(post, by=editor, override="  The page comes at noon. ", at=NOON)
    kept = GateOverride.objects.get()
    assert (kept.post, kept.by, kept.at, kept.version_number) == (post, editor, NOON, 1)
    assert kept.reason == "The page comes at noon."
    assert [finding["check"] for finding in kept.findings] == ["broken_link"]


def test_a_reason_is_kept_only_where_something_was_gone_over(write, editor):
    publishing.publish(write(), by=editor, override="Just in case.")
    assert not GateOverride.objects.exists()


def test_nobody_goes_over_it_without_a_reason_or_the_right(write, author, editor):
    post = write(text=BROKEN)
    with pytest.raises(gate.Blocked):
        publishing.publish(post, by=editor, override="   ")
    with pytest.raises(gate.Blocked):
        gate.let_through(post, by=author, at=NOON, reason="I want to.")
    with pytest.raises(gate.Blocked):
        gate.let_through(post, by=None, at=NOON, reason="The clock wants to.")
    assert not GateOverride.objects.exists()


def test_nobody_goes_over_what_is_essential(write, editor):
    post = write(text=BROKEN)
    post.content_markdown = " "
    with pytest.raises(gate.Blocked):
        gate.let_through(post, by=editor, at=NOON, reason="It is short.")
    assert not GateOverride.objects.exists()


def test_scheduling_asks_about_the_time_it_goes_live(write, editor):
    first, second = write("First"), write("Second", text="After [the first](/blog/first/).")
    publishing.schedule(first, by=editor, at=NOON + timedelta(hours=1), now=NOON)
    with pytest.raises(gate.Blocked):
        publishing.schedule(second, by=editor, at=NOON + timedelta(minutes=30), now=NOON)
    assert publishing.schedule(second, by=editor, at=NOON + timedelta(hours=2), now=NOON)


def test_a_scheduled_post_that_fails_at_its_time_is_held_and_its_editor_told(write, publish, editor):
    target = publish("Target")
    post = write(text="See [it](/blog/target/).")
    publishing.schedule(post, by=editor, at=NOON, now=NOON - timedelta(days=1))
    publishing.archive(target, by=editor)
    assert publishing.publish_due(NOON) == []
    post.refresh_from_db()
    assert (post.status, post.scheduled_at) == ("pending", None)
    told = Notification.objects.filter(recipient=editor).order_by("-pk").first()
    assert told is not None
    assert "/blog/target/" in told.text + post.status_changes.first().note


def test_changes_to_a_live_post_pass_it_too(publish, editor):
    post = publish("Live")
    post.content_markdown = BROKEN
    writing.save(post, by=editor)
    with pytest.raises(gate.Blocked):
        publishing.update(post, by=editor)
    assert publishing.update(post, by=editor, override="It comes tomorrow.")
    assert GateOverride.objects.get().version_number == 3


# --- severity --------------------------------------------------------------------------------------------------------
def test_severity_is_a_setting_and_holds_at_once(write, editor):
    post = write(text=BROKEN)
    set_severity("broken_link", Severity.WARNING)
    assert [each.severity for each in gate.findings(post, at=NOON) if each.check == "broken_link"] == ["warning"]
    set_severity("broken_link", Severity.OFF)
    assert "broken_link" not in {each.check for each in gate.findings(post, at=NOON)}
    set_severity("category", Severity.BLOCKING)
    with pytest.raises(gate.Blocked):
        publishing.publish(post, by=editor)


def test_essential_checks_stay_whatever_a_row_says(write):
    post = write()
    post.title = ""
    set_severity("title", Severity.OFF)
    assert gate.findings(post, at=NOON)[0].check == "title"


def test_only_administrators_choose_and_it_is_on_record(admin, editor):
    assert gate.choose_severity("category", Severity.BLOCKING, by=admin, at=NOON)
    assert not gate.choose_severity("category", Severity.BLOCKING, by=admin, at=NOON)
    entry = AuditEntry.objects.get(action="changed a publish check")
    assert (entry.actor, entry.changes) == (admin, {"Category": ["Warning", "Blocking"]})
    for person, name, severity in [
        (editor, "category", Severity.OFF),
        (admin, "title", Severity.OFF),
        (admin, "nothing", Severity.OFF),
        (admin, "category", "very"),
    ]:
        with pytest.raises(Refusal):
            gate.choose_severity(name, severity, by=person, at=NOON)
    assert gate.severities()["category"] == Severity.BLOCKING


def test_the_page_lists_every_check_and_saves_what_was_chosen(client_of, admin):
    client = client_of(admin)
    page = client.get(reverse(SETTINGS)).content.decode()
    assert all(check.label in page and check.why.split("’")[0] in page for check in gate.CHECKS.values())
    client.post(reverse(SETTINGS), {"category": "off"})
    assert gate.severities()["category"] == Severity.OFF


def test_editors_see_the_page_and_change_nothing_and_authors_do_not_see_it(client_of, editor, author):
    page = client_of(editor).get(reverse(SETTINGS))
    assert page.status_code == 200
    assert "<select" not in page.content.decode().split("<main")[-1]
    assert client_of(editor).post(reverse(SETTINGS), {"category": "off"}).status_code == 403
    assert client_of(author).get(reverse(SETTINGS)).status_code == 403
    assert not CheckSetting.objects.exists()


def test_a_made_up_severity_changes_nothing(client_of, admin):
    client_of(admin).post(reverse(SETTINGS), {"slug": "off", "category": "loud"})
    assert not CheckSetting.objects.exists()


# --- the form --------------------------------------------------------------------------------------------------------
def test_a_refused_publication_keeps_the_text_and_shows_the_reasons(client_of, editor, write):
    post = write(by=editor)
    client = client_of(editor)
    page = client.post(
        change_address(post), filled(post, content_markdown=BROKEN, _step="publish"), follow=True
    ).content.decode()
    post.refresh_from_db()
    assert (post.content_markdown, post.status) == (BROKEN, "draft")
    assert 'data-place="[there](/blog/nowhere/)"' in page
    assert "Publish anyway" in page
    assert 'name="override_reason"' in page


def test_publish_anyway_with_a_reason_goes_through_and_is_listed(client_of, editor, write):
    post = write(by=editor, text=BROKEN)
    client = client_of(editor)
    client.post(change_address(post), filled(post, _step="publish", override_reason="The page comes at noon."))
    post.refresh_from_db()
    assert post.is_public
    page = client.get(change_address(post)).content.decode()
    assert "Published over checks" in page
    assert "The page comes at noon." in page


def test_authors_are_not_offered_to_go_over_it(client_of, author, write):
    page = client_of(author).get(change_address(write(text=BROKEN))).content.decode()
    assert "/blog/nowhere/" in page
    assert "override_reason" not in page
    assert "checksetting" not in page


def test_nothing_in_the_panel_is_more_than_text(client_of, editor, write):
    post = write(by=editor, text='[<img src=x onerror=alert(1)>"\'](/blog/"><script>alert(2)</script>/)')
    page = client_of(editor).get(change_address(post)).content.decode()
    assert "<script>alert(2)" not in page
    panel = page.split('id="checks"')[1].split("</details>")[0]
    assert "<img" not in panel
