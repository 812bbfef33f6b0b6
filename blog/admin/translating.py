"""The translations of a post: a panel beside its form, and the page on which they are linked, begun and unlinked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse

from accounts.roles import may
from blog import translating, translations
from blog.admin.parts import Part
from blog.admin.post_form import language_choices
from blog.models import Post
from core.refusals import Refusal
from core.refusing_admin import is_id

FOUND = 10


class TranslationPart(Part):
    """What changes here changes at once; the text of no post is touched."""

    def urls(self) -> list[URLPattern]:
        return [self.named("<int:pk>/translations/", self.page_of, "translations")]

    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        if post is None:
            return {"linked": None}
        return {"linked": self.linked(request, post), "may_link": self.admin.has_change_permission(request, post)}

    def linked(self, request: HttpRequest, post: Post) -> list[tuple[Post, bool]]:
        """Its translations, each with whether it may be opened; of others' drafts nothing is told but that they are."""
        return [
            (other, may(request.user, "blog.change_post", other))
            for other in translations.translations_of(post, live=False)
        ]

    def page_of(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: `link` (an id), `unlink` (an id) or `start` (a language)."""
        post = self.post_of(request, pk)
        if request.method == "POST":
            return HttpResponseRedirect(self.change(request, post))
        linked = self.linked(request, post)
        taken = {post.content_language.lower(), *(other.content_language.lower() for other, _ in linked)}
        words = request.GET.get("find", "").replace("\0", "").strip()[:200]
        return self.page(
            request,
            "translations.html",
            f"Translations of “{post}”",
            original=post,
            linked=linked,
            languages=[(code, name) for code, name in language_choices() if code.lower() not in taken],
            find=words,
            others=self.others(request, post, words) if words else [],
        )

    def others(self, request: HttpRequest, post: Post, words: str) -> list[Post]:
        """Posts in another language that could be linked, found by words of their titles."""
        posts = Post.objects.editable_by(request.user).not_trashed().exclude(pk=post.pk)
        posts = posts.exclude(content_language__iexact=post.content_language)
        if post.translation_group:
            posts = posts.filter(~Q(translation_group=post.translation_group) | Q(translation_group__isnull=True))
        for word in words.split()[:6]:
            posts = posts.filter(title__icontains=word)
        return list(posts.only(*translations.LIGHT)[:FOUND])

    def change(self, request: HttpRequest, post: Post) -> str:
        """Do what was asked; returns the address to go on to."""
        here = reverse("admin:blog_post_translations", args=[post.pk])
        user: Any = request.user
        try:
            if language := request.POST.get("start", "").replace("\0", ""):
                draft = translating.start(post, language, by=user)
                messages.success(request, "The draft has the text of the original. Translate it here.")
                return reverse("admin:blog_post_change", args=[draft.pk])
            other = self.named_in(request, "link")
            if other is not None:
                done = translations.link(post, other, by=user)
                said = f"“{other}” is linked." if done else f"“{other}” was linked already."
                self.admin.message_user(request, said, messages.SUCCESS if done else messages.INFO)
            other = self.named_in(request, "unlink")
            if other is not None:
                done = translations.unlink(other, by=user)
                said = f"“{other}” is no longer a translation of these." if done else f"“{other}” was not linked."
                self.admin.message_user(request, said, messages.SUCCESS if done else messages.INFO)
        except Refusal as refusal:
            self.admin.message_user(request, refusal.sentence, messages.ERROR)
        return here

    @staticmethod
    def named_in(request: HttpRequest, name: str) -> Post | None:
        """The post a button names; one this person may not work on is as absent as one that does not exist."""
        sent = request.POST.get(name, "")
        if not sent:
            return None
        found = Post.objects.editable_by(request.user).filter(pk=sent).first() if is_id(sent) else None  # type: ignore[arg-type]
        if found is None:
            raise Refusal("There is no such post any more; look at the list again.")
        return found
