"""The command as a program of its own."""

from __future__ import annotations

import atexit
import os
import sys
import threading

from generator.collecting import collect_seldom

collect_seldom()  # before anything else is imported, here and in the processes that this one starts


def run() -> None:
    """Run the command and end the process.

    It ends as soon as what it has to say is said: to take apart all that is in memory would take a tenth of
    the time of a build that changes one page.
    """
    from generator.cli import main  # the processes that this one starts import this module, and need no command

    try:
        main()
    except SystemExit as end:
        if not isinstance(end.code, int) or threading.active_count() > 1:
            raise
        atexit._run_exitfuncs()
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:  # whoever reads is gone: Python knows what to do
            raise end from None
        os._exit(end.code)


if __name__ == "__main__":
    run()
