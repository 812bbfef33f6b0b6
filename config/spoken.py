"""The languages of the interface, beginning with the main one. Each has a catalogue in locale/, English needs none."""

ENGLISH = ("en", "English")
WITH_CATALOGUES = (("de", "Deutsch"), ("fr", "Français"), ("ar", "العربية"))


def languages(main: str) -> list[tuple[str, str]]:
    """Code and own name of each; no other kind of the main language beside it, whose code it may have in addresses."""
    from django.conf.locale import LANG_INFO

    own = main.partition("-")[0]
    others = [(code, name) for code, name in (ENGLISH, *WITH_CATALOGUES) if code != own]
    names = dict((ENGLISH, *WITH_CATALOGUES))
    known = LANG_INFO.get(main) or LANG_INFO.get(own) or {}
    name = names.get(own) or str(known.get("name_local", main)).capitalize()
    return [(main, name), *others]
