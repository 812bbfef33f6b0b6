"""Files found by what is said about them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from media_assets.models import MediaAsset, MediaTag

# More words narrow nothing that six do not.
MOST_WORDS = 6


def matching(files: QuerySet[MediaAsset], text: str) -> QuerySet[MediaAsset]:
    """Those of `files` in which every word of `text` stands: in the name, alt text, caption, credit or a tag."""
    tagged = MediaAsset.tags.through.objects
    for word in text.replace("\0", "").split()[:MOST_WORDS]:
        tags = MediaTag.objects.filter(name__icontains=word).values("pk")
        files = files.filter(
            Q(name__icontains=word)
            | Q(alt_text__icontains=word)
            | Q(caption__icontains=word)
            | Q(credit__icontains=word)
            | Q(pk__in=tagged.filter(mediatag__in=tags).values("mediaasset"))
        )
    return files
