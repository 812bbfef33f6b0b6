"""A worker that mails notices is killed in the middle, by the kill nobody can catch: each is mailed once all the same.

The child takes its own life at the step that is tried, so that every gap between two steps is hit and not only some.
"""

import email
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accounts import digest, mail_choices, mailing, notifications
from accounts.models import Notification, OutgoingMail
from tests.comments.storm import address_of_database
from tests.conftest import make_person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
EVENING = NOON + timedelta(days=1)
PEOPLE = 4

PROGRAM = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from accounts import digest, mailing, notifications
from accounts.models import User
what, step, at = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])

def die_at(module, name, number, *, after):
    done, asked = getattr(module, name), [0]
    def deed(*given, **named):
        asked[0] += 1
        if asked[0] == number and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = done(*given, **named)
        if asked[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(module, name, deed)

if step == "before it is queued":
    die_at(mailing, "queue", 2, after=False)
elif step == "queued, not committed":
    die_at(mailing, "queue", 2, after=True)
elif step == "committed":
    die_at(digest, "send", 2, after=True)
elif step == "claimed":
    die_at(mailing, "_claim", 2, after=True)
elif step == "handed over":
    die_at(mailing, "_mark_sent", 2, after=False)
elif step == "marked":
    die_at(mailing, "_mark_sent", 2, after=True)

if what == "notices":
    people = User.objects.filter(username__startswith="reader").order_by("pk")
    notifications.notify(people, category="reply", text="Ana answers you.", mail=True, at=at)
else:
    digest.send_due(at)
mailing.send_due()
"""


class Post:
    """What left, as the next server has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, what: str, step: str = "") -> subprocess.Popen:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": address_of_database(),
            "EMAIL_URL": f"filemail:///{self.folder}",
        }
        command = [sys.executable, "-c", PROGRAM, what, step, EVENING.isoformat()]
        return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)

    def run(self, what: str, step: str = "") -> None:
        process = self.start(what, step)
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == (-signal.SIGKILL if step else 0), complaint

    def left(self) -> Counter:
        """How often each message left, by who it is for and its id."""
        found = Counter()
        for file in self.folder.iterdir():
            for text in re.split(r"^-{79}$", file.read_text(), flags=re.M):
                if "Message-ID" in text:
                    message = email.message_from_string(text.lstrip())
                    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
                    found[message["To"], message["Message-ID"]] += 1
        return found


@pytest.fixture
def post(tmp_path):
    return Post(tmp_path)


@pytest.fixture
def readers(transactional_db):
    return [make_person(f"reader{number}") for number in range(PEOPLE)]


def let_the_claim_run_out() -> None:
    OutgoingMail.objects.filter(status="sending").update(claimed_at=datetime(2026, 1, 1, tzinfo=UTC))


def wait_for_digest(readers) -> None:
    for person in readers:
        mail_choices.choose(person, {"reply": "daily"})
    notifications.notify(readers, category="reply", text="Ana answers you.", mail=True, at=NOON)


@pytest.mark.parametrize(
    "step", ["before it is queued", "queued, not committed", "committed", "claimed", "handed over", "marked"]
)
def test_each_gets_one_mail_of_the_day_whatever_the_worker_was_doing(post, readers, step):
    wait_for_digest(readers)
    post.run("digest", step)
    let_the_claim_run_out()
    both = [post.start("digest"), post.start("digest")]  # two workers come back
    assert [process.wait(60) for process in both] == [0, 0]
    post.run("digest")
    left = post.left()
    assert sorted(to for to, _ in left) == sorted(person.email for person in readers), "one message for each"
    # Nobody knows whether what was handed over has arrived: it goes again, as the same message.
    assert sorted(left.values()) == [1] * (PEOPLE - 1) + [2 if step == "handed over" else 1]
    assert OutgoingMail.objects.filter(status="sent").count() == OutgoingMail.objects.count() == PEOPLE
    assert not Notification.objects.filter(mailed_at=None).exists()
    assert digest.send_due(EVENING) == 0


@pytest.mark.parametrize("step", ["queued, not committed", "claimed", "handed over"])
def test_a_notice_and_its_mail_are_there_together_or_not_at_all(post, readers, step):
    post.run("notices", step)
    told = 0 if step == "queued, not committed" else PEOPLE
    assert Notification.objects.count() == OutgoingMail.objects.count() == told
    let_the_claim_run_out()
    mailing_again = post.start("digest")
    assert mailing_again.wait(60) == 0
    left = post.left()
    assert len(left) == told and len({to for to, _ in left}) == told
    assert sum(left.values()) == told + (step == "handed over")
    assert not mailing._due(datetime.now(UTC) + timedelta(days=1)).exists()
