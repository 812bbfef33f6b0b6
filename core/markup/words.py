"""The few words that rendering itself adds to a text, and the quotation marks, by language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What the renderer says in one language; `note` and `play` are completed with a number or the name of a host."""

    notes: str
    note: str
    back: str
    back_long: str
    section: str
    table: str
    code: str
    play: str
    done: str
    open: str


_WORDS = {
    "en": Words(
        "Notes",
        "Note {}",
        "Back",
        "Back to the text",
        "Link to this section",
        "Table",
        "Code",
        "Play on {}",
        "Done",
        "Not done",
    ),
    "de": Words(
        "Anmerkungen",
        "Anmerkung {}",
        "Zurück",
        "Zurück zum Text",
        "Link zu diesem Abschnitt",
        "Tabelle",
        "Code",
        "Auf {} abspielen",
        "Erledigt",
        "Offen",
    ),
    "fr": Words(
        "Notes",
        "Note {}",
        "Retour",
        "Retour au texte",
        "Lien vers cette section",
        "Tableau",
        "Code",
        "Lire sur {}",
        "Fait",
        "À faire",
    ),
    "ar": Words(
        "الحواشي",
        "الحاشية {}",
        "رجوع",
        "العودة إلى النص",
        "رابط هذا القسم",
        "جدول",
        "شفرة",
        "تشغيل على {}",
        "تم",
        "لم يتم",
    ),
    "es": Words(
        "Notas",
        "Nota {}",
        "Volver",
        "Volver al texto",
        "Enlace a esta sección",
        "Tabla",
        "Código",
        "Ver en {}",
        "Hecho",
        "Pendiente",
    ),
    "it": Words(
        "Note",
        "Nota {}",
        "Torna",
        "Torna al testo",
        "Link a questa sezione",
        "Tabella",
        "Codice",
        "Guarda su {}",
        "Fatto",
        "Da fare",
    ),
    "pt": Words(
        "Notas",
        "Nota {}",
        "Voltar",
        "Voltar ao texto",
        "Ligação para esta secção",
        "Tabela",
        "Código",
        "Ver no {}",
        "Feito",
        "Por fazer",
    ),
    "nl": Words(
        "Noten",
        "Noot {}",
        "Terug",
        "Terug naar de tekst",
        "Link naar dit deel",
        "Tabel",
        "Code",
        "Bekijk op {}",
        "Klaar",
        "Nog te doen",
    ),
    "pl": Words(
        "Przypisy",
        "Przypis {}",
        "Wróć",
        "Wróć do tekstu",
        "Odnośnik do tej sekcji",
        "Tabela",
        "Kod",
        "Obejrzyj w {}",
        "Zrobione",
        "Do zrobienia",
    ),
}

# Outer pair, then inner pair. French marks stand off from the word by a narrow space that never breaks.
_QUOTES = {
    "en": ("“", "”", "‘", "’"),
    "de": ("„", "“", "‚", "‘"),
    "de-ch": ("«", "»", "‹", "›"),
    "fr": ("«\u202f", "\u202f»", "“", "”"),
    "fr-ch": ("«", "»", "‹", "›"),
    "es": ("«", "»", "“", "”"),
    "it": ("«", "»", "“", "”"),
    "pt": ("«", "»", "“", "”"),
    "pt-br": ("“", "”", "‘", "’"),
    "pl": ("„", "”", "‚", "’"),
    "cs": ("„", "“", "‚", "‘"),
    "sk": ("„", "“", "‚", "‘"),
    "sl": ("„", "“", "‚", "‘"),
    "hr": ("„", "“", "‚", "‘"),
    "hu": ("„", "”", "»", "«"),
    "ro": ("„", "”", "«", "»"),
    "bg": ("„", "“", "‚", "‘"),
    "lt": ("„", "“", "‚", "‘"),
    "is": ("„", "“", "‚", "‘"),
    "da": ("»", "«", "›", "‹"),
    "nb": ("«", "»", "‘", "’"),
    "no": ("«", "»", "‘", "’"),
    "nn": ("«", "»", "‘", "’"),
    "sv": ("”", "”", "’", "’"),
    "fi": ("”", "”", "’", "’"),
    "el": ("«", "»", "“", "”"),
    "ru": ("«", "»", "„", "“"),
    "uk": ("«", "»", "„", "“"),
}


def _closest(table: dict, language: str):
    code = language.lower().replace("_", "-")
    return table.get(code) or table.get(code.split("-")[0]) or table["en"]


def words_in(language: str) -> Words:
    """The renderer's words in `language` (a BCP 47 tag such as "de" or "pt-BR"); English where we have none."""
    return _closest(_WORDS, language)


def quotes_in(language: str) -> tuple[str, str, str, str]:
    """Opening and closing quotation mark, then the inner pair, as `language` prints them; English where unknown."""
    return _closest(_QUOTES, language)
