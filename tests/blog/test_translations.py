"""Posts linked as translations: one in each language, in one group, from whichever side they are linked."""

import pytest

from accounts.models import AuditEntry
from blog import publishing, translating, translations, writing
from blog.models import Post
from core.refusals import Refusal


@pytest.fixture
def harbour(publish) -> Post:
    return publish("The harbour", content_language="en")


@pytest.fixture
def hafen(publish) -> Post:
    return publish("Der Hafen", content_language="de")


def named(post: Post, *, live: bool = True) -> list[str]:
    post.refresh_from_db()
    return [other.title for other in translations.translations_of(post, live=live)]


def test_linked_posts_know_each_other_and_the_trail_knows_who_linked_them(harbour, hafen, editor):
    assert translations.link(harbour, hafen, by=editor)
    assert named(harbour) == ["Der Hafen"]
    assert named(hafen) == ["The harbour"]
    assert AuditEntry.objects.filter(action="linked as a translation", actor=editor).count() == 1
    assert not translations.link(hafen, harbour, by=editor)
    assert AuditEntry.objects.filter(action="linked as a translation").count() == 1


def test_two_groups_become_one_when_no_language_comes_twice(harbour, hafen, publish, editor):
    port, mina = publish("Le port", content_language="fr"), publish("الميناء", content_language="ar")
    translations.link(harbour, hafen, by=editor)
    translations.link(port, mina, by=editor)
    assert translations.link(mina, hafen, by=editor)
    assert sorted(named(harbour)) == ["Der Hafen", "Le port", "الميناء"]


def test_a_language_has_one_post_in_a_group(harbour, hafen, publish, editor):
    translations.link(harbour, hafen, by=editor)
    second = publish("Der Hafen, anders", content_language="DE")
    with pytest.raises(Refusal, match="both in Deutsch"):
        translations.link(second, harbour, by=editor)
    assert named(harbour) == ["Der Hafen"]
    assert named(second) == []


def test_nothing_is_linked_to_itself_or_from_the_trash(harbour, write, editor):
    with pytest.raises(Refusal, match="no translation of itself"):
        translations.link(harbour, harbour, by=editor)
    thrown = write("Weg", content_language="de")
    publishing.trash(thrown, by=editor)
    with pytest.raises(Refusal, match="in the trash"):
        translations.link(harbour, thrown, by=editor)


def test_both_must_be_ones_own_to_change(harbour, write, author, editor):
    hidden = write("Geheim", content_language="de", by=editor)
    with pytest.raises(Refusal) as refused:
        translations.link(harbour, hidden, by=author)
    assert "Geheim" not in refused.value.sentence
    assert named(harbour, live=False) == []


def test_taking_one_out_leaves_the_others_and_one_alone_is_in_no_group(harbour, hafen, publish, editor):
    port = publish("Le port", content_language="fr")
    translations.link(harbour, hafen, by=editor)
    translations.link(harbour, port, by=editor)
    assert translations.unlink(hafen, by=editor)
    assert named(harbour) == ["Le port"]
    assert translations.unlink(port, by=editor)
    harbour.refresh_from_db()
    assert harbour.translation_group is None
    assert not translations.unlink(harbour, by=editor)


def test_a_deleted_translation_leaves_no_group_of_one(harbour, hafen, editor):
    translations.link(harbour, hafen, by=editor)
    Post.objects.get(pk=hafen.pk).delete()
    harbour.refresh_from_db()
    assert harbour.translation_group is None


def test_one_in_the_trash_is_not_shown_and_comes_back_linked(harbour, hafen, editor):
    translations.link(harbour, hafen, by=editor)
    publishing.trash(Post.objects.get(pk=hafen.pk), by=editor)
    assert named(harbour) == []
    assert named(harbour, live=False) == ["Der Hafen"]


