"""Pictures in a text come in every size there is of them; what is not known is shown as it is."""

import pytest

from core.markup import Picture, render, sanitise

AT = "/media/2026/11/0123456789abcdef01234567.jpg"
SIZES = Picture(
    src="/media/k/0-w960.jpg",
    width=2560,
    height=1920,
    srcset="/media/k/0-w320.jpg 320w, /media/k/0-w960.jpg 960w",
    sources=(("image/avif", "/media/k/0-w320.avif 320w"), ("image/webp", "/media/k/0-w320.webp 320w")),
    tint="tint-123",
)


def html_of(source: str) -> str:
    return render(source, pictures={AT: SIZES}).html


def test_a_picture_offers_its_formats_sizes_and_dimensions():
    html = html_of(f"![The harbour]({AT})")
    assert '<source type="image/avif" srcset="/media/k/0-w320.avif 320w" sizes="auto, ' in html
    assert html.index("image/avif") < html.index("image/webp") < html.index("<img")
    for said in ('alt="The harbour"', 'width="2560"', 'height="1920"', 'loading="lazy"', 'class="tint-123"'):
        assert said in html
    assert AT not in html


def test_a_picture_of_nobody_s_library_stays_as_it_is():
    html = html_of("![x](https://elsewhere.org/x.jpg)")
    assert "<picture" not in html
    assert 'src="https://elsewhere.org/x.jpg"' in html


def test_pictures_in_html_figures_links_and_galleries_have_sizes_too():
    html = html_of(
        f'<img src="{AT}" alt="a > b">\n\n[![x]({AT})](/about/)\n\n![y]({AT} "A caption")\n\n![z]({AT}) ![q]({AT})'
    )
    assert html.count("<picture>") == 5
    assert 'alt="a &gt; b"' in html
    assert "<figcaption>A caption</figcaption>" in html


def test_code_that_shows_a_picture_shows_its_code():
    html = html_of(f'    <img src="{AT}">\n\n`![x]({AT})`')
    assert "<picture" not in html
    assert AT in html


def test_a_wide_picture_says_so():
    assert "14vw" in html_of(f'![x]({AT} "c"){{.wide}}')
    assert "14vw" not in html_of(f'![x]({AT} "c")')


def test_dimensions_somebody_wrote_are_kept():
    assert 'width="300"' in html_of(f'<img src="{AT}" width="300" alt="x">')


def test_an_odd_text_has_sizes_as_well():
    assert "<picture>" in html_of(f"![x]({AT})\n\n" + "[" * 700)


def test_sanitising_twice_changes_nothing_more():
    once = html_of(f'![x]({AT} "c"){{.wide}}')
    assert sanitise(once) == once


@pytest.mark.parametrize(
    "bad",
    [
        '<source srcset="javascript:alert(1) 1w">',
        '<source srcset="/a.jpg 1w, javascript:alert(1) 2w">',
        '<source srcset="/a.jpg 1w" sizes="&quot;><script>">',
        '<source type="text/html&quot;" srcset="x">',
        '<img src="/a.jpg" srcset="data:text/html,x 1w">',
    ],
)
def test_hostile_sizes_are_dropped(bad):
    html = sanitise(f"<picture>{bad}</picture>")
    assert not any(word in html for word in ("javascript", "script", "data:", "text/html"))
