"""The buttons that move a post from state to state, each as a word, a sentence and a call to blog.publishing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.models import User
from blog import publishing
from blog.models import Post
from core.refusals import Refusal


@dataclass(frozen=True)
class Step:
    """One verb: what its button says, what is asked before, and what is said after.

    `saves`: pressed inside the form, it saves what was typed first. The others have a page that asks.
    """

    verb: str
    label: str
    done: str
    question: str = ""
    consequence: str = ""
    saves: bool = False
    dangerous: bool = False
    note_label: str = "A note for the record"

    def asked_of(self, post: Post) -> Step:
        """The same step with its question about this post."""
        return replace(self, question=self.question.format(post=post))


STEPS = {
    step.verb: step
    for step in (
        Step("publish", "Publish", "“{post}” is published.", saves=True),
        Step("schedule", "Schedule", "“{post}” goes live on {when}.", saves=True),
        Step("update", "Update now", "Readers of “{post}” see the newest version now.", saves=True),
        Step("plan_update", "Update on…", "Readers of “{post}” will see these changes on {when}.", saves=True),
        Step("submit", "Submit for review", "“{post}” waits for review.", saves=True),
        Step(
            "send_back",
            "Back to draft",
            "“{post}” is a draft again.",
            "Make “{post}” a draft again?",
            "It leaves the queue or the plan; nothing of its text is lost.",
            note_label="What is still missing",
        ),
        Step(
            "cancel_update",
            "Take back the plan",
            "The changes to “{post}” wait without a date.",
            "Take back the planned update of “{post}”?",
            "Readers go on seeing what they see now; the changes are kept and wait.",
        ),
        Step(
            "discard",
            "Discard changes",
            "The changes to “{post}” are dropped; readers see what they saw before.",
            "Discard the changes to “{post}”?",
            "What readers see stays. The versions you drop stay in the history and can be restored from there.",
            dangerous=True,
        ),
        Step(
            "archive",
            "Archive",
            "“{post}” is archived.",
            "Archive “{post}”?",
            "Readers no longer find it; it stays here and can be published again.",
            dangerous=True,
        ),
        Step(
            "trash",
            "Move to trash",
            "“{post}” is in the trash.",
            "Move “{post}” to the trash?",
            "Readers no longer find it. It can be restored as a draft.",
            dangerous=True,
        ),
        Step(
            "restore",
            "Restore",
            "“{post}” is a draft again.",
            "Restore “{post}” from the trash?",
            "It comes back as a draft, whatever it was before.",
        ),
    )
}


def take(
    verb: str,
    post: Post,
    *,
    by: User,
    note: str = "",
    at: datetime | None = None,
    override: str = "",
    reviewer: User | None = None,
    seen: int | None = None,
) -> bool:
    """Take a step; False when the post is already there. Raises Refusal.

    `at` is for plans, `override` the reason to go over blocking checks, `reviewer` who is wished for a review, `seen`
    the version somebody looked at before they discard it.
    """
    planned: dict[str, Callable[..., bool]] = {"schedule": publishing.schedule, "plan_update": publishing.plan_update}
    if verb in planned:
        if at is None:
            raise Refusal("Choose the day and the time it goes live.", field="scheduled_at")
        return planned[verb](post, by=by, at=at, note=note, override=override)
    if verb == "submit":
        return publishing.submit(post, by=by, note=note, reviewer=reviewer)
    brought_out: dict[str, Callable[..., bool]] = {"publish": publishing.publish, "update": publishing.update}
    if verb in brought_out:
        return brought_out[verb](post, by=by, note=note, override=override)
    if verb == "discard":
        return publishing.discard(post, by=by, note=note, seen=seen)
    calls: dict[str, Callable[..., bool]] = {
        "send_back": publishing.send_back,
        "cancel_update": publishing.cancel_update,
        "archive": publishing.archive,
        "trash": publishing.trash,
        "restore": publishing.restore,
    }
    return calls[verb](post, by=by, note=note)


@dataclass
class Tally:
    """What came of a step taken with several posts."""

    done: int = 0
    already: int = 0
    refused: list[str] | None = None


def take_all(verb: str, posts: Iterable[Post], *, by: User) -> Tally:
    """Take a step with each; one that is refused does not hold up the others."""
    tally = Tally(refused=[])
    for post in posts:
        try:
            if take(verb, post, by=by):
                tally.done += 1
            else:
                tally.already += 1
        except Refusal as refusal:
            tally.refused.append(f"“{post}”: {refusal.sentence}")  # type: ignore[union-attr]
    return tally
