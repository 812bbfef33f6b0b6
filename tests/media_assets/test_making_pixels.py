"""What is in a rendition: the picture upright, in sRGB, cut where it matters, and nothing besides."""

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from media_assets import pixels
from media_assets.renditions import SHAPES, Spec
from tests.media_assets.photographs import encoded, scene

PARTS = st.floats(0, 1)
SIDES = st.integers(1, 9000)


def drawn(content, form="png", width=320, height=240, shape="", focal=(0.5, 0.5)):
    """The rendition as a reader's browser has it."""
    spec = Spec(f"w{width}.{form}", shape, width, height, form)
    [(_, picture)] = pixels.drawn(io.BytesIO(content), focal, [spec])
    with Image.open(io.BytesIO(pixels.written(picture, form))) as found:
        found.load()
        return found


def difference(one, other):
    """Mean difference of all channels, in steps of 255."""
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return sum(stat.mean) / len(stat.mean)


def reference(picture, size=(320, 240)):
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def half_transparent():
    picture = scene().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def sixteen_bits():
    grey = scene().convert("L")
    return Image.frombytes("I;16", grey.size, b"".join(bytes((value, value)) for value in grey.tobytes()))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("RGB", encoded(scene()), scene()),
        ("L", encoded(scene().convert("L")), scene().convert("L")),
        ("CMYK", encoded(scene().convert("CMYK")), scene()),
        ("RGB PNG", encoded(scene(), "PNG"), scene()),
        ("P", encoded(scene().convert("P"), "PNG"), scene()),
        ("1", encoded(scene().convert("1"), "PNG"), scene().convert("L")),
        ("LA", encoded(scene().convert("LA"), "PNG"), scene().convert("L")),
        ("16 bits", encoded(sixteen_bits(), "PNG"), scene().convert("L")),
        ("GIF", encoded(scene(), "GIF"), scene()),
        ("WEBP", encoded(scene(), "WEBP"), scene()),
        ("AVIF", encoded(scene(), "AVIF"), scene()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("form", ["avif", "webp", "jpg", "png"])
def test_every_kind_of_original_looks_the_same_in_every_format(name, content, expected, form):
    found = drawn(content, form)
    assert found.size == (320, 240)
    assert difference(found, reference(expected)) < 6


@pytest.mark.parametrize("form", ["avif", "webp", "png"])
@pytest.mark.parametrize("kind", ["RGBA", "P with a transparent colour"])
def test_transparency_is_kept(form, kind):
    picture = half_transparent()
    if kind != "RGBA":
        picture.putalpha(picture.getchannel("A").point(lambda value: 255 if value > 127 else 0))
        picture = picture.quantize(64, method=Image.Quantize.FASTOCTREE)
    found = drawn(encoded(picture, "PNG"), form).convert("RGBA").getchannel("A")
    assert found.getpixel((160, 4)) < 20
    assert found.getpixel((160, 235)) > 235


def test_what_is_transparent_is_white_in_a_jpeg():
    found = drawn(encoded(half_transparent(), "PNG"), "jpg")
    assert found.mode == "RGB"
    assert min(found.getpixel((5, 1))) > 245


def test_a_picture_that_is_opaque_throughout_carries_no_alpha():
    assert drawn(encoded(scene().convert("RGBA"), "PNG")).mode == "RGB"


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize(("width", "height"), [(320, 240), (60, 45)])
def test_a_picture_taken_sideways_stands_upright(number, width, height):
    exif = Image.Exif()
    exif[0x0112] = number
    # Stored so that turning it as the number says gives the scene.
    undo = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}.get(number, 1)
    turned = scene().copy()
    turned.getexif()[0x0112] = undo
    content = encoded(ImageOps.exif_transpose(turned), exif=exif)
    found = drawn(content, "png", width, height)
    assert found.size == (width, height)
    assert difference(found, reference(scene(), (width, height))) < 4


