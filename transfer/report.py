"""What an import did: counted for people, listed for machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = ("created", "updated", "unchanged", "skipped", "lost")
MAX_LISTED = 5_000


@dataclass
class Report:
    """Counts per kind and outcome, reasons with counts, and a line for every item there is something to say about."""

    file_name: str
    source: str = ""
    dry_run: bool = False
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    items: list[dict[str, Any]] = field(default_factory=list)
    redirects: int = 0
    differing: int = 0
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    checks: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, kind: str, outcome: str, *, old_id: str = "", title: str = "", reason: str = "", line: int = 0
    ) -> None:
        self.counts[kind, outcome] += 1
        if reason:
            self.reasons[kind, outcome, reason] += 1
            self._name(kind, outcome, old_id, title, [reason], line)

    def note(self, kind: str, notes: list[str], *, old_id: str, title: str, line: int = 0) -> None:
        """Something was kept in another form than it had; the item itself counts as taken over."""
        for sentence in notes:
            self.reasons[kind, "changed", sentence] += 1
        if notes:
            self._name(kind, "changed", old_id, title, notes, line)

    def tell_checks(self, post_id: int, title: str, sentences: list[str]) -> None:
        """What the publish checks say of a post that came in; it stays as it was."""
        if len(self.checks) < MAX_LISTED:
            self.checks.append({"post": post_id, "title": title[:200], "findings": sentences})

    def _name(self, kind: str, outcome: str, old_id: str, title: str, notes: list[str], line: int) -> None:
        if len(self.items) < MAX_LISTED:
            entry = {"kind": kind, "outcome": outcome, "old_id": old_id, "title": title[:200], "line": line}
            self.items.append({**entry, "notes": notes})

    def kinds(self) -> list[str]:
        return list(dict.fromkeys(kind for kind, _ in self.counts))

    def table(self) -> str:
        """The closing table, then why something was skipped, lost or changed."""
        rows = [["", *OUTCOMES]]
        for kind in self.kinds():
            rows.append([kind, *(str(self.counts[kind, outcome] or "·") for outcome in OUTCOMES)])
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [
            "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in paired)
            for paired in ([*enumerate(zip(row, widths, strict=True))] for row in rows)
        ]
        if self.reasons:
            lines += ["", "Skipped, lost or changed, and why:"]
            ranked = sorted(self.reasons.items(), key=lambda entry: (entry[0][1] == "changed", -entry[1]))
            for (kind, outcome, reason), number in ranked[:40]:
                lines.append(f"  {number:>5}  {kind}, {outcome}: {reason}")
            if len(self.reasons) > 40:
                lines.append(f"         and {len(self.reasons) - 40} further reasons; the report file has them all.")
        if self.findings:
            lines += ["", "The publish checks would say of what is live:"]
            for (label, severity), number in self.findings.most_common():
                lines.append(f"  {number:>5}  {label} ({severity})")
        return "\n".join(line.rstrip() for line in lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file_name,
            "source": self.source,
            "dry_run": self.dry_run,
            "counts": {
                kind: {outcome: self.counts[kind, outcome] for outcome in OUTCOMES if self.counts[kind, outcome]}
                for kind in self.kinds()
            },
            "redirects": self.redirects,
            "differing_texts": self.differing,
            "reasons": [
                {"kind": kind, "outcome": outcome, "reason": reason, "count": number}
                for (kind, outcome, reason), number in self.reasons.most_common()
            ],
            "items": self.items,
            "publish_checks": self.checks,
        }
