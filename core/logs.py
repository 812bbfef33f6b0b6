"""What no log keeps."""

import logging
import re


class Mask(logging.Filter):
    """Put "…" in the place of secrets in addresses, in lines that are plain text and in the fields of others.

    Each way to match `pattern` has one group, what stands before the secret and stays.
    """

    def __init__(self, pattern: str) -> None:
        super().__init__()
        self.pattern = re.compile(pattern)

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            said = record.getMessage()
            masked = self._without_secrets(said)
            if masked != said:
                record.msg, record.args = masked, ()
        elif isinstance(record.msg, dict):
            record.msg = {
                name: self._without_secrets(value) if isinstance(value, str) else value
                for name, value in record.msg.items()
            }
        return True

    def _without_secrets(self, said: str) -> str:
        return self.pattern.sub(lambda found: f"{found[found.lastindex or 0]}…", said)
