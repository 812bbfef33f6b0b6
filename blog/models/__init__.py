from blog.models.contact import ContactMessage
from blog.models.post import Post
from blog.models.redirect import Redirect
from blog.models.taxonomy import Category, Tag, TaggedPost, TopicCluster
from blog.models.version import PostVersion, StatusChange

__all__ = [
    "Category",
    "ContactMessage",
    "Post",
    "PostVersion",
    "Redirect",
    "StatusChange",
    "Tag",
    "TaggedPost",
    "TopicCluster",
]
