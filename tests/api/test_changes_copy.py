"""A copy that is built from the change feed alone is what there is, whatever was done and however it was written."""

import random

from django.db.models import F

from accounts.models import User
from blog import changes, publishing, taxonomy, writing
from blog.api.changes import SERIALIZERS
from blog.models import Category, Post, Tag, TaggedPost, TopicCluster
from core.refusals import Refusal
from media_assets.models import MediaAsset
from tests.media_assets.making_assets import make_asset

OPERATIONS = 1000


class Copy:
    """What a program keeps: by kind and id, nothing but what the feed said."""

    def __init__(self, program) -> None:
        self.program, self.cursor, self.things = program(), "", {}

    def follow(self, pages: int = 1000) -> None:
        for _ in range(pages):
            page = self.program.get(f"/changes/?page_size=7&since={self.cursor}").json()
            for each in page["results"]:
                key = each["kind"], each["id"]
                if each["deleted"]:
                    # Nobody hears of the end of what they never heard of, but for what ended while they read.
                    self.things.pop(key, None)
                else:
                    self.things[key] = each[each["kind"]]
            self.cursor = page["cursor"]
            if not page["next"]:
                return


def whole_dump() -> dict:
    """By the rows themselves, without the feed."""
    public = {post.pk for post in Post.objects.all() if post.status == "published" and post.trashed_at is None}
    posts = [post for post in Post.objects.prefetch_related("tags", "co_authors") if post.pk in public]
    tags = {tag for post in posts for tag in post.tags.all()}
    topics = {post.topic_cluster for post in posts if post.topic_cluster}
    categories = set()
    for post in posts:
        above = post.category
        while above is not None:
            categories.add(above)
            above = above.parent
    media = {asset for post in posts for asset in (post.featured_image, post.og_image) if asset}
    media |= {row.asset for post in posts for row in post.media_in_text.all()}
    found = {
        "post": posts,
        "tag": tags,
        "topic": topics,
        "category": categories,
        "media": {asset for asset in media if asset.state == "ready"},
    }
    return {(kind, thing.pk): SERIALIZERS[kind](thing).data for kind, things in found.items() for thing in things}


