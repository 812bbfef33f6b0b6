"""Posts that show a picture inside their text, told to the media library, so that it is not deleted under them."""

from collections.abc import Iterable

from blog.models import Post
from media_assets import usage
from media_assets.models import MediaAsset


def posts_showing(asset: MediaAsset) -> Iterable[Post]:
    return Post.objects.filter(content_markdown__contains=asset.file.name).only("pk", "title")


usage.finders.append(posts_showing)
