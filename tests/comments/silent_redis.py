"""As a program: what guests do while the Redis that is set takes connections and is silent. Prints what came of it."""

import json
import os
import sys
import time


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.cache import caches
    from django.test import Client

    slug, comment = sys.argv[1:]
    settings.ALLOWED_HOSTS = ["*"]
    guest, here = Client(), {"sec-fetch-site": "same-origin"}

    def say(words):
        token = guest.get("/comments/token/").json()["token"]
        fields = {"content": words, "name": "Vera", "email": "vera@example.org", "token": token}
        return lambda: guest.post(f"/comments/to/{slug}/", fields, headers=here)

    def like(address):
        return lambda: guest.post(address, {"like": "1"}, headers=here)

    start = time.monotonic()
    try:
        caches["limits"].get("anything")
        redis = "heard"
    except Exception as error:
        redis = "silent" if time.monotonic() - start > 0.5 else f"refused: {error}"
    deeds = {
        "comment": say("Said into the silence."),
        "like": like(f"/blog/{slug}/like/"),
        "like comment": like(f"/comments/{comment}/like/"),
        "another comment": say("Said into the silence once more."),
    }
    said = {}
    for name, deed in deeds.items():
        start = time.monotonic()
        answer = deed()
        said[name] = {"status": answer.status_code, "seconds": time.monotonic() - start}
    print(json.dumps({"redis": redis, "deeds": said}))


if __name__ == "__main__":
    main()
