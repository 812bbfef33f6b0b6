"""What an editor expects from Markdown, and the shape it takes on the page."""

import dataclasses

import pytest

from core.markup import RENDER_VERSION, Rendered, plain_text, reading_time_minutes, render


def html(source, language="en"):
    return render(source, language=language).html


def test_a_text_gives_everything_in_one_pass():
    rendered = render("# Tides\n\nThe *moon* pulls.\n\n## Ebb\n\nAnd lets go.")
    assert rendered.toc == [
        {"level": 2, "id": "s-tides", "text": "Tides"},
        {"level": 3, "id": "s-ebb", "text": "Ebb"},
    ]
    assert rendered.text == "Tides\nThe moon pulls.\nEbb\nAnd lets go."
    assert rendered.excerpt == "The moon pulls. And lets go."
    assert rendered.word_count == 8
    assert "<h1" not in rendered.html and '<h2 id="s-tides">' in rendered.html
    assert RENDER_VERSION >= 1


def test_an_empty_text_is_empty():
    assert render("") == Rendered("", [], "", 0, "")


def test_levels_stay_when_the_text_leaves_the_first_to_the_page():
    assert [line["level"] for line in render("## A\n\n### B").toc] == [2, 3]


def test_headings_link_to_themselves_and_never_share_an_id():
    rendered = render("## Überblick\n\n## Überblick\n\n## 東京\n\n## ***\n\n## !?")
    assert [line["id"] for line in rendered.toc][:3] == ["s-überblick", "s-überblick-2", "s-東京"]
    assert '<a aria-label="Link to this section" class="anc" href="#s-überblick-2">§</a>' in rendered.html
    assert "§" not in rendered.text


def test_no_id_can_shadow_a_property_of_the_page():
    out = html('## Location\n\n<p id="location">x</p>\n\n## Two {#cookie}\n\n[go](#cookie)')
    assert 'id="location"' not in out and 'id="cookie"' not in out
    assert 'id="s-location"' in out and 'id="s-cookie"' in out and 'href="#s-cookie"' in out


def test_headings_read_in_the_contents_as_they_do_on_the_page():
    (line,) = render('## "Q&A" with `x < 1` and <b>bold</b> \\*star\\*').toc
    assert line["text"] == "“Q&A” with x < 1 and bold *star*"


def test_tables_scroll_in_their_own_box():
    out = html("| a | n |\n|---|--:|\n| x | 1 |\n\nTable: The *count*")
    assert '<div aria-label="The count" class="tw" role="region" tabindex="0"><table>' in out
    assert "<caption>The <em>count</em></caption>" in out
    assert '<th class="num" scope="col">n</th>' in out and '<td class="num">1</td>' in out
    assert "style" not in out and "align" not in out


def test_footnotes_become_notes_with_a_way_back():
    out = html("One[^b] two[^a] again[^b].\n\n[^a]: Second.\n[^b]: First.")
    assert '<a aria-label="Note 1" class="fnref" href="#s-note-1" id="s-ref-1">1</a>' in out
    assert '<section aria-label="Notes" class="notes" id="s-notes">' in out
    assert out.index("First.") < out.index("Second.")
    assert '<a href="#s-ref-1" aria-label="Back to the text" class="back">Back</a>' in out or 'href="#s-ref-1"' in out
    assert 'href="#s-ref-1-2"' in out and 'id="s-ref-1-2"' in out
    assert "<sup" not in out and "<hr" not in out


def test_a_footnote_nobody_refers_to_has_no_way_back():
    out = html("Text.\n\n[^lost]: Alone.")
    assert "Alone." in out and 'class="back"' not in out


def test_code_is_coloured_by_classes_and_may_have_a_title():
    out = html('```python title="tide.py"\nfrom a import b\n\ndef f(n=24):  # why\n    return "<x>"\n```')
    assert '<div class="code"><div class="cap"><span>tide.py</span></div>' in out
    assert '<span class="k">from</span> a <span class="k">import</span> b' in out
    assert '<span class="nu">24</span>' in out and '<span class="co"># why</span>' in out
    assert '<span class="st">"&lt;x&gt;"</span>' in out and '<span class="fn">f</span>' in out
    assert "style" not in out


def test_code_keeps_its_tabs_and_its_blank_lines():
    out = html("```make\nall:\n\techo 1\n\n\n\techo 2\n```")
    assert "\t" in out and "\n\n\n" in out


@pytest.mark.parametrize("info", ["", "nosuchlanguage", 'title="notes.txt"', "{.python}", "python {title='x'}"])
def test_every_way_to_open_code_is_code(info):
    out = html(f"```{info}\n*not* emphasis\n```\n\nAfter.")
    assert "<pre" in out and "<em>" not in out and "<p>After.</p>" in out


