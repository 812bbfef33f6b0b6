"""What Django's own Arabic formats leave out: without these a moment is written in the order of American English."""

DATETIME_FORMAT = "j F، Y، g:i A"
SHORT_DATETIME_FORMAT = "d‏/m‏/Y، g:i A"
