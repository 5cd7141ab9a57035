"""Whether the console was built: `make` does that before its tests, and a bare pytest in a fresh checkout did not."""

import pytest

from tests.support.programs.signet_command import CHECKOUT

FILES = CHECKOUT / "functions/console/get_console/files"
NOT_BUILT = "not installed: the console (`make console` builds it)"
"""As the closing line of a test run takes it."""


def is_built() -> bool:
    """Whether the function has a page to hand out."""
    return (FILES / "index.html").is_file()


needs_console = pytest.mark.skipif(not is_built(), reason=NOT_BUILT)
