"""Pictures for pages whose files were never uploaded."""

import io

from PIL import Image


def give_pictures(page) -> None:
    """From now on whatever the page asks of the media store is a small teal picture."""
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(kept, "PNG")
    page.route("**/media/**", lambda route: route.fulfill(body=kept.getvalue(), content_type="image/png"))
