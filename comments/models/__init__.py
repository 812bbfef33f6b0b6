from comments.models.ban import Ban
from comments.models.closing import ClosedConversation
from comments.models.comment import Comment, CommentEdit
from comments.models.like import CommentLike
from comments.models.report import CommentReport
from comments.models.settings import ConversationSettings
from comments.models.spam import AkismetLesson, SpamWord
from comments.models.subscription import ThreadSubscription

__all__ = [
    "AkismetLesson",
    "Ban",
    "ClosedConversation",
    "Comment",
    "CommentEdit",
    "CommentLike",
    "CommentReport",
    "ConversationSettings",
    "SpamWord",
    "ThreadSubscription",
]
