"""Readers' addresses. What has one segment and no other owner is a page, so it comes last."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from blog import feeds
from blog.views import (
    calendar_feed,
    contact,
    corrections,
    discovery,
    following,
    inks,
    likes,
    lists,
    posts,
    preview,
    reading,
    search,
    sharing,
)


class Slug(StringConverter):
    """Letters of any script, figures, hyphens and underscores."""

    regex = r"[-\w]+"


class CategoryPath(StringConverter):
    regex = r"[-\w]+(?:/[-\w]+)*"


class Year(StringConverter):
    """Any year a post can have: what an import brought may say 201 where 2010 was meant, and is still found."""

    regex = "[1-9][0-9]{0,3}"

    def to_python(self, value: str) -> int:  # type: ignore[override]
        return int(value)


class Month(Year):
    """One spelling: 3, not 03."""

    regex = "1[0-2]|[1-9]"


class Colour(StringConverter):
    """Six figures or letters from a to f."""

    regex = "[0-9a-f]{6}"


register_converter(Colour, "colour")
register_converter(Slug, "name")
register_converter(CategoryPath, "names")
register_converter(Year, "year")
register_converter(Month, "month")

# Lists, forms and people's own pages, which each edition has under its code; `config.urls` puts the code before them.
editions = [
    *feeds.addresses(),
    path("", lists.home, name="home"),
    path("blog/", lists.all_posts, name="posts"),
    path("category/<names:path>/", lists.category, name="category"),
    path("tag/<name:slug>/", lists.tag, name="tag"),
    path("topic/<name:slug>/", lists.topic, name="topic"),
    path("series/<name:slug>/", lists.series, name="series"),
    path("author/<name:slug>/", lists.author, name="author"),
    path("archive/", lists.archive, name="archive"),
    path("archive/<year:year>/", lists.year, name="year"),
    path("archive/<year:year>/<month:month>/", lists.month, name="month"),
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="search_suggest"),
    path("contact/", contact.contact, name="contact"),
    path("contact/sent/", contact.contact_sent, name="contact_sent"),
    path("feed/about/", lists.feeds, name="feeds"),
    path("corrections/", corrections.all_corrections, name="corrections"),
    path("me/reading-list/", reading.reading_list, name="reading_list"),
    path("me/reading-list/unread/", reading.reading_list, {"which": "unread"}, name="reading_list_unread"),
    path("me/reading-list/finished/", reading.reading_list, {"which": "finished"}, name="reading_list_finished"),
    path("me/follow/", following.follow, name="follow"),
    path("me/feed/", reading.feed, name="my_feed"),
    path("me/feed/address/", following.change_address, name="my_feed_address"),
    path("me/feed/<str:token>/", following.private_feed, name="private_feed"),
    path("blog/<name:slug>/keep/", reading.keep, name="keep_post"),
]

# What has one address in all languages: each post and page, and what machines read.
urlpatterns = [
    path("blog/<name:slug>/", posts.post, name="post"),
    path("blog/<name:slug>/share/", sharing.share, name="share_post"),
    path("blog/<name:slug>/like/", likes.like_post, name="like_post"),
    path("blog/<name:slug>/position/", reading.position, name="reading_position"),
    path("blog/preview/<str:token>/", preview.preview, name="preview"),
    path("calendar/<str:token>.ics", calendar_feed.calendar, name="calendar_feed"),
    path("ink-<colour:light>-<colour:dark>.css", inks.ink, name="ink"),
    path("sitemap.xml", discovery.sitemap, name="sitemap"),
    path("sitemap-<name:name>.xml", discovery.sitemap_page, name="sitemap_page"),
    path("robots.txt", discovery.robots_txt, name="robots"),
    path("llms.txt", discovery.llms_txt, name="llms"),
    path("<name:key>.txt", discovery.indexnow_key, name="indexnow_key"),
    path("favicon.ico", discovery.favicon, name="favicon"),
    path("site.webmanifest", discovery.webmanifest, name="webmanifest"),
    path("<name:slug>/", posts.page, name="page"),
]
