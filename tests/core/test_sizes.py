"""One way of saying how large a file is, on every page and in every command."""

import pytest

from core.sizes import in_bytes


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (796_364, "796 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (2_345_678, "2.3 MB"),
        (99_600_000, "100 MB"),
        (4_200_000_000, "4.2 GB"),
        (1_500_000_000_000, "1.5 TB"),
    ],
)
def test_sizes_are_said_in_thousands(size, said):
    assert in_bytes(size) == said
