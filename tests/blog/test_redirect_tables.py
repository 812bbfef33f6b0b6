"""Redirects and rules as a file: out without formulas, in after a trial that names every line."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from blog import redirect_tables, redirects
from blog.models import Redirect, RedirectRule
from core.refusals import Refusal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PAGE = "/admin/blog/redirect/import/"
HEAD = "Kind,Old address,New address,Type\n"


def verdicts(plan) -> list[tuple[int, str]]:
    return [(line.number, line.verdict) for line in plan.lines]


def test_a_trial_names_every_line_and_changes_nothing(publish):
    post = publish("Tides")
    Redirect.objects.create(old_path="/same/", post=post)
    Redirect.objects.create(old_path="/other/", new_path="/x/")
    content = (
        f"{HEAD}exact,/new/,{post.get_absolute_url()},301\nexact,/same,{post.get_absolute_url()},\nexact,/other/,/blog/,302\n"
        "exact,/gone/,,410\nrule,/shop/(.*),/blog/,\nexact,/a/,/b/,\nexact,/b/,/a/,\nexact,evil,//x.org,\nexact,/e/,//x.org,\n"
        "exact,/new/,/blog/,\nexact,/t/,/x/,999\nrule,/(a)\\1,/x/,\nfoo,/f/,/x/,\n\nexact,/admin/x/,/y/,\nexact,/void/,/nothing/,\n"
    )
    plan = redirect_tables.plan(content.encode(), at=NOON)
    assert verdicts(plan) == [
        *((2, "create"), (3, "skip"), (4, "update"), (5, "create"), (6, "create"), (7, "error"), (8, "error")),
        *((9, "error"), (10, "error"), (11, "error"), (12, "error"), (13, "error"), (14, "error"), (16, "error")),
        (17, "create"),
    ]
    said = {line.number: line.sentence for line in plan.lines}
    assert "in circles: /a/ → /b/ → /a/" in said[7] and said[11] == "Line 2 is about the same address."
    assert "refers back" in said[13] and said[4] == "It leads to /x/ now."
    assert [finding.kind for finding in plan.lines[-1].findings] == ["dead"]
    assert Redirect.objects.count() == 2 and not RedirectRule.objects.exists()


def test_what_was_tried_is_taken_over_in_one_go(client_of, editor, publish):
    post = publish("Tides")
    held = Redirect.objects.create(old_path="/other/", new_path="/x/", hits=9)
    content = f"{HEAD}exact,/new/,{post.get_absolute_url()},301\nexact,/other/,/blog/,302\n"
    content += "rule,/shop/(.*),/blog/,\nexact,x,/y/,\n"
    client = client_of(editor)
    page = client.post(PAGE, {"file": SimpleUploadedFile("r.csv", content.encode())})
    assert "Take over 3 lines" in page.content.decode() and Redirect.objects.count() == 1
    response = client.post(PAGE, {"content": page.context["content"], "take_over": "1"}, follow=True)
    assert "2 made, 1 changed, 0 stood there already." in response.content.decode()
    assert "1 left out, the first of them line 5" in response.content.decode()
    held.refresh_from_db()
    assert (held.new_path, held.type, held.hits) == ("/blog/", 302, 9)
    assert Redirect.objects.get(old_path="/new/").post == post
    assert RedirectRule.objects.get().origin == "import"
    assert AuditEntry.objects.get(action="imported redirects").note.startswith("2 made, 1 changed")


def test_taking_over_leaves_circles_out_and_judges_nothing_else(editor, monkeypatch):
    for name in ("judge_redirect", "judge_rule", "own_targets"):
        monkeypatch.setattr(redirect_tables.redirect_linter, name, None)
    content = f"{HEAD}exact,/a/,/b/,\nexact,/b/,/a/,\nrule,/c/(.*),/c/x/{{1}},\nexact,/d/,/blog/,\n"
    plan = redirect_tables.take_over(content.encode(), by=editor, at=NOON)
    assert verdicts(plan) == [(2, "error"), (3, "error"), (4, "error"), (5, "create")]
    assert Redirect.objects.get().old_path == "/d/" and not RedirectRule.objects.exists()


def test_a_chain_becomes_straight_ways_however_its_lines_are_ordered(editor, publish):
    """Also one of the file and of what was there, and longer than any browser follows."""
    post = publish("Tides")
    before = Redirect.objects.create(old_path="/before/", new_path="/0/")
    Redirect.objects.create(old_path="/14/", post=post)
    numbers = [*range(0, 14, 3), *range(1, 14, 3), *range(2, 14, 3)]
    content = HEAD + "".join(f"exact,/{n}/,/{n + 1},301\n" for n in numbers[1:])
    content += "exact,/0/,/1/,301\n"
    plan = redirect_tables.plan(content.encode(), at=NOON)
    assert {line.verdict for line in plan.lines} == {"create"}
    assert not [finding for line in plan.lines for finding in line.findings]
    target = post.get_absolute_url()
    assert plan.lines[-1].sentence == f"/1/ only leads on to {target}, so it leads there at once."
    before.refresh_from_db()
    assert before.new_path == "/0/" and Redirect.objects.count() == 2
    redirect_tables.take_over(content.encode(), by=editor, at=NOON)
    assert {row.target for row in Redirect.objects.all()} == {target}
    assert Redirect.objects.filter(post=post).count() == 16
    assert {line.verdict for line in redirect_tables.plan(content.encode(), at=NOON).lines} == {"skip"}


def test_what_leads_on_for_now_or_never_is_no_detour(editor, publish):
    live = publish("Tides").get_absolute_url()
    Redirect.objects.create(old_path=live, new_path="/never/")
    Redirect.objects.create(old_path="/to-page/", new_path=live)
    content = f"{HEAD}exact,/a/,/now/,\nexact,/now/,/blog/,302\nexact,/b/,{live}?x=1,\n"
    content += "exact,/c/,/gone/,\nexact,/gone/,,410\n"
    redirect_tables.take_over(content.encode(), by=editor, at=NOON)
    said = dict(Redirect.objects.filter(new_path__gt="").values_list("old_path", "new_path"))
    ways = [(live, "/never/"), ("/to-page/", live), ("/a/", "/now/"), ("/now/", "/blog/"), ("/c/", "/gone/")]
    assert said == dict([*ways, ("/b/", f"{live}?x=1")])


def test_a_trial_names_chains_and_what_is_wrong_with_rules(publish):
    live = publish("Tides").get_absolute_url()
    content = (
        f"{HEAD}exact,/a/,/now/,\nexact,/now/,{live},302\nrule,/blog/(.*),https://x.org/{{1}},\n"
        f"rule,/blog/t.*,{live},\nrule,/x(a+)+,{live},\nrule,/y/(.*),/now/,\nexact,/fine/,{live},\n"
    )
    plan = redirect_tables.plan(content.encode(), at=NOON)
    found = [(line.old, sorted(finding.kind for finding in line.findings)) for line in plan.lines]
    assert found == [
        *(("/a/", ["chain"]), ("/now/", []), ("/blog/(.*)", ["live"]), ("/blog/t.*", ["live", "shadowed"])),
        *(("/x(a+)+", ["catastrophic"]), ("/y/(.*)", ["chain"]), ("/fine/", [])),
    ]


def test_what_is_left_out_of_a_file_opens_no_circle(editor):
    """The redirect /x/ is left out, so the rule behind it answers, and what it leads to led back."""
    Redirect.objects.create(old_path="/w/", new_path="/x/")
    content = f"{HEAD}exact,/x/,/w/,\nrule,/x,/w/,\nexact,/fine/,/blog/,\n"
    for judged in (redirect_tables.plan(content.encode(), at=NOON), None):
        plan = judged or redirect_tables.take_over(content.encode(), by=editor, at=NOON)
        assert verdicts(plan) == [(2, "error"), (3, "error"), (4, "create")]
    assert not RedirectRule.objects.exists() and redirects.find("/x/") is None


def test_an_address_is_not_followed_anew_for_each_line_that_leads_to_it(db, monkeypatch):
    chosen = Counter()
    choose = redirects.choose
    monkeypatch.setattr(redirects, "choose", lambda path, *more: (chosen.update([path]), choose(path, *more))[1])
    lines = "".join(f"exact,/{number}/,/{number + 1}/,\n" for number in range(8))
    redirect_tables.plan((HEAD + lines).encode(), at=NOON)
    assert set(chosen) == {f"/{number}/" for number in range(9)}
    assert max(chosen.values()) <= 2, "once to lead straight on, once to look for circles"


def test_what_goes_out_comes_in_as_it_was(client_of, editor, publish):
    post = publish("Tides")
    Redirect.objects.create(old_path="/to-post/", post=post, type=308)
    Redirect.objects.create(old_path="/gone/", type=410)
    RedirectRule.objects.create(
        pattern='/a,"b"/(.*)', target="/x/{1}", query="keep", priority=-5, is_active=False, note="=1+1"
    )
    client = client_of(editor)
    for name in ("redirect", "redirectrule"):
        content = b"".join(client.get(f"/admin/blog/{name}/csv/").streaming_content)
        assert b",=1" not in content
        plan = redirect_tables.plan(content, at=NOON)
        assert {line.verdict for line in plan.lines} == {"skip"}, [line.sentence for line in plan.lines]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "first line names"),
        (b"a,b\n1,2\n", "first line names"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"Old address,New address\n" + b"/a/,/b/\n" * 20_001, "more than 20,000"),
        (b"x" * 5_000_001, "larger than 5 MB"),
        (b'Old address,New address\n"' + b"x" * 200_000 + b'"\n', "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(db, content, said):
    with pytest.raises(Refusal, match=said):
        redirect_tables.plan(content, at=NOON)


def test_other_programs_headings_and_dividers_are_understood(db):
    plan = redirect_tables.plan(b"Source;Target;Code\r\n/a/;/b/;302\r\n", at=NOON)
    assert verdicts(plan) == [(2, "create")] and plan.lines[0].row.type == 302


@pytest.mark.parametrize("content", ["", "!!!", "QUJD", "A" * 100])
def test_a_file_that_did_not_come_along_is_asked_for_again(client_of, editor, content):
    page = client_of(editor).post(PAGE, {"content": content, "take_over": "1"})
    assert page.status_code == 200 and 'class="errornote"' in page.content.decode()
    assert not Redirect.objects.exists()


def test_a_large_file_asks_few_questions(db, django_assert_max_num_queries):
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(["Old address", "New address"])
    for number in range(600):
        write([f"/old-{number}/", f"/blog/post-{number}/"])
    with django_assert_max_num_queries(12):
        plan = redirect_tables.plan(out.getvalue().encode(), at=NOON)
    assert len(plan.work) == 600
