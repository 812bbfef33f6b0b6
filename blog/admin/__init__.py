"""The admin of the publication. What Django's own site shows everywhere is set here, once."""

from django.contrib import admin
from taggit import admin as foreign_tags  # noqa: F401  (registers what is taken out below)
from taggit.models import Tag as ForeignTag

from blog.admin import (
    check_settings,
    contact,
    corrections,
    missing,
    pings,
    post,
    redirect_rules,
    redirects,
    searches,
    series,
    site,
    snippets,
    taxonomy,
    webhooks,
)

__all__ = [
    "check_settings",
    "contact",
    "corrections",
    "missing",
    "pings",
    "post",
    "redirect_rules",
    "redirects",
    "searches",
    "series",
    "site",
    "snippets",
    "taxonomy",
    "webhooks",
]

admin.site.site_header = "Letterpress"
admin.site.site_title = "Letterpress"
admin.site.index_title = "Dashboard"
admin.site.enable_nav_sidebar = True
# The library's own table of tags, which nothing here uses.
admin.site.unregister(ForeignTag)
