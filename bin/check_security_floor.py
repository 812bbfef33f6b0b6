#!/usr/bin/env python
"""Fail when a pinned package is older than requirements/security-floor.txt allows, or no longer pinned at all.

An auditor that cannot reach its database skips packages and calls that good; this list skips nothing.
"""

import re
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
FLOOR = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)>=(?P<version>[0-9.]+)\s+#\s*(?P<reason>\S.*)$")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[0-9][^\s;\\]*)", re.MULTILINE)


def usual(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def find_faults(floors: str, lock: str) -> list[str]:
    """A sentence for every floor the lock is below, does not name, or that has no reason beside it."""
    pinned: dict[str, list[str]] = {}
    for pin in PIN.finditer(lock):
        pinned.setdefault(usual(pin["name"]), []).append(pin["version"])
    faults = []
    for line in floors.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        floor = FLOOR.match(line)
        if not floor:
            faults.append(f"“{line}” is not of the form name>=version  # reason.")
            continue
        versions = pinned.get(usual(floor["name"]), [])
        if not versions:
            faults.append(f"{floor['name']} is not in the lock; remove its floor or pin it.")
        faults += [
            f"{floor['name']} is pinned at {version}; it must be {floor['version']} or newer: {floor['reason']}."
            for version in versions
            if numbers(version) < numbers(floor["version"])
        ]
    return faults


def main() -> int:
    faults = find_faults(
        (REQUIREMENTS / "security-floor.txt").read_text(), (REQUIREMENTS / "requirements.txt").read_text()
    )
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
