import re
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import migrations

# An address of a file as it was written when these rows were first filled.
KEY = r"\d{4}/\d{2}/[0-9a-f]{24}"
NAME = rf"({KEY})(?:\.[a-z0-9]{{2,5}}|/[0-9a-f]{{8}}-[\w-]+\.[a-z0-9]{{3,4}})"
BATCH = 2000
PICTURES = ("featured_image_id", "og_image_id")


def keys_in(text: str) -> set[str]:
    """The keys of all files a text mentions, at addresses of this site or of its CDN."""
    starts = [settings.MEDIA_URL, urljoin(settings.SITE_URL + "/", settings.MEDIA_URL)]
    if settings.MEDIA_CDN_URL:
        starts.append(settings.MEDIA_CDN_URL.rstrip("/") + "/")
    if not any(start in text for start in starts):
        return set()
    either = "|".join(re.escape(start) for start in starts)
    return set(re.findall(rf"(?<![\w.:/-])(?:{either}){NAME}(?![\w/])", text))


def fill(apps: Any, schema_editor: Any) -> None:
    """What is written there shows; from now on saving keeps it."""
    alias = schema_editor.connection.alias

    def rows_of(name: str) -> Any:
        return apps.get_model("blog", name)._base_manager.using(alias).order_by("pk")

    assets = dict(apps.get_model("media_assets", "MediaAsset").objects.using(alias).values_list("key", "pk"))
    if not assets:
        return
    there = set(assets.values())
    for joined, source, owner, said in (
        ("PostAsset", "Post", "post_id", "content_markdown"),
        ("VersionAsset", "PostVersion", "version_id", "snapshot"),
        ("SnippetAsset", "Snippet", "snippet_id", "content_markdown"),
    ):
        model, found = apps.get_model("blog", joined), []
        for pk, content in rows_of(source).values_list("pk", said).iterator(chunk_size=200):
            text = content if isinstance(content, str) else str(content.get("content_markdown") or "")
            shown = {assets[key] for key in keys_in(text) if key in assets}
            if not isinstance(content, str):
                shown |= {content.get(name) for name in PICTURES} & there
            found += [model(**{owner: pk, "asset_id": asset_id}) for asset_id in shown]
            if len(found) > BATCH:
                model.objects.using(alias).bulk_create(found, batch_size=500, ignore_conflicts=True)
                found = []
        model.objects.using(alias).bulk_create(found, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("blog", "0008_create_media_use")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
