"""No core file of a process that has PINs and tokens in its memory."""

from __future__ import annotations

PR_SET_DUMPABLE = 4


def forbid_core_files() -> None:
    """Let no core file of this process be written: called before there is anything to be kept out of one."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return
    try:
        import ctypes

        # A core that is piped to a program has no such limit: say also that this process is not to be dumped. Its
        # memory and its environment are then for nobody else of the same user to read, either.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return  # Not Linux: the limit is all there is.
