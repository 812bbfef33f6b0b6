"""The memory of an import: which thing of the old site is which one here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from transfer.models import ImportedRecord

# Part of every fingerprint: raised when the same file would now be written differently.
CONVERTER = 1


@dataclass(slots=True)
class Known:
    """What was remembered of one thing."""

    pk: int
    fingerprint: str
    target_id: int
    target_version: int


class Ledger:
    """All records of one source, in memory while an import runs, written one by one with what they speak of."""

    def __init__(self, source: str) -> None:
        self.source = source
        # The old addresses this run has given a target.
        self.led: set[str] = set()
        rows = ImportedRecord.objects.filter(source=source).order_by()
        fields = ("kind", "old_id", "pk", "fingerprint", "target_id", "target_version")
        self._known = {(kind, old_id): Known(*rest) for kind, old_id, *rest in rows.values_list(*fields)}

    def find(self, kind: str, old_id: str) -> Known | None:
        return self._known.get((kind, old_id))

    def targets(self, kind: str) -> dict[str, int]:
        """The ids here of everything of one kind, by old id."""
        return {old_id: known.target_id for (its_kind, old_id), known in self._known.items() if its_kind == kind}

    def remember(
        self,
        kind: str,
        old_id: str,
        target: Model,
        mark: str,
        *,
        version: int = 0,
        payload: dict[str, Any] | None = None,
    ) -> None:
        """Write down what became of one thing. Call it in the transaction that writes the thing itself."""
        values = _values(target, mark, version, payload)
        known = self.find(kind, old_id)
        if known is None:
            row = ImportedRecord.objects.create(source=self.source, kind=kind, old_id=old_id, **values)
        else:
            row = ImportedRecord(pk=known.pk, source=self.source, kind=kind, old_id=old_id, **values)
            row.save(update_fields=[*values, "updated_at"])
        self._known[kind, old_id] = Known(row.pk, mark, target.pk, version)

    def remember_all(self, entries: list[tuple[str, str, Model, str, dict[str, Any]]]) -> None:
        """As `remember`, for posts and pages that are all new: kind, old id, post, fingerprint, payload."""
        rows = ImportedRecord.objects.bulk_create(
            ImportedRecord(source=self.source, kind=kind, old_id=old_id, **_values(target, mark, 1, payload))
            for kind, old_id, target, mark, payload in entries
        )
        for row in rows:
            self._known[row.kind, row.old_id] = Known(row.pk, row.fingerprint, row.target_id, 1)


def _values(target: Model, mark: str, version: int, payload: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "fingerprint": mark,
        "target_type": ContentType.objects.get_for_model(type(target)),
        "target_id": target.pk,
        "target_version": version,
        "payload": payload or {},
    }


def fingerprint(*values: Any) -> str:
    """The same for the same values, at every run and on every machine."""
    text = json.dumps([CONVERTER, *values], ensure_ascii=False, default=str, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