def test_code_may_stand_in_a_list_and_in_a_quotation():
    out = html("- item\n\n  ```\n  a\n    b\n  ```\n- next\n\n> quote\n> ```\n> c\n> ```")
    assert out.count('<div class="code">') == 2
    assert "a\n  b\n</code>" in out and "c\n</code>" in out
    assert out.index("next") < out.index("</ul>") < out.index("<blockquote>")


def test_a_fence_that_is_never_closed_runs_to_the_end():
    assert "*x*" in html("Text\n\n```\n*x*") and "wzxhzdk" not in html("Text\n\n```\n*x*")


def test_a_fence_inside_indented_code_is_only_shown():
    out = html("Write:\n\n    ```js\n    x\n    ```\n\n*After*")
    assert "```js\nx\n```\n</code>" in out and "<em>After</em>" in out


def test_indented_code_is_code_too():
    assert '<div class="code"><pre aria-label="Code" role="region" tabindex="0"><code>x &lt; 1\n</code>' in html(
        "a\n\n    x < 1"
    )


def test_lists_are_read_as_people_type_them():
    out = html("Text:\n- one\n  - deep\n    1. deeper\n- two\n\n1) first\n2) second")
    assert out.count("<ul>") == 2 and out.count("<ol>") == 2
    assert "<p>Text:</p>" in out and "<li>two</li>" in out and "<li>second</li>" in out


def test_a_year_at_the_start_of_a_line_is_no_list():
    out = html("It happened in\n1911. Nobody saw it.")
    assert "<ol" not in out and "1911. Nobody" in out


def test_a_paragraph_after_a_list_is_outside_and_an_indented_one_inside():
    out = html("- one\n\n  more of one\n- two\n\nOutside.")
    assert "<p>more of one</p>\n</li>" in out and out.endswith("<p>Outside.</p>\n") or out.endswith("<p>Outside.</p>")


def test_a_list_may_follow_words_in_a_quotation():
    out = html("> Take:\n> - bread\n>   - rye\n>\n> Then go.\n\nEnd")
    assert out.count("<ul>") == 2 and "<p>Then go.</p>\n</blockquote>" in out and "<p>End</p>" in out


def test_a_backslash_breaks_the_line():
    assert "one<br>\ntwo" in html("one\\\ntwo")


def test_numbers_of_a_list_are_kept():
    assert '<ol start="4">' in html("4. four\n5. five")


def test_tasks_show_whether_they_are_done():
    out = html("- [ ] open\n- [x] *done*")
    assert '<li class="task"><span aria-label="Not done" class="box" role="img">☐</span> open</li>' in out
    assert '<li class="task done">' in out and "☑" in out and "<em>done</em>" in out
    assert "<input" not in out


def test_admonitions_in_both_spellings():
    assert '<div class="admonition warning">' in html('!!! warning "Mind"\n    The step.')
    out = html("> [!NOTE]\n> Listen.")
    assert '<div class="admonition note" role="note">' in out and "Listen." in out and "[!NOTE]" not in out


def test_definitions_and_abbreviations():
    out = html("Apple\n: A fruit\n\nThe HTML.\n\n*[HTML]: Hypertext")
    assert "<dt>Apple</dt>" in out and "<dd>A fruit</dd>" in out
    assert '<abbr title="Hypertext">HTML</abbr>' in out


def test_struck_and_marked_words():
    out = html("~~gone~~ and ==new== but a == b and `~~x~~`")
    assert "<del>gone</del>" in out and "<mark>new</mark>" in out
    assert "a == b" in out and "<code>~~x~~</code>" in out


def test_a_picture_with_a_title_has_a_caption():
    out = html('![A boat](/m/b.jpg "Print: Ada"){width=600 height=400}')
    assert out.startswith("<figure><img") and "<figcaption>Print: Ada</figcaption></figure>" in out
    for part in ('alt="A boat"', 'width="600"', 'height="400"', 'loading="lazy"', 'decoding="async"'):
        assert part in out


def test_pictures_in_one_paragraph_stand_side_by_side():
    out = html('![a](/a.png "One")\n[![b](/b.png)](/big)')
    assert '<div class="gallery">\n<figure><img alt="a"' in out and out.count("<figure>") == 2
    assert "<figcaption>One</figcaption>" in out and '<figure><a href="/big"><img' in out


def test_a_picture_within_text_is_no_figure():
    assert "<figure" not in html('Look: ![x](/x.png "t") here') and "<figure" not in html("![x](/x.png)")


