"""The library as the window in which a field of another page chooses its picture."""

import pytest
from django.urls import reverse

from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db
LIBRARY = "admin:media_assets_mediaasset_changelist"


@pytest.mark.parametrize("view", ["grid", "list"])
def test_a_click_hands_the_picture_to_the_page_that_asked(client_of, editor, view):
    asset = make_asset()
    page = client_of(editor).get(reverse(LIBRARY), {"_popup": "1", "view": view}).content.decode()
    assert f'data-popup-opener="{asset.pk}"' in page
    page = client_of(editor).get(reverse(LIBRARY), {"view": view}).content.decode()
    assert "data-popup-opener" not in page
