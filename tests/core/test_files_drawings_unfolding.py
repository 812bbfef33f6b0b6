"""A small drawing that asks a browser for millions of elements is refused, by whatever way it asks."""

import pytest

from core.files import FileError, Limits, clean

LIMITS = Limits(upload_bytes=20 << 20, recording_bytes=20 << 20)
SHAPE = '<rect width="4" height="4"/>'


def cleaned(inside, tmp_path):
    (tmp_path / "source").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{SHAPE}{inside}</svg>'
    )
    return clean(tmp_path / "source", tmp_path / "clean", limits=LIMITS)


def nested(floor, level, levels=11):
    return floor + "".join(level(number) for number in range(1, levels)) + f'<use href="#a{levels - 1}"/>'


def uses(number):
    return f'<g id="a{number}">' + f'<use href="#a{number - 1}"/>' * 10 + "</g>"


def old_uses(number):
    return f'<g id="a{number}">' + f'<use xlink:href="#a{number - 1}"/>' * 10 + "</g>"


def encoded_uses(number):
    return f'<g id="a{number}">' + f'<use href="#%61{number - 1}"/>' * 10 + "</g>"


def patterns(number):
    return (
        f'<pattern id="p{number}">' + f'<rect fill="url(#p{number - 1})"/>' * 10 + "</pattern>"
        f'<rect id="a{number}" style="fill: url(#p{number})"/>'
    )


def handed_down(number):
    return (
        f'<pattern id="p{number}"><g fill="url(#p{number - 1})">' + SHAPE * 10 + "</g></pattern>"
        f'<rect id="a{number}" fill="url(#p{number})"/>'
    )


def markers(number):
    line = f'<path d="M0 0 1 1 2 2 3 3 4 4" marker-mid="url(#m{number - 1})"/>'
    return f'<marker id="m{number}">{line}{line}</marker><path id="a{number}" marker-end="url(#m{number})"/>'


def named_by(key):
    def level(number):
        shape = f'<g {key}="url(#k{number - 1})"/>'
        return f'<{TAGS[key]} id="k{number}">{shape * 10}</{TAGS[key]}><g id="a{number}" {key}="url(#k{number})"/>'

    return level


TAGS = {"mask": "mask", "clip-path": "clipPath"}


def sheets(number):
    return (
        f'<style>.e g.d{number}, .d{number}.d{number} {{ mask: url("#k{number - 1}") }}</style>'
        f'<mask id="k{number}">' + f'<g class="d{number}"/>' * 10 + f'</mask><g id="a{number}" class="d{number}"/>'
    )


@pytest.mark.parametrize(
    "level",
    [uses, old_uses, encoded_uses, patterns, handed_down, markers, named_by("mask"), named_by("clip-path"), sheets],
)
def test_what_unfolds_to_millions_is_refused(level, tmp_path):
    floor = f'<g id="a0">{SHAPE}</g><pattern id="p0">{SHAPE}</pattern><marker id="m0">{SHAPE}</marker>'
    floor += f'<mask id="k0">{SHAPE}</mask>'
    with pytest.raises(FileError, match="too many parts"):
        cleaned(nested(floor, level), tmp_path)


def test_a_pattern_handed_down_from_outside_of_a_pattern_counts_too(tmp_path):
    opened = "".join(
        f'<g fill="url(#p{number})"><pattern id="p{number + 1}">{SHAPE * 10}</pattern>' for number in range(12)
    )
    with pytest.raises(FileError, match="too many parts"):
        cleaned(f'<pattern id="p0">{SHAPE}</pattern>{opened}{SHAPE}{"</g>" * 12}', tmp_path)


def test_a_marker_on_thousands_of_corners_counts_at_each(tmp_path):
    line = "".join(f"{number} 0 " for number in range(3000))
    marker = f'<marker id="m">{SHAPE * 30}</marker><polyline points="{line}" marker-mid="url(#m)"/>'
    with pytest.raises(FileError, match="too many parts"):
        cleaned(marker, tmp_path)


@pytest.mark.parametrize(
    "inside",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<mask id="m"><rect mask="url(#m)"/></mask>',
        '<style>rect { fill: url(#p) }</style><pattern id="p"><rect/></pattern>',
    ],
)
def test_what_contains_itself_is_refused(inside, tmp_path):
    with pytest.raises(FileError, match="contain themselves"):
        cleaned(inside, tmp_path)


def test_a_long_chain_of_single_uses_is_refused_though_it_shows_little(tmp_path):
    chain = "".join(f'<g id="a{number}"><use href="#a{number - 1}"/></g>' for number in range(1, 5000))
    with pytest.raises(FileError, match="too many parts"):
        cleaned(chain, tmp_path)


@pytest.mark.parametrize("words", ["--x: url(#m); mask: var(--x)", "mask: url(#m) /* */"])
def test_a_style_that_hides_what_it_names_is_refused(words, tmp_path):
    mask = f'<mask id="m">{SHAPE}</mask>'
    with pytest.raises(FileError, match="cannot be taken out"):
        cleaned(f"{mask}<style>.a {{ {words} }}</style>", tmp_path)


def test_an_animation_that_names_another_part_is_refused(tmp_path):
    with pytest.raises(FileError, match="cannot be taken out"):
        cleaned('<g id="m"/><set attributeName="mask" to="url(#m)"/>', tmp_path)


@pytest.mark.parametrize(
    "inside",
    [
        '<symbol id="s"><path d="M0 0h9v9z"/><circle r="2"/></symbol>' + '<use href="#s"/>' * 3000,
        '<linearGradient id="g"><stop/><stop/></linearGradient><style>.a{fill:url(#g)}</style>'
        + '<path class="a" d="M0 0h9v9z"/>' * 9000,
        '<clipPath id="c"><rect/></clipPath><g clip-path="url(#c)">' + SHAPE * 9000 + "</g>",
        '<marker id="m"><path d="M0 0l9 3z"/></marker>' + '<line x2="9" marker-end="url(#m)"/>' * 3000,
        '<style>.a, .b > .c { fill: #123456; stroke: red } @media print { .a { fill: url("#g") } }</style>'
        '<pattern id="g"><circle r="1"/></pattern><rect class="a"/>',
    ],
)
def test_a_drawing_that_uses_its_parts_again_as_people_do_is_kept(inside, tmp_path):
    assert cleaned(inside, tmp_path).mime_type == "image/svg+xml"
