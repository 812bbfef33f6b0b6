"""Two people saved: their texts put together. A post deleted meanwhile: the text kept all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from blog import merging, versions, writing
from blog.admin import steps
from blog.admin.parts import Part
from blog.admin.post_form import MINUTES
from blog.comparing import Piece, compare_words, said_in
from blog.merging import TEXT, Chunk, Merge, Side, ThreeTexts
from blog.models import Post
from core.refusing_admin import is_id

# What the merge page sends besides the fields of the form.
CHOICE, WRITTEN, THEIRS = "_merge-", "_merge_text-", "_merge_theirs"
NOT_CARRIED = {"csrfmiddlewaretoken", "_step", "_continue", "_save", "_addanother"}
# A new post has none of these of the old one.
OF_THE_OLD_POST = {"base_version", "slug", "slug_suggested", "autosave_key"}
# How often a save that has nothing to ask is tried again when others save at the same moment.
TRIES = 4
# Longer passages are shown without marks and cannot be rewritten here; the editor is made for that.
LONGEST_MARKED = 20_000
# So many changes that were merged already are shown; more are only counted.
MOST_SHOWN = 200


class MergePart(Part):
    """Stale saves: refused, never lost."""

    def form_context(self, request: HttpRequest, post: Post | None) -> dict[str, Any]:
        return {"editing_socket": f"/ws/editing/{post.pk}/" if post is not None else ""}

    # --- around the saving of the form ------------------------------------------------------------------------------
    def around(self, request: HttpRequest, pk: str | None, save: Callable[[], HttpResponse]) -> HttpResponse:
        """Let the form be saved by `save`, which leaves what the rules refused in `request.refusals`.

        What the merge page sends becomes the form it stands for, a stale save is answered with the merge page, and one
        of a post that is gone with a page that has the text.
        """
        try:
            undecided = self.put_together(request, pk) if THEIRS in request.POST else None
            if undecided is not None:
                return undecided
            refused_before = list(request.refusals)
            for _ in range(TRIES):
                request.refusals = list(refused_before)
                answer = save()
                if not any(isinstance(refusal, writing.StaleSave) for refusal in request.refusals):
                    return answer
                merge_page = self.answer_stale(request, self.post_of(request, int(pk or 0)))
                if merge_page is not None:
                    return merge_page
            return answer
        except Http404:
            if pk is None or TEXT not in request.POST:
                raise
            return self.answer_gone(request)

    def answer_stale(self, request: HttpRequest, post: Post) -> HttpResponse | None:
        """The merge page; None when the others changed nothing that this save would lose, and it may be tried again."""
        form = self.form_of(request, post)
        three = self.three(request, post, form)
        merge = three.merge()
        if three.base is not None and merge.is_all_mine:
            self.begin_from(request, three)
            return None
        if three.base is not None and merge.is_all_theirs and "_step" not in request.POST:
            by = three.newest.editor if three.newest else None
            whose = f", by {by.display_name}" if by and by != request.user else ""
            said = f"You had changed nothing, so nothing was saved. This is version {post.content_version}{whose}."
            messages.info(request, said)
            return HttpResponseRedirect(reverse("admin:blog_post_change", args=[post.pk]))
        return self.ask(request, post, three, merge)

    def put_together(self, request: HttpRequest, pk: str | None) -> HttpResponse | None:
        """Make of what was chosen on the merge page the fields of the form; the page again when something is open."""
        if pk is None or not is_id(pk):
            raise Http404("No such post.")
        post = self.post_of(request, int(pk))
        form = self.form_of(request, post)
        three = self.three(request, post, form)
        merge = three.merge()
        choices, written = self.chosen(request, merge)
        if set(merge.conflicts) - choices.keys() - written.keys():
            return self.ask(request, post, three, merge, choices, written, is_open=True)
        content = merge.settle(choices, written)
        data = request.POST.copy()
        for name in [name for name in data if name.startswith("_merge")]:
            del data[name]
        for field, name in fields_of(form):
            if name != TEXT and merge.fields.get(name, "mine") in {"mine", "agreed"}:
                continue
            data.setlist(field, [merging.lines_of(value) for value in as_posted(name, content[name])])
        request.POST = data
        self.begin_from(request, three)
        return None

    def begin_from(self, request: HttpRequest, three: ThreeTexts) -> None:
        """This save has seen the newest version."""
        data = request.POST.copy()
        data["base_version"] = str(three.newest.number if three.newest else 0)
        request.POST = data

    def form_of(self, request: HttpRequest, post: Post) -> forms.ModelForm:
        form_class = self.admin.get_form(request, post, change=True)
        form = form_class(request.POST, instance=Post.objects.get(pk=post.pk))
        form.is_valid()
        return form

    def three(self, request: HttpRequest, post: Post, form: forms.ModelForm) -> ThreeTexts:
        numbers = [request.POST.get(name, "") for name in ("base_version", THEIRS)]
        base, newest = (int(number) if is_id(number) else None for number in numbers)
        known = merging.three_texts(post, base, {}, newest=newest)
        return known._replace(mine={**known.mine, **typed_in(form, known)})

    def chosen(self, request: HttpRequest, merge: Merge) -> tuple[dict[str, Side], dict[str, str]]:
        """For each conflict whose is taken, or what was written instead."""
        choices: dict[str, Side] = {}
        written: dict[str, str] = {}
        passages = {f"text-{number}": chunk for number, chunk in enumerate(conflicts_in(merge.chunks))}
        for name in merge.conflicts:
            choice, text = request.POST.get(CHOICE + name), request.POST.get(WRITTEN + name)
            if choice == "hand" and text is not None and name in passages:
                written[name] = text
            elif choice == "theirs" or choice == "mine" or (choice == "both" and name in passages):
                choices[name] = choice
            elif choice is None and text is not None and name in passages:
                # Without a script nobody chooses for whoever only typed.
                if merging.lines_of(text).strip() != merging.said(passages[name].mine).strip():
                    written[name] = text
        return choices, written

    # --- pages ------------------------------------------------------------------------------------------------------
    def ask(
        self,
        request: HttpRequest,
        post: Post,
        three: ThreeTexts,
        merge: Merge,
        choices: dict[str, Side] | None = None,
        written: dict[str, str] | None = None,
        *,
        is_open: bool = False,
    ) -> HttpResponse:
        """The three texts side by side, what can be merged merged already."""
        newest = three.newest
        who = newest.editor if newest else None
        step = steps.STEPS.get(request.POST.get("_step", ""))
        answers = {name: {"side": side, "text": ""} for name, side in (choices or {}).items()}
        answers |= {name: {"side": "hand", "text": text} for name, text in (written or {}).items()}
        label = "Save what is chosen" if merge.conflicts else "Save both together"
        carried = [
            (name, value)
            for name, values in request.POST.lists()
            if name not in NOT_CARRIED and not name.startswith("_merge")
            for value in values
        ]
        between = (
            post.versions.select_related("editor")
            .defer("snapshot")
            .filter(number__gt=three.base_version.number if three.base_version else 0)
        )
        page = self.page(
            request,
            "merge.html",
            f"Put two versions of “{post}” together",
            original=post,
            newest=newest,
            base_version=three.base_version,
            between=list(between[:6])[::-1] if three.base_version else [],
            theirs_name="You, in another window" if who == request.user else who.display_name if who else "Somebody",
            carried=carried,
            settled=[row for row in field_rows(merge, answers) if row["kind"] != "conflict"],
            disputed=[row for row in field_rows(merge, answers) if row["kind"] == "conflict"],
            passages=list(passages_of(merge, answers)),
            count=len(merge.conflicts),
            is_open=is_open,
            step=step if step is not None and step.saves else None,
            label=label,
        )
        page.status_code = 409
        return page

    def answer_gone(self, request: HttpRequest) -> HttpResponse:
        """The post is not there for this person any more; what they typed is, to be copied or saved anew."""
        page = self.page(
            request,
            "gone.html",
            "This post is not there any more",
            text=request.POST.get(TEXT, ""),
            written_title=request.POST.get("title", ""),
            may_add=self.admin.has_add_permission(request),
            carried=[
                (name, value)
                for name, values in request.POST.lists()
                if name not in NOT_CARRIED | OF_THE_OLD_POST and not name.startswith("_merge")
                for value in values
            ],
        )
        page.status_code = 404
        return page


# --- between the form and snapshots -----------------------------------------------------------------------------------
def fields_of(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    """The fields of a form that a version keeps: their names in the form and in a snapshot."""
    for field in form.fields:
        name = "tags" if field == "tags_text" else f"{field}_id" if f"{field}_id" in versions.RELATIONS else field
        if name == TEXT or name in merging.FIELDS:
            yield field, name


def typed_in(form: forms.ModelForm, known: ThreeTexts) -> dict[str, Any]:
    """What a form says, as values of a snapshot; fields it does not send or that make no sense are left out."""
    said: dict[str, Any] = {}
    for field, name in fields_of(form):
        widget = form.fields[field].widget
        if field not in form.cleaned_data or widget.value_omitted_from_data(form.data, form.files, field):
            continue
        value = form.cleaned_data[field]
        if name == "tags":
            value = sorted(set(form.tag_names))  # type: ignore[attr-defined]
        elif name == "co_authors":
            value = sorted(person.pk for person in value)
        elif name in versions.RELATIONS:
            value = value.pk if value is not None else None
        elif name in versions.TIME_FIELDS:
            value = moment_of(name, value, known)
        if value in ("", None) and name in {"slug", "author_id"}:
            # Left to the rules, which keep what there is.
            continue
        said[name] = value
    return said


def moment_of(name: str, value: Any, known: ThreeTexts) -> str | None:
    """A time as a snapshot has it; the form knows minutes only, so one of the same minute is the same."""
    if value is None:
        return None
    for content in (known.base or {}, known.theirs):
        moment = parse_datetime(content.get(name) or "")
        if moment is not None and moment.replace(second=0, microsecond=0) == value:
            return str(content[name])
    return str(value.isoformat())


def as_posted(name: str, value: Any) -> list[str]:
    """The values a browser would send for a field that says this."""
    if name == "tags":
        return [", ".join(value)]
    if name == "co_authors":
        return [str(each) for each in value]
    if isinstance(value, bool):
        return ["on"] if value else []
    if name in versions.TIME_FIELDS and value:
        moment = parse_datetime(value)
        return [timezone.localtime(moment).strftime(MINUTES)] if moment else [""]
    return ["" if value is None else str(value)]


# --- what the page shows ----------------------------------------------------------------------------------------------
def conflicts_in(chunks: Iterable[Chunk]) -> list[Chunk]:
    return [chunk for chunk in chunks if chunk.kind == "conflict"]


def field_rows(merge: Merge, answers: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    """Each field but the text that somebody changed, with what it says on either side."""
    rows = []
    for name, kind in merge.fields.items():
        base, theirs, mine = (said_in(name, content[name]) for content in (merge.base, merge.theirs, merge.mine))
        label = versions.label_of(name)
        row: dict[str, Any] = {"name": name, "kind": kind, "label": label[:1].upper() + label[1:], "base": base}
        if kind == "conflict":
            row |= {"theirs": compare_words(base, theirs), "mine": compare_words(base, mine)}
            row |= {"theirs_is_empty": not theirs, "mine_is_empty": not mine, "answer": answers.get(name, {})}
        else:
            row["pieces"] = compare_words(base, said_in(name, merge.settled[name]))
        rows.append(row)
    return rows


def passages_of(merge: Merge, answers: dict[str, dict[str, str]]) -> Iterator[dict[str, Any]]:
    """The text from top to bottom: places to choose, and between them what is merged, to be folded away."""
    number = shown = 0
    folded: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    if all(chunk.kind == "same" for chunk in merge.chunks):
        return
    for chunk in merge.chunks:
        if chunk.kind != "conflict":
            counts[chunk.kind] = counts.get(chunk.kind, 0) + max(1, len(chunk.merged))
            shown += 1
            before, after = merging.said(chunk.base), merging.said(chunk.merged)
            if shown <= MOST_SHOWN and (chunk.kind != "same" or len(after) <= LONGEST_MARKED):
                folded.append({"kind": chunk.kind, "pieces": marked(before, after)})
            continue
        if counts:
            yield {"kind": "merged", "chunks": folded, **counts}
            folded, counts = [], {}
        base, theirs, mine = (merging.said(side) for side in (chunk.base, chunk.theirs, chunk.mine))
        name = f"text-{number}"
        number += 1
        answer = answers.get(name, {})
        yield {
            "kind": "conflict",
            "name": name,
            "number": number,
            "base": base,
            "theirs": marked(base, theirs),
            "mine": marked(base, mine),
            "theirs_is_empty": not theirs,
            "mine_is_empty": not mine,
            "answer": answer,
            "by_hand": answer.get("text") or mine if len(mine) + len(theirs) <= LONGEST_MARKED else None,
        }
    if counts:
        yield {"kind": "merged", "chunks": folded, **counts}


def marked(old: str, new: str) -> tuple[Piece, ...]:
    """The words of `new` with those marked that `old` has not; very long ones as they are."""
    if len(old) + len(new) > LONGEST_MARKED:
        return (Piece("same", new),)
    return compare_words(old, new)
