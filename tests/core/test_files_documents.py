"""PDF documents come in quiet: nothing in them runs, sends, or tells who made them."""

import io
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from core.files import FileError, Limits, clean, documents

LIMITS = Limits(upload_bytes=20 << 20, recording_bytes=20 << 20)


def document():
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(200, 200))
    return pdf


def cleaned(pdf, tmp_path: Path, **options):
    source = tmp_path / "source"
    pdf.save(source, **options)
    return clean(source, tmp_path / "clean", limits=LIMITS)


def test_a_document_keeps_its_pages_and_title_and_loses_its_maker(tmp_path):
    pdf = document()
    with pdf.open_metadata() as about:
        about["dc:creator"] = ["SECRET"]
    pdf.docinfo["/Title"], pdf.docinfo["/Author"] = "Tide tables", "SECRET"
    kept = cleaned(pdf, tmp_path)
    assert (kept.kind, kept.mime_type, kept.extension) == ("document", "application/pdf", "pdf")
    assert b"SECRET" not in kept.path.read_bytes()
    with pikepdf.open(kept.path) as opened:
        assert len(opened.pages) == 1
        assert dict(opened.docinfo) == {"/Title": String("Tide tables")}


def test_the_same_document_is_the_same_file_every_time(tmp_path):
    assert cleaned(document(), tmp_path).sha256 == cleaned(document(), tmp_path).sha256


def test_a_photograph_on_a_page_loses_its_place(tmp_path):
    pdf, output, exif = document(), io.BytesIO(), Image.Exif()
    exif[0x010E] = "SECRET"
    Image.new("RGB", (40, 20), "navy").save(output, "JPEG", exif=exif)
    photograph = pikepdf.Stream(
        pdf, output.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=40, Height=20, Filter=Name.DCTDecode
    )
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Photo=pdf.make_indirect(photograph)))
    kept = cleaned(pdf, tmp_path)
    assert b"SECRET" not in kept.path.read_bytes()
    with pikepdf.open(kept.path) as opened:
        shown = opened.pages[0].Resources.XObject.Photo.read_raw_bytes()
        assert Image.open(io.BytesIO(shown)).size == (40, 20)


def opens_with_script(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def script_in_names(pdf):
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([])))


def script_when_left(pdf):
    pdf.pages[0].AA = Dictionary(C=Dictionary(S=Name.JavaScript, JS=String("x")))


def action_of_a_link(kind, **more):
    def add(pdf):
        action = Dictionary(S=Name("/" + kind), **more)
        pdf.pages[0].Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)]
        )

    return add


def files_inside(pdf):
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))


def own_form(pdf):
    pdf.Root.AcroForm = Dictionary(XFA=String("<x/>"), Fields=Array([]))


def annotation(kind):
    def add(pdf):
        pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array([0, 0, 9, 9]))])

    return add


def page_from_elsewhere(pdf):
    pdf.pages[0].Contents = pdf.make_indirect(pikepdf.Stream(pdf, b"", F=String("\\\\evil\\share\\page")))


def base_of_links(pdf):
    pdf.Root.URI = Dictionary(Base=String("javascript:"))


@pytest.mark.parametrize("stored", [pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable])
@pytest.mark.parametrize(
    ("add", "word"),
    [
        (opens_with_script, "a script"),
        (script_in_names, "a script"),
        (script_when_left, "a script"),
        (action_of_a_link("Launch", F=String("x.exe")), "starts a program"),
        (action_of_a_link("SubmitForm", F=String("https://x/")), "sends what is typed"),
        (action_of_a_link("ImportData", F=String("x.fdf")), "reads another file"),
        (action_of_a_link("GoToR", F=String("\\\\evil\\share\\x.pdf")), "opens another file"),
        (action_of_a_link("Rendition", OP=0), "plays by itself"),
        (action_of_a_link("Movie"), "plays by itself"),
        (action_of_a_link("Sound"), "plays by itself"),
        (annotation("Screen"), "plays by itself"),
        (annotation("Movie"), "plays by itself"),
        (annotation("3D"), "film or game"),
        (page_from_elsewhere, "another file"),
        (action_of_a_link("URI", URI=String("javascript:alert(1)")), "does not lead"),
        (action_of_a_link("URI", URI=String(" javascript:alert(1)")), "does not lead"),
        (action_of_a_link("URI", URI=String("file:///etc/passwd")), "does not lead"),
        (action_of_a_link("URI", URI=String("\\\\evil\\share")), "does not lead"),
        (action_of_a_link("URI", URI=Name("/javascript:x")), "does not lead"),
        (base_of_links, "does not lead"),
        (files_inside, "other files"),
        (own_form, "XFA"),
        (annotation("RichMedia"), "film"),
    ],
)
def test_what_runs_or_hides_something_is_refused_by_name(add, word, stored, tmp_path):
    pdf = document()
    add(pdf)
    with pytest.raises(FileError, match=word):
        cleaned(pdf, tmp_path, object_stream_mode=stored)


@pytest.mark.parametrize("address", ["https://example.org/", "HTTP://example.org", "mailto:a@example.org", "tel:+441"])
def test_a_link_to_the_web_a_mail_address_or_a_telephone_stays(address, tmp_path):
    pdf = document()
    action_of_a_link("URI", URI=String(address))(pdf)
    with pikepdf.open(cleaned(pdf, tmp_path).path) as opened:
        assert str(opened.pages[0].Annots[0].A.URI) == address


def test_a_link_to_a_page_stays(tmp_path):
    pdf = document()
    action_of_a_link("GoTo", D=Array([0, Name.Fit]))(pdf)
    with pikepdf.open(cleaned(pdf, tmp_path).path) as opened:
        assert opened.pages[0].Annots[0].A.S == Name.GoTo


def test_a_document_of_countless_empty_parts_is_refused(tmp_path):
    pdf = document()
    pdf.pages[0].Parts = Array([Dictionary()] * (documents.MAX_OBJECTS + 1))
    with pytest.raises(FileError, match="too many parts"):
        cleaned(pdf, tmp_path)


@pytest.mark.parametrize("password", ["", "user"])
def test_an_encrypted_document_is_refused(password, tmp_path):
    with pytest.raises(FileError, match="encrypted"):
        cleaned(document(), tmp_path, encryption=pikepdf.Encryption(owner="owner", user=password))


def test_a_document_cut_in_the_middle_is_refused(tmp_path):
    whole = cleaned(document(), tmp_path).path.read_bytes()
    half = tmp_path / "half"
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match="damaged"):
        clean(half, tmp_path / "clean", limits=LIMITS)
