"""`manage.py scan_files`: all that waits is judged now, or released by somebody with a name."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from media_assets.models import MediaAsset
from tests.media_assets.clamd import LIMIT, MARK, clamd, one_clamd
from tests.media_assets.test_scanning import NOBODY, own_store, state_of, waiting_file

__all__ = ["clamd", "one_clamd", "own_store"]
pytestmark = pytest.mark.django_db
State = MediaAsset.State


def scan_files(*arguments):
    out = io.StringIO()
    call_command("scan_files", *arguments, stdout=out)
    return out.getvalue()


def test_all_that_waits_is_judged_with_progress_and_the_rejected_are_named(clamd, author):
    clean, infected = waiting_file(b"clean"), waiting_file(MARK, name="Invoice", by=author)
    said = scan_files()
    assert (state_of(clean), state_of(infected)) == (State.READY, State.REJECTED)
    assert "“Invoice”: The virus scanner found Letterpress.Test" in said
    assert "2 of 2" in said
    assert "0 files wait." in said


def test_a_scanner_that_is_away_ends_it_with_the_reason(settings):
    settings.SCANNER_URL = NOBODY
    asset = waiting_file(b"clean")
    with pytest.raises(CommandError, match="cannot be reached"):
        scan_files()
    assert state_of(asset) == State.SCANNING


def test_what_was_too_large_is_asked_about_again(clamd, settings):
    asset = waiting_file(b"x" * (LIMIT + 1))
    assert "StreamMaxLength" in scan_files()
    # As large as before for the scanner there is, so it is rejected as before.
    assert "1 files are asked about again" in scan_files("--again")
    assert state_of(asset) == State.REJECTED
    assert AuditEntry.objects.filter(action="rejected").count() == 2


def test_releasing_needs_an_administrator_with_a_name_and_no_scanner(admin, editor, settings):
    asset = waiting_file(b"clean")
    settings.SCANNER_URL = ""
    for arguments in ([], ["--by", "nobody"], ["--by", editor.username]):
        with pytest.raises(CommandError, match="administrator"):
            scan_files("--release", *arguments)
    settings.SCANNER_URL = NOBODY
    with pytest.raises(CommandError, match="SCANNER_URL"):
        scan_files("--release", "--by", admin.username)
    assert state_of(asset) == State.SCANNING
    settings.SCANNER_URL = ""
    assert "0 files wait." in scan_files("--release", "--by", admin.username)
    assert state_of(asset) == State.READY
    assert AuditEntry.objects.get().actor == admin
