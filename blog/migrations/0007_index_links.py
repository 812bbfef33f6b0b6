from typing import Any

from django.db import migrations

from blog.links import paths_in


def index_links(apps: Any, schema_editor: Any) -> None:
    """What the texts there are link to; from now on writing keeps it."""
    alias = schema_editor.connection.alias
    posts = apps.get_model("blog", "Post").objects.using(alias)
    links = apps.get_model("blog", "PostLink")
    found = []
    for post in posts.only("pk", "kind", "slug", "content_html").order_by("pk").iterator(chunk_size=200):
        base = f"/{post.slug}/" if post.kind == "page" else f"/blog/{post.slug}/"
        found += [links(post_id=post.pk, path=path) for path in paths_in(post.content_html, base)]
        if len(found) > 2000:
            links.objects.using(alias).bulk_create(found, batch_size=500, ignore_conflicts=True)
            found = []
    links.objects.using(alias).bulk_create(found, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("blog", "0006_set_current_versions")]

    operations = [migrations.RunPython(index_links, migrations.RunPython.noop)]
