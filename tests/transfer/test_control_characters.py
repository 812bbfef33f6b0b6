"""Control characters reach no column: PostgreSQL refuses NUL, and nobody can see the others."""

import json

import pytest
from django.db.models import Model

from accounts.models import AuthorProfile, User
from blog.models import Category, Post, PostVersion, Redirect, StatusChange, Tag
from media_assets.models import MediaAsset
from tests.transfer.test_importing_files import png
from tests.transfer.test_importing_wordpress import category
from tests.transfer.wxr import VERSION, export, item, meta
from transfer.importing import import_wordpress
from transfer.models import ImportedRecord

pytestmark = pytest.mark.django_db
TOUCHED = (User, AuthorProfile, Category, Tag, Post, PostVersion, StatusChange, Redirect, MediaAsset, ImportedRecord)
HIDDEN = ("%00", "&amp;#0;", "&#x0;", "%01", "&amp;#1;", "\x00", "\x0b", "&#7;", "%7F", "%1b%5B")


def texts_of(row: Model) -> str:
    values = {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}
    return json.dumps(values, default=str, ensure_ascii=False)


@pytest.mark.parametrize("bad", HIDDEN)
def test_no_control_character_reaches_the_database(tmp_path, settings, bad):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "boat.png").write_bytes(png())
    author = "".join(f"<wp:author_{name}><![CDATA[a{bad}da]]></wp:author_{name}>" for name in ("login", "display_name"))
    tag = f'<category domain="post_tag" nicename="t{bad if "&" not in bad else ""}ide"><![CDATA[t{bad}ide]]></category>'
    link = f"<link><![CDATA[https://quay.example/2020/ti{bad}de/?p=1{bad}]]></link><guid><![CDATA[/a{bad}b]]></guid>"
    fields = "".join(
        meta(name, f"a{bad}b")
        for name in (
            "_wp_old_slug",
            "_yoast_wpseo_title",
            "_yoast_wpseo_canonical",
            "_yoast_wpseo_focuskw",
            "enclosure",
        )
    )
    said = f"<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content><![CDATA[a{bad}b]]></wp:comment_content>"
    more = f"<dc:creator><![CDATA[a{bad}da]]></dc:creator>{link}{tag}{fields}{said}</wp:comment>"
    picture = meta("_wp_attached_file", "boat.png") + meta("_wp_attachment_image_alt", f"a{bad}b")
    place = export(
        tmp_path,
        VERSION,
        f"<wp:author>{author}</wp:author>",
        category(f"<![CDATA[s{bad}ea]]>", name=f"<![CDATA[s{bad}ea]]>"),
        item(1, f"a{bad}b", f'a{bad}b <a href="/x{bad}">x</a> <img src="y{bad}.png">', more, post_name=f"a{bad}b"),
        item(
            2,
            f"a{bad}b",
            more=f"<link><![CDATA[https://quay.example/b{bad}/]]></link>" + picture,
            post_type="attachment",
            attachment_url=f"https://quay.example/uploads/x{bad}.png",
            post_parent="1",
        ),
        head="",
    )
    place.write_text(place.read_text().replace("<dc:creator>ada</dc:creator>", ""))
    import_wordpress(place, uploads=tmp_path / "uploads")
    assert Post.objects.count() == MediaAsset.objects.count() == 1
    for model in TOUCHED:
        for row in model.objects.all():
            escaped = [rf"\u{code:04x}" for code in range(32) if code not in (9, 10, 13)]
            assert not [sign for sign in escaped if sign in texts_of(row)], model
