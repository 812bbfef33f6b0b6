# ruff: noqa: E501, F401, F811  (copied HTML is as long as it is; fixtures are shared by name)
"""What is pasted and dropped: clean Markdown, pictures in the library, refusals in words, and nothing that runs."""

import io

import pytest
from PIL import Image

from media_assets.models import MediaAsset
from tests.browser.test_writing import FIELD, desk, expect, preview, text_of, write
from tests.conftest import PASSWORD
from tests.core.corpora import rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = f"""
([html, plain]) => {{
  const data = new DataTransfer();
  if (html) data.setData('text/html', html);
  data.setData('text/plain', plain);
  const event = new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }});
  document.querySelector('{FIELD}').dispatchEvent(event);
  return event.defaultPrevented;
}}
"""
DROP = f"""
([name, type, bytes]) => {{
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, {{ type }}));
  const field = document.querySelector('{FIELD}');
  const event = new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }});
  field.dispatchEvent(event);
  return event.defaultPrevented;
}}
"""


def paste(page, html, plain="plain"):
    return page.evaluate(PASTE, [html, plain])


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0}</style>
<!--[if gte mso 9]><xml><o:x/></xml><![endif]--></head><body lang=EN-GB><!--StartFragment-->
<h1>Two clocks<o:p></o:p></h1>
<p class=MsoNormal>The <b>harbour</b> and the <i>town</i>&nbsp;kept <span style='mso-bidi-font-weight:normal'>time</span>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;</span></span></span><![endif]>One<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>o<span>&nbsp;</span></span><![endif]>Inner<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span><![endif]>First<o:p></o:p></p>
<table class=MsoTableGrid><tr><td><p class=MsoNormal><b>Tide</b></p></td><td><p class=MsoNormal>Hour</p></td></tr>
<tr><td><p class=MsoNormal>High</p></td><td><p class=MsoNormal>9|55</p></td></tr></table>
<!--EndFragment--></body></html>"""

WORD_NOTES = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class=MsoNormal>H<sub>2</sub>O at noon<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span
class=MsoFootnoteReference><span style='mso-special-character:footnote'><![if !supportFootnotes]><span class=MsoFootnoteReference><span
style='font-size:11pt'>[1]</span></span><![endif]></span></span></a> and at one<a style='mso-footnote-id:ftn2' href="#_ftn2"
name="_ftnref2" title=""><span class=MsoFootnoteReference>[2]</span></a>, 10<sup>2</sup> times.<o:p></o:p></p>
<div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all><hr align=left size=1 width="33%"><![endif]>
<div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href="#_ftnref1" name="_ftn1"
title=""><span class=MsoFootnoteReference>[1]</span></a> The <i>first</i> note.<o:p></o:p></p></div>
<div style='mso-element:footnote' id=ftn2><p class=MsoFootnoteText><a href="#_ftnref2" name="_ftn2"><span>[2]</span></a> The second
note.</p><p class=MsoFootnoteText>In two paragraphs.</p></div></div><!--EndFragment--></body></html>"""

GOOGLE = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h2 dir="ltr"><span
style="font-size:16pt;font-weight:400">A heading</span></h2><p dir="ltr"><span style="font-weight:400;">Plain, </span><span
style="font-weight:700;">bold</span><span style="font-weight:400;font-style:italic;"> and italic</span><span style="font-weight:400"> and
</span><a href="https://www.google.com/url?q=https://example.org/a_b&amp;sa=D"><span style="text-decoration:underline">a link</span></a>.</p>
<ul><li dir="ltr" style="font-weight:400"><p role="presentation"><span>One</span></p></li><ul><li><p><span>Inner</span></p></li></ul><li><p><span>Two</span></p></li></ul>
<br></b>"""

PAGE = """<html><body><!--StartFragment--><article><h1>Title</h1><h3>Part</h3>
<p style="font-weight: 400; color: rgb(0,0,0)">Words with <code>code()</code>, a <a href="/relative">relative</a> and an
<a href="https://example.org/x(1)">outer link</a>.<br>A second line.</p>
<pre><code class="language-python">def f():
    return "*"</code></pre><blockquote><p>Quoted.</p><p>Twice.</p></blockquote>
