"""What the command says while it works: one line per step, alive while the step lasts."""
import contextlib
import sys
import threading
import time


def say(text=""):
    """One line for the person, on standard error, so that standard output stays free for results."""
    _write(f"{text}\n")


def _write(text):
    """A terminal that was closed, or a log on a full disk, must not keep the command from ending in order."""
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


class Step:
    """A step under way; `detail` may be changed at any time and is shown with the elapsed time."""

    def __init__(self, title):
        self.title = title
        self.detail = ""
        self.started = time.monotonic()

    @property
    def seconds(self):
        return time.monotonic() - self.started


@contextlib.contextmanager
def step(title):
    """Show a step: its title at once, signs of life while it runs, and its time at the end.

    On a terminal one line is redrawn every half second; in a log a line is added every 20 seconds.
    """
    current = Step(title)
    terminal = sys.stderr.isatty()
    ended = threading.Event()

    def breathe():
        while not ended.wait(0.5 if terminal else 20):
            detail = f" {current.detail}" if current.detail else ""
            if terminal:
                _write(f"\r\033[K  {title} …{detail} {current.seconds:.0f} s")
            else:
                say(f"  {title}:{detail} still at it, {current.seconds:.0f} s")

    if not terminal:
        say(f"  {title} …")
    else:
        _write(f"  {title} …")
    thread = threading.Thread(target=breathe, daemon=True)
    thread.start()
    outcome = "stopped"
    try:
        yield current
        outcome = "done"
    finally:
        ended.set()
        thread.join()
        if terminal:
            _write("\r\033[K")
        if terminal or outcome != "done" or current.seconds > 2:
            say(f"  {title}: {outcome} ({current.seconds:.1f} s)")
