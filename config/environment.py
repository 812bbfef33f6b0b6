"""Reads settings from the environment; what cannot be meant is refused by name, with its mending."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class NamedEnv(environ.Env):
    """A value of the wrong kind is refused with the name of its variable; an empty one is as good as none."""

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        given = self.ENVIRON.get(var, "")
        if cast is bool and given and given.lower() not in {*self.BOOLEAN_TRUE_STRINGS, "false", "off", "no", "n", "0"}:
            raise ImproperlyConfigured(f"{var} is “{given}”. Set it to 1 or 0.")
        if not given and default is not self.NOTSET:
            return default
        try:
            return super().get_value(var, cast=cast, default=default, parse_default=parse_default)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} is “{given}”. Set it to a whole number.") from error

    def address(self, var: str, default: str, schemes: Iterable[str], mend: str, needs_host: bool = True) -> str:
        """A URL of one of `schemes`; what is refused is not shown, since it may hold a password."""
        given: str = self.str(var, "")
        if not given:
            return default
        try:
            parts = urlsplit(given)
            sound = parts.scheme in set(schemes) and (not needs_host or (bool(parts.hostname) and parts.port != 0))
        except ValueError:
            sound = False
        if not sound:
            raise ImproperlyConfigured(f"{var} is not an address Letterpress can use. Set it to {mend}.")
        return given

    def level(self, var: str, default: str) -> str:
        given: str = self.str(var, default).upper()
        if given not in LOG_LEVELS:
            raise ImproperlyConfigured(f"{var} is “{given.lower()}”. Choose one of: {', '.join(LOG_LEVELS)}.")
        return given

    def time_zone(self, var: str, default: str) -> str:
        given: str = self.str(var, default)
        try:
            ZoneInfo(given)
        except (KeyError, ValueError, OSError) as error:
            raise ImproperlyConfigured(
                f"{var} is “{given}”, which is no time zone. Set it to a name such as Europe/London or UTC."
            ) from error
        return given

    def language(self, var: str, default: str) -> str:
        given: str = self.str(var, default)
        if given.lower() not in LANG_INFO and given.lower().partition("-")[0] not in LANG_INFO:
            raise ImproperlyConfigured(
                f"{var} is “{given}”, which Django does not speak. Set it to en-gb, de or the like."
            )
        return given
