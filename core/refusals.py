"""How a rule says no."""


class Refusal(Exception):
    """A step that is not allowed, with a sentence that names the state and can be shown to the person who tried.

    `field` names the field it is about, when there is one.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
