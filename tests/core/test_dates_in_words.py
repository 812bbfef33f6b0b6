"""A moment is written with the day first in every language readers' pages speak."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

MOMENT = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES])
def test_a_moment_begins_with_its_day(code):
    with translation.override(code):
        assert date_format(MOMENT, "DATETIME_FORMAT").startswith("22")


def test_a_moment_in_arabic_is_arabic_throughout():
    with translation.override("ar"):
        assert date_format(MOMENT, "DATETIME_FORMAT") == "22 نوفمبر، 2026، 1:03 م"