def test_bare_addresses_become_links():
    out = html("See https://example.org/a_(b)?x=1&y=_2, or (https://example.org).")
    assert 'href="https://example.org/a_(b)?x=1&amp;y=_2"' in out
    assert '<a href="https://example.org" rel="noopener">https://example.org</a>).' in out
    assert html("`https://example.org`").count("<a ") == 0
    assert html("[https://a.example](https://b.example)").count("<a ") == 1


def test_only_links_to_other_hosts_are_noopener():
    assert "rel" not in html("[in](/about/)") and 'rel="noopener"' in html("[out](https://example.org/)")


@pytest.mark.parametrize(
    ("url", "host", "video"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1", "youtube", "dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ"),
        ("https://vimeo.com/76979871", "vimeo", "76979871"),
        ("https://www.dailymotion.com/video/x8abcde", "dailymotion", "x8abcde"),
    ],
)
def test_a_video_alone_on_its_line_waits_for_a_click(url, host, video):
    out = html(f"Before\n\n{url}\n\nAfter")
    assert f'<figure class="embed" data-embed="{host}" data-id="{video}"><a href="https://' in out
    assert "Play on" in out and "<iframe" not in out and "<img" not in out and "src=" not in out
    assert "<figure" not in html(f"See {url} there") and "<figure" not in html(f"[words]({url})")


def test_a_quotation_may_be_pulled_out():
    assert '<blockquote class="pull">\n<p>Never late.</p>' in html("> Never late.\n> {.pull}")
    assert html("> one\n\n> two").count("<blockquote>") == 2


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "“He said ‘yes’ – it’s”…"),
        ("de", "„He said ‚yes‘ – it’s“…"),
        ("fr", "«\u202fHe said “yes” – it’s\u202f»…"),
        ("es", "«He said “yes” – it’s»…"),
        ("pl", "„He said ‚yes’ – it’s”…"),
        ("pt-BR", "“He said ‘yes’ – it’s”…"),
        ("xx", "“He said ‘yes’ – it’s”…"),
    ],
)
def test_quotes_follow_the_language(language, expected):
    assert expected in html("\"He said 'yes' -- it's\"...", language)


def test_quotes_open_and_close_around_other_marks():
    out = html('"*word*" (\'90s) "`a"b`" \\"plain\\" and [x](/a "t")')
    assert "“<em>word</em>”" in out and "(’90s)" in out and '<code>a"b</code>' in out and '"plain"' in out


def test_the_added_words_follow_the_language_too():
    out = html("A[^1]\n\n[^1]: n", "de-AT")
    assert "<h2>Anmerkungen</h2>" in out and 'aria-label="Anmerkung 1"' in out


def test_known_html_passes_and_unknown_does_not():
    out = html(
        '<details open><summary>More</summary>Text <kbd>K</kbd></details>\n\nH<sub>2</sub>O <blink class="x">b</blink>'
    )
    assert '<details open=""><summary>More</summary>' in out and "<kbd>K</kbd>" in out and "H<sub>2</sub>O" in out
    assert "blink" not in out and 'class="x"' not in out


def test_markdown_inside_html_when_asked():
    assert "<em>x</em>" in html('<details markdown="1"><summary>S</summary>\n\n*x*\n\n</details>')


def test_the_same_text_gives_the_same_page_whatever_came_before():
    source = "A[^1] *x*\n\n[^1]: n\n\n*[x]: y\n\n## H"
    first = dataclasses.asdict(render(source))
    render("## H\n\n[^1]: other\n\n[ref]: /x\n\n*[H]: z")
    assert dataclasses.asdict(render(source)) == first


def test_windows_line_ends_and_odd_characters_do_no_harm():
    assert render("# A\r\n\r\n- b\r\n- c\x00\x02klzzwxh:0000\x03\ud800").html.count("<li>") == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [("don't stop well-known 3.5 e-mail", 5), ("東京タワー", 5), ("東京 tower", 3), ("한국어 단어", 2), ("été — !", 1)],
)
def test_words_are_counted_in_many_scripts(text, words):
    assert render(text).word_count == words


def test_reading_takes_at_least_a_minute():
    assert [reading_time_minutes(n) for n in (0, 1, 240, 241, 2400)] == [1, 1, 1, 2, 10]


def test_the_excerpt_ends_at_a_word():
    excerpt = render("## Head\n\n```\ncode\n```\n\n- list\n\n" + "word " * 100).excerpt
    assert len(excerpt) <= 300 and excerpt.endswith("word…") and excerpt.startswith("word")
    assert len(render("x" * 1000).excerpt) <= 300


def test_plain_text_leaves_tags_and_marks_out():
    assert (
        plain_text('<h2>A <a class="anc" href="#a">§</a></h2><p>b &amp; <b>c</b></p><script>x</script>') == "A\nb & c"
    )
