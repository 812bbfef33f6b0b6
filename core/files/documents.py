"""PDF documents: read strictly, refused with anything that runs, written anew without what tells of their makers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from core.files import DAMAGED, FileError, containers

MAX_PAGES = 5_000
MAX_OBJECTS = 100_000
MAX_DEPTH = 60
# Keys that carry programs, other files or forms that run; and kinds of actions and annotations that do.
KEYS = {
    "/JS": "a script",
    "/JavaScript": "a script",
    "/EmbeddedFiles": "other files inside it",
    "/EF": "other files inside it",
    "/XFA": "a form of its own (XFA)",
    "/RichMediaContent": "an embedded film or game",
}
ACTIONS = {
    "/JavaScript": "a script",
    "/Launch": "a link that starts a program",
    "/SubmitForm": "a form that sends what is typed",
    "/ImportData": "a link that reads another file",
    "/GoToE": "other files inside it",
    "/GoToR": "a link that opens another file",
    "/Rendition": "sound or film that plays by itself",
    "/Movie": "sound or film that plays by itself",
    "/Sound": "sound or film that plays by itself",
    "/RichMediaExecute": "an embedded film or game",
}
ANNOTATIONS = {
    "/RichMedia": "an embedded film or game",
    "/3D": "an embedded film or game",
    "/Screen": "sound or film that plays by itself",
    "/Movie": "sound or film that plays by itself",
    "/Sound": "sound or film that plays by itself",
    "/FileAttachment": "other files inside it",
}
# Where a link may lead; a page address without its beginning would depend on who opens the document.
LEADS_TO = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
# Who made it, when and with what; earlier states of programs.
TALKATIVE = ("/Metadata", "/PieceInfo", "/LastModified")


def clean(source: Path, target: Path) -> dict[str, Any]:
    """Write the document anew to `target`; the facts of `CleanFile`. Raises FileError."""
    try:
        with pikepdf.open(source, attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise FileError("The document is encrypted. Save it without a password and upload it again.")
            pages = len(pdf.pages)
            if not 1 <= pages <= MAX_PAGES:
                raise FileError(f"The document has {pages:,} pages; from 1 to {MAX_PAGES:,} are accepted.")
            for thing in _dictionaries(pdf):
                _require_quiet(thing)
                _strip(thing)
            _keep_only_the_title(pdf)
            if "/ID" in pdf.trailer:
                del pdf.trailer["/ID"]
            pdf.save(target, deterministic_id=True, fix_metadata_version=False)
    except pikepdf.PasswordError:
        raise FileError("The document is encrypted. Save it without a password and upload it again.") from None
    except pikepdf.PdfError as error:
        raise FileError(DAMAGED) from error
    return {"mime_type": "application/pdf"}


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary and stream there is, reachable or not, those inside others too."""
    seen = 0
    for top in pdf.objects:
        waiting: list[tuple[Any, int]] = [(top, 0)]
        while waiting:
            thing, depth = waiting.pop()
            seen += 1
            if seen > MAX_OBJECTS or depth > MAX_DEPTH:
                raise FileError("The document has too many parts to be examined. Split it, or print it to a new PDF.")
            if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
                yield thing
                inside = [value for _, value in thing.items()]
            elif isinstance(thing, pikepdf.Array):
                inside = list(thing)
            else:
                continue
            # What stands for itself in the list of objects is met there.
            waiting += [
                (value, depth + 1)
                for value in inside
                if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)) and not value.is_indirect
            ]


def _require_quiet(thing: Any) -> None:
    found = next((KEYS[key] for key in thing.keys() if key in KEYS), None)
    found = found or ACTIONS.get(_name(thing, "/S")) or ANNOTATIONS.get(_name(thing, "/Subtype"))
    if not found and isinstance(thing, pikepdf.Stream) and "/F" in thing:
        found = "a part that is read from another file"
    if found:
        raise FileError(f"The document carries {found}, so it is not kept. Print it to a new PDF and upload that.")
    for place in _addresses(thing):
        if not (isinstance(place, pikepdf.String) and LEADS_TO.match(str(place))):
            raise FileError(
                "The document has a link that does not lead to the web, a mail address or a telephone number, so it is "
                "not kept. Begin each link with https://, mailto: or tel:, or print it to a new PDF."
            )


def _addresses(thing: Any) -> Iterator[Any]:
    """Where a link leads, and what the links of a document without a beginning are added to."""
    place = thing.get("/URI")
    if isinstance(place, pikepdf.Dictionary):
        place = place.get("/Base")
    if place is not None:
        yield place


def _name(thing: Any, key: str) -> str:
    value = thing.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _strip(thing: Any) -> None:
    for key in TALKATIVE:
        if key in thing:
            del thing[key]
    if isinstance(thing, pikepdf.Stream) and _name(thing, "/Filter") == "/DCTDecode" and "/DecodeParms" not in thing:
        # A photograph on a page is a whole JPEG, with the place where it was taken.
        try:
            outline = containers.jpeg(thing.read_raw_bytes())
        except (FileError, IndexError):
            return
        thing.write(b"".join(outline.pieces), filter=pikepdf.Name.DCTDecode)


def _keep_only_the_title(pdf: pikepdf.Pdf) -> None:
    title = pdf.docinfo.get("/Title")
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    if title is not None:
        pdf.docinfo["/Title"] = pikepdf.String(str(title)[:500])