class World:
    """Somebody does anything, mostly through the doors of the desk, sometimes behind their back."""

    def __init__(self, seed: int, author: User, editor: User) -> None:
        self.chance, self.author, self.editor = random.Random(seed), author, editor
        self.done = 0

    def some(self, rows):
        return self.chance.choice([*rows.order_by("pk")] or [None])

    def act(self) -> None:
        deeds = [name for name in dir(self) if name.startswith("do_")]
        try:
            getattr(self, self.chance.choice(deeds))()
            self.done += 1
        except Refusal:
            pass

    def do_write(self):
        post = Post(title=f"Post {self.chance.random()}", author=self.author)
        self.fill(post)

    def fill(self, post):
        picture = self.some(MediaAsset.objects.all())
        post.content_markdown = f"Words. ![A]({picture.url})" if picture and self.chance.random() < 0.3 else "Words."
        for name, rows in (
            ("category", Category.objects.all()),
            ("topic_cluster", TopicCluster.objects.all()),
            ("featured_image", MediaAsset.objects.all()),
            ("og_image", MediaAsset.objects.all()),
        ):
            if self.chance.random() < 0.4:
                setattr(post, name, self.some(rows))
        tags = self.chance.sample(["rope", "sail", "keel", "tar", "oar"], self.chance.randint(0, 3))
        writing.save(post, by=None if self.chance.random() < 0.5 else self.editor, tags=tags)

    def do_change(self):
        post = self.some(Post.objects.filter(trashed_at__isnull=True))
        if post:
            post.title = f"Changed {self.chance.random()}"
            self.fill(post)

    def do_publish(self):
        if post := self.some(Post.objects.exclude(status="published")):
            publishing.publish(post, by=self.editor)

    do_publish_another = do_publish_a_third = do_publish_a_fourth = do_publish
    do_write_another = do_write_a_third = do_write

    def do_bring_out(self):
        if post := self.some(Post.objects.filter(status="published", pending_change__isnull=False)):
            publishing.update(post, by=self.editor)

    def do_archive(self):
        if post := self.some(Post.objects.filter(status="published")):
            publishing.archive(post, by=self.editor)

    def do_trash(self):
        if post := self.some(Post.objects.all()):
            publishing.trash(post, by=self.editor)

    def do_delete_post(self):
        if post := self.some(Post.objects.all()):
            post.delete()

    def do_new_category(self):
        if Category.objects.count() < 8:
            parent = self.some(Category.objects.all()) if self.chance.random() < 0.6 else None
            taxonomy.save_category(Category(name=f"Category {self.chance.random()}", parent=parent))

    def do_rename_category(self):
        if category := self.some(Category.objects.all()):
            category.name = category.slug = f"Renamed {self.chance.random()}"
            taxonomy.save_category(category)

    def do_move_category(self):
        if category := self.some(Category.objects.all()):
            taxonomy.move_category(category, target=self.some(Category.objects.all()))

    def do_delete_category(self):
        if category := self.some(Category.objects.all()):
            taxonomy.delete_category(category)

    def do_rename_tag(self):
        if tag := self.some(Tag.objects.all()):
            tag.name = f"tag {self.chance.random()}"
            taxonomy.save_named(tag)

    def do_merge_tags(self):
        tags = [*Tag.objects.order_by("pk")]
        if len(tags) > 3:
            taxonomy.merge_tags(tags[:2], tags[2], by=self.editor)

    def do_delete_tag(self):
        if tag := self.some(Tag.objects.all()):
            tag.delete()

    def do_topic(self):
        topic = self.some(TopicCluster.objects.all()) if TopicCluster.objects.count() > 3 else TopicCluster()
        topic.name = topic.slug = f"topic-{int(self.chance.random() * 1e9)}"
        taxonomy.save_named(topic)

    def do_delete_topic(self):
        if topic := self.some(TopicCluster.objects.all()):
            topic.delete()

    def do_picture(self):
        if MediaAsset.objects.count() < 8:
            make_asset(state=self.chance.choice(["ready", "ready", "pending"]))

    def do_describe_picture(self):
        if picture := self.some(MediaAsset.objects.all()):
            MediaAsset.objects.filter(pk=picture.pk).update(
                alt_text=f"It shows {self.chance.random()}", state=self.chance.choice(["ready", "pending"])
            )

    def do_delete_picture(self):
        if picture := self.some(MediaAsset.objects.all()):
            picture.delete()

    def do_co_authors(self):
        if post := self.some(Post.objects.all()):
            post.co_authors.set([self.editor] if self.chance.random() < 0.5 else [])

    def do_behind_the_back(self):
        """As a console or another program would: many rows at once, and no function of ours hears of it."""
        match self.chance.randrange(4):
            case 0:
                Post.objects.filter(status="published", pk__gt=self.chance.randint(0, 200)).update(
                    title=f"All {self.chance.random()}", word_count=F("word_count") + 1
                )
            case 1:
                if post := self.some(Post.objects.filter(status="published")):
                    Post.objects.filter(pk=post.pk).update(status="archived")
            case 2:
                if row := self.some(TaggedPost.objects.all()):
                    TaggedPost.objects.filter(pk=row.pk).delete()
            case 3:
                if post := self.some(Post.objects.all()):
                    Post.objects.filter(pk=post.pk).update(category=self.some(Category.objects.all()))


def test_after_a_thousand_operations_the_copy_is_the_dump(program, author, editor, unlimited):
    world, copy, heard_of = World(7, author, editor), Copy(program), 0
    for number in range(OPERATIONS):
        world.act()
        if world.chance.random() < 0.1:
            # Often not to the end, so that the next operations come between two pages.
            copy.follow(pages=world.chance.choice([1, 2, 1000]))
        if number % 250 == 249:
            copy.follow()
            assert copy.things == whole_dump(), f"after {number + 1} operations"
            heard_of = max(heard_of, len(copy.things))
            late = Copy(program)
            late.follow()
            assert late.things == copy.things, "who begins late has the same"
    assert world.done > OPERATIONS * 0.6 and heard_of > 25, (world.done, heard_of)
    assert changes.take_in() == 0
