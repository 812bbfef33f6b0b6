from blog.models.autosave import Autosave
from blog.models.change import Change, ChangeFeed, ChangeNote
from blog.models.contact import ContactMessage
from blog.models.correction import Correction
from blog.models.desk import CalendarFeed, PostLink, Snippet
from blog.models.gate import CheckSetting, GateOverride, Severity
from blog.models.like import PostLike
from blog.models.media_use import PostAsset, SnippetAsset, VersionAsset
from blog.models.news import PostNews
from blog.models.ping import Ping
from blog.models.post import Post
from blog.models.preview import PreviewLink
from blog.models.reading import Reading, SubjectFollow
from blog.models.redirect import Redirect
from blog.models.review import ReviewRequest
from blog.models.rule import IgnoredPath, MissingPath, RedirectRule
from blog.models.search import SearchEntry, SearchGram, SearchMiss, SearchWord
from blog.models.site import SiteLink, SiteSettings
from blog.models.taxonomy import Category, Series, Tag, TaggedPost, TopicCluster
from blog.models.version import PendingChange, PostVersion, StatusChange

__all__ = [
    "Autosave",
    "CalendarFeed",
    "Category",
    "Change",
    "ChangeFeed",
    "ChangeNote",
    "CheckSetting",
    "ContactMessage",
    "Correction",
    "GateOverride",
    "IgnoredPath",
    "MissingPath",
    "PendingChange",
    "Ping",
    "Post",
    "PostAsset",
    "PostLike",
    "PostLink",
    "PostNews",
    "PostVersion",
    "PreviewLink",
    "Reading",
    "Redirect",
    "RedirectRule",
    "ReviewRequest",
    "SearchEntry",
    "SearchGram",
    "SearchMiss",
    "SearchWord",
    "Series",
    "Severity",
    "SiteLink",
    "SiteSettings",
    "Snippet",
    "SnippetAsset",
    "StatusChange",
    "SubjectFollow",
    "Tag",
    "TaggedPost",
    "TopicCluster",
    "VersionAsset",
]