<ol start="3"><li>Three</li><li>Four<ul><li>Deep</li></ul></li></ol>
<figure><img src="https://example.org/a.png" alt="A clock"><figcaption>The clock.</figcaption></figure>
<img src="https://example.org/pixel.gif" width="1" height="1"><hr>
<table><caption>Hours</caption><thead><tr><th>Day</th><th style="text-align: right">Hour</th></tr></thead><tbody><tr><td>Mon</td><td>9</td></tr></tbody></table>
<p>Not *emphasis*, not [a link], 1 &lt; 2 &lt;b&gt; and</p><p>1. not a list</p><button>Share</button><script>alert(1)</script></article></body></html>"""


def test_word_becomes_markdown(desk):
    page = desk()
    assert paste(page, WORD)
    assert text_of(page) == (
        "## Two clocks\n\nThe **harbour** and the *town* kept time.\n\n- One\n    - Inner\n1. First\n\n"
        "| **Tide** | Hour |\n| --- | --- |\n| High | 9\\|55 |"
    )
    page.focus(FIELD)
    page.keyboard.press("Control+z")
    assert text_of(page) == ""


def test_google_docs_becomes_markdown(desk):
    page = desk()
    assert paste(page, GOOGLE)
    assert text_of(page) == (
        "## A heading\n\nPlain, **bold** *and italic* and [a link](https://example.org/a_b).\n\n- One\n    - Inner\n- Two"
    )


def test_a_web_page_becomes_markdown(desk):
    page = desk()
    assert paste(page, PAGE)
    assert text_of(page) == (
        "## Title\n\n#### Part\n\n"
        "Words with `code()`, a relative and an [outer link](https://example.org/x%281%29).\\\nA second line.\n\n"
        '```python\ndef f():\n    return "*"\n```\n\n> Quoted.\n>\n> Twice.\n\n3. Three\n4. Four\n    - Deep\n\n'
        '![A clock](https://example.org/a.png "The clock.")\n\n---\n\n'
        "Table: Hours\n\n| Day | Hour |\n| --- | ---: |\n| Mon | 9 |\n\n"
        "Not \\*emphasis\\*, not \\[a link\\], 1 < 2 \\<b> and\n\n1\\. not a list"
    )
    assert "shown from the site" in page.locator(".lp-heard").inner_text()
    assert "One link led nowhere outside the page" in page.locator(".lp-heard").inner_text()
    # What was text is text again.
    expect(preview(page).locator("p", has_text="Not *emphasis*, not [a link], 1 < 2 <b> and")).to_have_count(1)
    expect(preview(page).locator("ol > li > ul > li")).to_have_text("Deep")


def test_plain_stays_plain(desk):
    page = desk()
    assert not paste(page, "", "# just text")
    write(page, "```\n\n```", (4, 4))
    assert not paste(page, "<b>bold</b>", "bold")
    page.evaluate(
        f"document.querySelector('{FIELD}').dispatchEvent(new KeyboardEvent('keydown', {{key: 'V', ctrlKey: true, shiftKey: true, bubbles: true}}))"
    )
    write_before = text_of(page)
    assert not paste(page, "<b>bold</b>", "bold")
    assert text_of(page) == write_before


def test_words_in_a_line_stay_in_the_line(desk):
    page = desk()
    write(page, "See  there", (4, 4))
    paste(page, "<html><body><!--StartFragment--><b>this</b><!--EndFragment--></body></html>", "this")
    assert text_of(page) == "See **this** there"


def test_an_address_over_words_is_a_link(desk):
    page = desk()
    write(page, "See the clock", (8, 13))
    assert paste(page, "", "https://example.org/clock")
    assert text_of(page) == "See the [clock](https://example.org/clock)"
    write(page, "See ", (4, 4))
    assert not paste(page, "", "https://example.org/clock")


def test_nothing_of_the_corpus_runs_when_it_is_pasted(desk):
    page = desk()
    page.evaluate(
        "() => { window.ran = []; for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = (...all) => window.ran.push([name, ...all]); }"
    )
    asked = []
    page.on("request", lambda request: asked.append((request.url, request.resource_type)))
    page.on("dialog", lambda dialog: (asked.append((dialog.message, dialog.type)), dialog.accept()))
    hostile = rows("xss")
    written = page.evaluate(
        """async (all) => {
          const { toMarkdown } = await import(new URL('html_to_markdown.js', document.querySelector('script[src*="editor"]').src));
          return all.map((html) => toMarkdown(html).text);
        }""",
        hostile,
    )
    assert len(written) == len(hostile) > 1000
    for text in written:
        assert (
            "](javascript:" not in text.lower() and "](data:" not in text.lower() and "](vbscript:" not in text.lower()
        )
    for start in range(0, len(hostile), 400):
        write(page, "")
        with page.expect_response("**/preview/") as answered:
            for html in hostile[start : start + 400]:
                paste(page, html)
        assert answered.value.status in (200, 422)
        page.wait_for_timeout(500)
    assert page.evaluate("window.ran") == []
    own = page.evaluate("location.origin")
    # Pictures and sounds of other sites may be shown, as on the page; nothing else of them is asked for.
    assert [
        kind
        for url, kind in asked
        if not url.startswith((own, "data:")) and kind not in ("image", "media", "beforeunload")
    ] == []
    assert page.url.endswith("/add/")


def picture_bytes():
    kept = io.BytesIO()
    Image.new("RGB", (12, 8), "navy").save(kept, "PNG")
    return list(kept.getvalue())


def test_a_dropped_picture_goes_to_the_library_and_into_the_text(desk):
    page = desk()
    write(page, "Before.\n\nAfter.", (9, 9))
    assert page.evaluate(DROP, ["noon gun.png", "image/png", picture_bytes()])
    page.get_by_role("heading", name="What does it show?").wait_for()
    kept = MediaAsset.objects.get()
    assert text_of(page) == f"Before.\n\n![]({kept.url})\n\nAfter."
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Describe it").wait_for()
    page.focus(FIELD)
    page.keyboard.press("Control+z")
    assert text_of(page) == "Before.\n\nAfter."


def test_fifty_megabytes_are_refused_before_they_are_sent(desk):
    page = desk()
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "/upload/" in request.url else None)
    write(page, "My words.")
    assert page.evaluate(DROP, ["huge.png", "image/png", 50 * 1024 * 1024])
    said = page.get_by_role("alert").inner_text()
    assert "“huge.png” is 50 MB" in said and "20 MB" in said
    assert text_of(page) == "My words." and page.url.endswith("/add/")
    assert sent == [] and not MediaAsset.objects.exists()


def test_what_the_library_does_not_keep_is_refused_in_words(desk):
    page = desk()
    write(page, "My words.")
    assert page.evaluate(DROP, ["fake.png", "image/png", [60, 98, 62]])
    page.get_by_role("alert").filter(has_text="“fake.png” was not kept.").wait_for()
    assert text_of(page) == "My words." and not MediaAsset.objects.exists()


def test_a_name_of_another_direction_does_not_turn_the_sentence_round(desk):
    page = desk()
    for name in ("صورة الميناء.png", "harbour\u202egnp.exe"):
        assert page.evaluate(DROP, [name, "image/png", [60, 98, 62]])
    said = page.get_by_role("alert").filter(has_text="was not kept.")
    expect(said).to_have_count(2)
    assert said.first.locator("span").evaluate("each => getComputedStyle(each).direction") == "ltr"
    expect(said.first.locator("bdi")).to_have_text("صورة الميناء.png")
    assert said.first.locator("bdi").evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert said.first.inner_text().startswith("“صورة الميناء.png” was not kept.")
    # What would turn letters round is no part of a name that is shown.
    expect(said.last.locator("bdi")).to_have_text("harbourgnp.exe")
    assert "\u202e" not in said.last.inner_text()


def test_a_pasted_data_picture_is_uploaded(desk):
    import base64

    page = desk()
    source = "data:image/png;base64," + base64.b64encode(bytes(picture_bytes())).decode()
    paste(page, f'<p>A clock:</p><img alt="clock" src="{source}">')
    page.get_by_role("heading", name="What does it show?").wait_for()
    assert text_of(page) == f"A clock:\n\n![]({MediaAsset.objects.get().url})\n\n"


def test_word_footnotes_become_notes_with_names_of_their_own(desk):
    page = desk()
    write(page, "Before.[^1]\n\n[^1]: Mine.", (0, 0))
    assert paste(page, WORD_NOTES)
    assert text_of(page).startswith(
        "H<sub>2</sub>O at noon[^2] and at one[^3], 10<sup>2</sup> times.\n\n"
        "[^2]: The *first* note.\n\n[^3]: The second note.\n\n    In two paragraphs."
    )
    expect(preview(page).locator(".notes li")).to_have_count(3)
    expect(preview(page).locator("sub")).to_have_text("2")


def test_a_mark_without_its_note_stays_words(desk):
    page = desk()
    assert paste(page, '<p>At <b>noon</b><a href="#_ftn1" name="_ftnref1"><sup>[1]</sup></a>.</p>')
    assert text_of(page) == "At **noon**<sup>\\[1\\]</sup>."


def test_what_cannot_come_with_a_page_is_said(desk):
    page = desk()
    html = (
        '<p>A <a href="/b">relative</a>, a <a href="#c">fragment</a> and <a href="https://example.org/">another</a>.</p>'
        '<iframe src="https://example.org/film" width="560"></iframe><video src="/a.mp4"></video>'
        '<iframe src="https://example.org/counts" width="1" height="1"></iframe>'
    )
    assert paste(page, html)
    assert text_of(page) == "A relative, a fragment and [another](https://example.org/)."
    said = page.locator(".lp-heard").inner_text()
    assert "2 links led nowhere outside" in said and "2 films, sounds or frames did not come" in said
    page = desk()
    assert paste(page, '<p>Only <b>words</b> and <a href="https://example.org/">a link</a>.</p>')
    assert page.locator(".lp-heard").inner_text() == ""


def test_a_picture_dropped_after_the_session_ended_asks_for_the_password(desk):
    page = desk()
    write(page, "My words.")
    page.locator(".lp-kept", has_text="Kept ").wait_for()
    page.context.clear_cookies()
    assert page.evaluate(DROP, ["noon gun.png", "image/png", picture_bytes()])
    page.get_by_role("dialog", name="Sign in again").wait_for()
    assert "Your session has ended: sign in again" in page.locator(".lp-heard").inner_text()
    assert "did not answer" not in page.locator(".lp-heard").inner_text()
    assert text_of(page) == "My words."


def test_the_preview_says_that_the_session_ended_and_goes_on_after_it(desk):
    page = desk()
    write(page, "My words.")
    page.context.clear_cookies()
    page.focus(FIELD)
    page.keyboard.type(" More.")
    page.locator(".lp-wrong", has_text="Your session has ended").wait_for()
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.wait_for()
    assert text_of(page) == "My words. More."
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.wait_for(state="hidden")
    page.locator(".lp-wrong").wait_for(state="hidden")
    expect(preview(page)).to_contain_text("More.")
