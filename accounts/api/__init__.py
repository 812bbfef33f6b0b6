"""The API of people: logging in, oneself, whom one follows, what one was told."""
