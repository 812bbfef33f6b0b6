"""How a rule says no."""

from typing import Any


class Refusal(Exception):
    """A step that is not allowed, with a sentence that names the state and can be shown to the person who tried.

    `field` names the field it is about, when there is one; `facts` are what a program may want to know besides.
    """

    facts: dict[str, Any] = {}

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class NotAllowed(Refusal):
    """Refused for who asks, not for the state of the thing: somebody else may."""
