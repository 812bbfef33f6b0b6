from blog.models.autosave import Autosave
from blog.models.contact import ContactMessage
from blog.models.desk import CalendarFeed, PostLink, Snippet
from blog.models.gate import CheckSetting, GateOverride, Severity
from blog.models.media_use import PostAsset, SnippetAsset, VersionAsset
from blog.models.post import Post
from blog.models.preview import PreviewLink
from blog.models.redirect import Redirect
from blog.models.review import ReviewRequest
from blog.models.taxonomy import Category, Series, Tag, TaggedPost, TopicCluster
from blog.models.version import PendingChange, PostVersion, StatusChange

__all__ = [
    "Autosave",
    "CalendarFeed",
    "Category",
    "CheckSetting",
    "ContactMessage",
    "GateOverride",
    "PendingChange",
    "Post",
    "PostAsset",
    "PostLink",
    "PostVersion",
    "PreviewLink",
    "Redirect",
    "ReviewRequest",
    "Series",
    "Severity",
    "Snippet",
    "SnippetAsset",
    "StatusChange",
    "Tag",
    "TaggedPost",
    "TopicCluster",
    "VersionAsset",
]
