"""What programs are answered with: JSON in UTF-8, and nothing else."""

from rest_framework.renderers import JSONRenderer


class ProgramRenderer(JSONRenderer):
    """Its media type is also what problems are acceptable as: a caller who wants JSON wants to hear of errors."""

    charset = None
    ensure_ascii = False
