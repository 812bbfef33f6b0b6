"""The publication, started: what the waiting process of a storm imports before it splits."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402

import comments.posting  # noqa: E402, F401
import config.urls  # noqa: E402, F401

if pool := settings.DATABASES["default"].get("OPTIONS", {}).get("pool"):
    pool["timeout"] = 60  # a busy machine is no fault of the code
