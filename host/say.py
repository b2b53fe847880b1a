"""What the command says while it works: one line per step, alive while the step lasts."""
import contextlib
import sys
import threading
import time


def say(text=""):
    """One line for the person, on standard error, so that standard output stays free for results."""
    print(text, file=sys.stderr, flush=True)


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
                sys.stderr.write(f"\r\033[K  {title} …{detail} {current.seconds:.0f} s")
                sys.stderr.flush()
            else:
                say(f"  {title}:{detail} still at it, {current.seconds:.0f} s")

    if not terminal:
        say(f"  {title} …")
    else:
        sys.stderr.write(f"  {title} …")
        sys.stderr.flush()
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
            sys.stderr.write("\r\033[K")
        if terminal or outcome != "done" or current.seconds > 2:
            say(f"  {title}: {outcome} ({current.seconds:.1f} s)")