@pytest.mark.parametrize("form", ["avif", "webp", "jpg", "png"])
def test_nothing_but_pixels_is_in_it(form):
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(scene(), exif=exif, icc_profile=profile, comment=b"SECRET")
    found = drawn(content, form)
    assert not {"exif", "icc_profile", "comment", "xmp"} & set(found.info)
    assert not found.getexif()


def test_colours_of_another_profile_become_those_of_the_web():
    # Wider than sRGB, like the screens of telephones: the same numbers mean stronger colours there.
    wide = ImageCms.ImageCmsProfile(wide_gamut())
    srgb = ImageCms.createProfile("sRGB")
    scene_there = ImageCms.profileToProfile(scene(), srgb, wide)
    content = encoded(scene_there, "PNG", icc_profile=wide.tobytes())
    assert difference(drawn(content), reference(scene())) < 2
    assert difference(reference(scene_there), reference(scene())) > 4


def wide_gamut():
    """A profile whose primaries are those of sRGB in another order, which no one can take for sRGB."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(content[128:132], "big")
    for place in range(132, 132 + 12 * count, 12):
        tag = bytes(content[place : place + 4])
        if tag in {b"rXYZ", b"gXYZ"}:
            content[place : place + 4] = b"gXYZ" if tag == b"rXYZ" else b"rXYZ"
    return io.BytesIO(bytes(content).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be")))


def test_a_profile_that_makes_no_sense_changes_nothing():
    assert difference(drawn(encoded(scene(), icc_profile=b"nonsense")), reference(scene())) < 4


def test_a_damaged_original_is_an_error():
    with pytest.raises(OSError):
        drawn(encoded(scene())[:2000])


@pytest.mark.parametrize(("form", "most"), [("avif", 2), ("webp", 2), ("jpg", 2), ("png", 1)])
def test_the_quality_is_near_the_original(form, most):
    assert difference(drawn(encoded(scene(), "PNG"), form), reference(scene())) < most


def test_the_largest_is_made_first_and_the_others_from_it():
    specs = [Spec(f"w{width}.png", "", width, width * 3 // 4, "png") for width in (80, 640, 320)]
    found = list(pixels.drawn(io.BytesIO(encoded(scene())), (0.5, 0.5), specs))
    assert [picture.size for _, picture in found] == [(640, 480), (320, 240), (80, 60)]
    assert difference(found[-1][1], reference(scene(), (80, 60))) < 3


def test_a_shape_is_cut_around_the_focal_point():
    left = drawn(encoded(scene(), "PNG"), "png", 240, 240, "1x1", (0, 0.5))
    right = drawn(encoded(scene(), "PNG"), "png", 240, 240, "1x1", (1, 0.5))
    square = (240, 240)
    assert difference(left, reference(scene().crop((0, 0, 600, 600)), square)) < 1
    assert difference(right, reference(scene().crop((200, 0, 800, 600)), square)) < 1
    assert difference(left, right) > 5


@given(SIDES, SIDES, PARTS, PARTS, st.sampled_from(sorted(SHAPES)))
@example(3, 2, 1.0, 1.0, "16x9")
def test_the_part_that_is_cut_out_holds_the_focal_point_and_its_proportions(width, height, x, y, shape):
    left, top, right, bottom = pixels.crop_box(shape, (width, height), (x, y))
    assert 0 <= left < right <= width + 1e-6
    assert 0 <= top < bottom <= height + 1e-6
    wide, high = SHAPES[shape][0]
    assert (right - left) * high == pytest.approx((bottom - top) * wide)
    assert left - 1e-6 <= x * width <= right + 1e-6
    assert top - 1e-6 <= y * height <= bottom + 1e-6


@given(SIDES, SIDES, PARTS, PARTS, st.sampled_from(sorted(SHAPES)))
def test_no_larger_part_would_fit(width, height, x, y, shape):
    left, top, right, bottom = pixels.crop_box(shape, (width, height), (x, y))
    assert right - left == pytest.approx(width) or bottom - top == pytest.approx(height)
