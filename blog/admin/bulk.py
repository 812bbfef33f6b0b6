"""One change for the posts chosen in the list: asked, shown what it would do, done some at a time, told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts import saved_filters
from accounts.roles import may
from blog import bulk
from blog.models import Category, Post
from blog.querysets import HEAVY
from core.refusals import Refusal
from core.refusing_admin import is_id

# Lines of names and of refusals on a page; more are counted.
NAMED = 40
TOLD = 300
OWN_VERBS = ("submit", "send_back", "trash", "restore")


class BulkForm(forms.Form):
    """What is to change; everything empty stays as it is."""

    category = forms.ChoiceField(required=False)
    add_tags = forms.CharField(label="Add tags", required=False, max_length=2000, help_text="Separated by commas.")
    remove_tags = forms.CharField(
        label="Remove tags", required=False, max_length=2000, help_text="Separated by commas."
    )
    author = forms.ModelChoiceField(
        get_user_model()._default_manager.none(), required=False, empty_label="Stays as it is"
    )
    verb = forms.ChoiceField(label="State", required=False)
    reason = forms.CharField(
        label="Reason for this change", required=False, max_length=300, help_text="Kept with the version of each post."
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        rows = Category.objects.order_by("tree_id", "lft").values_list("pk", "path")
        self.categories = {str(pk): where for pk, where in rows}
        category, verb, author = (self.fields[name] for name in ("category", "verb", "author"))
        category.choices = [("", "Stays as it is"), ("none", "None"), *self.categories.items()]  # type: ignore[attr-defined]
        verbs = [name for name in bulk.VERBS if may(user, "blog.publish_post") or name in OWN_VERBS]
        words = [(name, bulk.VERBS[name][0]) for name in verbs]
        verb.choices = [("", "Stays as it is"), *((name, word[:1].upper() + word[1:]) for name, word in words)]  # type: ignore[attr-defined]
        if user.has_perm("blog.change_others_post"):
            author.queryset = get_user_model()._default_manager.filter(is_staff=True, is_active=True)  # type: ignore[attr-defined]
        else:
            del self.fields["author"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                bulk.check(self.change)
            except Refusal as refusal:
                self.add_error(refusal.field, refusal.sentence)
        return cleaned

    @property
    def change(self) -> bulk.Change:
        said = self.cleaned_data
        chosen = said.get("category", "")
        return bulk.Change(
            category=Category.objects.filter(pk=chosen).first() if chosen not in {"", "none"} else None,
            no_category=chosen == "none",
            add_tags=names_in(said.get("add_tags", "")),
            remove_tags=names_in(said.get("remove_tags", "")),
            author=said.get("author"),
            verb=said.get("verb", ""),
            reason=said.get("reason", ""),
        )


def names_in(text: str) -> list[str]:
    return [name.strip() for name in text.replace("\0", "").split(",") if name.strip()]


class BulkEditing(admin.ModelAdmin):
    """The action of the list and its page; put it before the other bases."""

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [path("bulk/", guard(self.bulk_view), name="blog_post_bulk"), *super().get_urls()]

    @admin.action(description="Edit category, tags, author, state…", permissions=["change"])
    def edit_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        ids = list(queryset.values_list("pk", flat=True)[: bulk.MOST + 1])
        try:
            back = saved_filters.tidy(request.GET.urlencode())
        except ValueError:
            back = ""
        return self.bulk_page(request, "choose", ids, back, form=BulkForm(user=request.user))

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """POST `ids` (parted by commas), the change, and `step`: "choose" again, "plan" or "run"."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:blog_post_changelist"))
        ids = [int(each) for each in request.POST.get("ids", "").split(",") if is_id(each)][: bulk.MOST + 1]
        try:
            back = saved_filters.tidy(request.POST.get("back", ""))
        except ValueError:
            back = ""
        form = BulkForm(request.POST, user=request.user)
        step = request.POST.get("step", "")
        if step not in {"plan", "run"} or not form.is_valid() or not 0 < len(ids) <= bulk.MOST:
            return self.bulk_page(request, "choose", ids, back, form=form)
        now, rest = ids[: bulk.AT_ONCE], ids[bulk.AT_ONCE :]
        act = bulk.run if step == "run" else bulk.plan
        report = act(self.posts_of(request, now), form.change, by=request.user)  # type: ignore[arg-type]
        left = rest if step == "run" else ids
        context = {"form": form, "report": report, "words": form.change.in_words(), "rest": len(rest)}
        if step == "run":
            context |= self.told(request, report, len(now))
        return self.bulk_page(request, step, left, back, **context)

    def posts_of(self, request: HttpRequest, ids: list[int]) -> list[Post]:
        """The posts somebody may work on, in the order they were chosen."""
        rows = Post.objects.editable_by(request.user).filter(pk__in=ids).defer(*HEAVY)  # type: ignore[arg-type]
        found = {post.pk: post for post in rows}
        return [found[pk] for pk in ids if pk in found]

    def told(self, request: HttpRequest, report: bulk.Report, tried: int) -> dict[str, Any]:
        """The sums of this part and those before it, which the page carries along."""

        def before(name: str) -> int:
            value = request.POST.get(name, "")
            return int(value) if is_id(value) and len(value) < 6 else 0

        seen = len(report.done) + len(report.same) + len(report.refused)
        sums = {
            "done": before("done") + len(report.done),
            "same": before("same") + len(report.same),
            "waiting": before("waiting") + len(report.waiting),
            "refused": before("refused") + len(report.refused),
            "missing": before("missing") + tried - seen,
        }
        sentences = [f"“{post}”: {sentence}" for post, sentence in report.refused]
        return {"sums": sums, "sentences": [*request.POST.getlist("told"), *sentences][:TOLD]}

    def bulk_page(self, request: HttpRequest, stage: str, ids: list[int], back: str, **context: Any) -> HttpResponse:
        shown = self.posts_of(request, ids[:NAMED]) if stage == "choose" else []
        return TemplateResponse(
            request,
            "admin/blog/post/bulk.html",
            {
                **self.admin_site.each_context(request),
                "title": "Edit posts together",
                "opts": self.opts,
                "stage": stage,
                "ids": ",".join(map(str, ids)),
                "number": len(ids),
                "shown": shown,
                "most": bulk.MOST,
                "at_once": bulk.AT_ONCE,
                "back": back,
                "list_url": reverse("admin:blog_post_changelist") + (f"?{back}" if back else ""),
                **context,
            },
        )
