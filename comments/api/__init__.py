"""The conversation as programs take part in it."""
