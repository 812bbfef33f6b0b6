"""Pictures in feeds: one whole address each, and the share card as what comes along."""

import re

import pytest
from django.urls import reverse

from blog import publishing
from blog.models import Post
from core import cache
from media_assets import storage
from media_assets.models import Rendition
from media_assets.renditions import CARD
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(write, editor):
    asset = make_asset()
    post = write("The harbour", text=f"![The harbour]({asset.url})", featured_image=asset)
    publishing.publish(post, by=editor, override="Only its pictures matter here.")
    return Post.objects.get(pk=post.pk)


def test_a_feed_names_one_whole_address_for_each_picture(client, post, settings):
    assert "<picture>" in post.content_html
    feed = client.get(reverse("feed")).content.decode()
    assert "srcset" not in feed
    assert "&lt;picture" not in feed
    (source,) = re.findall(r'&lt;img[^>]*src="([^"]+)"', feed.replace("&quot;", '"'))
    assert source.startswith(f"{settings.SITE_URL}/media/")


def test_the_share_card_comes_along_once_it_is_made(client, post, django_capture_on_commit_callbacks):
    assert "<enclosure" not in client.get(reverse("feed")).content.decode()
    card = Rendition.objects.create(
        asset=post.featured_image,
        spec=CARD,
        file=f"{post.featured_image.key}/00000000-card.jpg",
        mime_type="image/jpeg",
        width=1200,
        height=630,
        size_bytes=52_000,
    )
    with django_capture_on_commit_callbacks(execute=True):
        cache.renew("posts")
    feed = client.get(reverse("feed")).content.decode()
    (enclosure,) = re.findall("<enclosure[^>]*>", feed)
    assert 'length="52000"' in enclosure
    assert 'type="image/jpeg"' in enclosure
    assert storage.public_url(card.file.name) in enclosure
