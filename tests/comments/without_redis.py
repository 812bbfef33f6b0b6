"""As a program: what readers do while the Redis that is set answers nobody. Prints, as JSON, what came of each deed."""

import json
import os
import re
import sys
import time


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.cache import caches
    from django.test import Client

    from accounts.models import User

    slug, comment, member, password = sys.argv[1:]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["*"]

    def timed(deed):
        start = time.monotonic()
        answer = deed()
        return {"status": answer.status_code, "seconds": time.monotonic() - start}

    said = {}
    try:
        caches["limits"].get("anything")
        said["redis"] = "answers"
    except Exception as error:
        said["redis"] = type(error).__name__
    guest, here = Client(), {"sec-fetch-site": "same-origin"}
    page = guest.get(f"/blog/{slug}/")
    said["page"] = {"status": page.status_code, "comments": "Before it went." in page.content.decode()}
    token = guest.get("/comments/token/").json()["token"]
    fields = {"content": "Said without it.", "name": "Vera", "email": "vera@example.org", "token": token}
    said["comment"] = timed(lambda: guest.post(f"/comments/to/{slug}/", fields, headers=here))
    said["like"] = timed(lambda: guest.post(f"/blog/{slug}/like/", {"like": "1"}, headers=here | {"user-agent": "A"}))
    said["like comment"] = timed(lambda: guest.post(f"/comments/{comment}/like/", {"like": "1"}, headers=here))
    visitor = Client()
    answer = visitor.post("/accounts/login/", {"login": member, "password": password})
    said["log in"] = {"status": answer.status_code, "in": "sessionid" in str(visitor.cookies)}
    other = Client()
    other.force_login(User.objects.get(username="author"), backend="accounts.backends.RoleBackend")
    html = other.get(f"/blog/{slug}/").content.decode()
    said["other"] = {"in": 'name="csrfmiddlewaretoken"' in html}
    fields = {
        "content": "As a member.",
        "token": re.search(r'name="token" value="([^"]+)"', html)[1] if said["other"]["in"] else "",
    }
    said["member"] = timed(lambda: other.post(f"/comments/to/{slug}/", fields, headers=here))
    print(json.dumps(said))


if __name__ == "__main__":
    main()
