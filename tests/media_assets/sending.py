"""Files sent by direct upload, and what lies in the private store afterwards."""

import io
import os
import urllib.error
import urllib.request
import uuid
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone
from PIL import Image

from media_assets.uploads import ask


def picture(colour="red", size=(40, 30)):
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, "PNG")
    return output.getvalue()


RED, BLUE = picture("red"), picture("blue")


def asked(by, content=RED, name="harbour.png", mime_type="image/png", **more):
    return ask(by, name, mime_type, len(content), **more)


def put(content, ticket):
    """Into the store, past all forms: what somebody with the keys of the store could do."""
    storages["originals"].delete(ticket.key)
    storages["originals"].save(ticket.key, ContentFile(content))


def multipart(fields, content, name="harbour.png", after=()):
    """The body of a form and its type; `after` are fields behind the file."""
    boundary = uuid.uuid4().hex

    def field(name, value):
        return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()

    before = b"".join(field(*each) for each in fields.items())
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    behind = b"".join(field(*each) for each in dict(after).items())
    body = before + head + content + b"\r\n" + behind + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def send(form, content, **changed):
    """The form as a browser sends it, with the fields that are `changed`; the status of the answer."""
    fields = {**form["fields"], **{name.replace("_", "-"): value for name, value in changed.items()}}
    body, kind = multipart(fields, content)
    if form["url"].startswith("/"):
        return Client(enforce_csrf_checks=True).post(form["url"], body, content_type=kind).status_code
    request = urllib.request.Request(form["url"], body, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def lying(folder=""):
    """The names of everything in the private store."""
    try:
        folders, files = storages["originals"].listdir(folder)
    except FileNotFoundError:
        return []
    inside = [name for each in folders if each != "." for name in lying(os.path.join(folder, each))]
    return sorted([*inside, *(os.path.join(folder, name) for name in files)])


def later(monkeypatch, **time):
    """From here on it is so much later, for everything that asks Django for the time."""
    moment = timezone.now() + timedelta(**time)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