def test_a_language_a_translation_has_is_refused_when_saving(harbour, write, editor):
    draft = write("Entwurf", content_language="de")
    translations.link(harbour, draft, by=editor)
    for post in (Post.objects.get(pk=draft.pk), Post.objects.get(pk=harbour.pk)):
        post.content_language = "en" if post.pk == draft.pk else "de"
        with pytest.raises(Refusal) as refused:
            writing.save(post, by=editor)
        assert refused.value.field == "content_language"


def test_a_form_opened_before_does_not_undo_a_link(write, editor):
    draft, other = write("One", content_language="en"), write("Eins", content_language="de")
    opened = Post.objects.get(pk=draft.pk)
    translations.link(draft, other, by=editor)
    opened.title = "One more"
    writing.save(opened, by=editor)
    assert named(draft, live=False) == ["Eins"]


def test_a_translation_begins_as_a_draft_with_all_that_is_not_words_of_its_own(write, editor):
    original = write("The noon gun", text="One shot.", tags=["Guns", "Noon"], excerpt="Short.", is_featured=True)
    draft = translating.start(original, "de", by=editor)
    assert (draft.status, draft.title, draft.content_markdown) == ("draft", "The noon gun", "One shot.")
    assert (draft.content_language, draft.author, draft.is_featured) == ("de", editor, False)
    assert sorted(draft.tags.names()) == ["Guns", "Noon"]
    assert draft.slug != original.slug
    assert named(original, live=False) == ["The noon gun"]
    before = Post.objects.count()
    with pytest.raises(Refusal, match="both in Deutsch"):
        translating.start(original, "de", by=editor)
    assert Post.objects.count() == before


def test_a_refusal_names_no_draft_the_person_may_not_see(write, author, editor):
    own, secret = write("Mine", content_language="en"), write("SECRET MERGER", content_language="de", by=editor)
    second = write("Meines", content_language="de")
    translations.link(own, secret, by=editor)
    with pytest.raises(Refusal, match="both in Deutsch") as linking:
        translations.link(own, second, by=author)
    assert linking.value.sentence.startswith("“Meines” and another post are")
    changed = Post.objects.get(pk=own.pk)
    changed.content_language = "de"
    with pytest.raises(Refusal, match="is in Deutsch already") as saving:
        writing.save(changed, by=author)
    assert "SECRET" not in linking.value.sentence + saving.value.sentence
    with pytest.raises(Refusal, match="SECRET MERGER"):
        translations.link(own, second, by=editor)
    publishing.publish(secret, by=editor)
    with pytest.raises(Refusal, match="SECRET MERGER"):
        translations.link(own, second, by=author)


def test_a_translation_has_an_address_of_its_own_title_until_readers_know_it(write, editor):
    original = write("The noon gun")
    draft = translating.start(original, "de", by=editor)
    assert draft.slug == "the-noon-gun-2"

    def titled(title: str, **fields) -> str:
        opened = Post.objects.get(pk=draft.pk)
        opened.title = title
        for name, value in fields.items():
            setattr(opened, name, value)
        writing.save(opened, by=editor)
        return Post.objects.get(pk=draft.pk).slug

    assert titled("Die Mittagskanone") == "die-mittagskanone"
    assert titled("Die Kanone am Mittag") == "die-kanone-am-mittag"
    assert titled("Mittags", slug="kanone") == "kanone", "chosen by a person"
    assert titled("Mittagsschuss") == "kanone"
    assert Post.objects.get(pk=original.pk).slug == "the-noon-gun"


def test_a_translation_that_was_live_and_a_post_alone_keep_their_addresses(write, publish, editor):
    draft = translating.start(write("The noon gun"), "de", by=editor)
    publishing.publish(draft, by=editor)
    publishing.archive(Post.objects.get(pk=draft.pk), by=editor)
    alone = write("The harbour")
    for post in (draft, alone):
        opened = Post.objects.get(pk=post.pk)
        opened.title = "Anders"
        writing.save(opened, by=editor)
    assert Post.objects.get(pk=draft.pk).slug == "the-noon-gun-2"
    assert Post.objects.get(pk=alone.pk).slug == "the-harbour"
