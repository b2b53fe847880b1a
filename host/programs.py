"""Programs of the machine that some tests need: installed when we may, missed out loud when we may not."""
import os
import shutil
from dataclasses import dataclass

from .errors import HostError
from .process import clean_environment, run
from .say import say, step


@dataclass(frozen=True)
class Program:
    """A program, under the names that Odoo looks for, and what goes without it. `packages` are Debian's."""

    title: str
    names: tuple
    packages: tuple
    size: str
    tests: str


# prints and pictures show Chinese, so the font comes with both
BROWSER = Program("Chromium", ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable"),
                  ("chromium", "fonts-noto-cjk"), "150 MB", "browser tests")
PRINTER = Program("wkhtmltopdf", ("wkhtmltopdf",), ("wkhtmltopdf", "fonts-noto-cjk"), "90 MB", "tests of PDF files")


def ensure(program, home):
    """:return: True when the program is there, installed now if root and apt allow it; else what is skipped has been said"""
    if find(program):
        return True
    title, tests = program.title, program.tests
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"  No {title} on this machine: {tests} will be skipped. Install it (Debian: apt install {program.packages[0]}) "
            "to run them.")
        return False
    log = home.log / f"{program.packages[0]}.log"
    env = clean_environment(DEBIAN_FRONTEND="noninteractive")
    try:
        with step(f"Installing {title} for the {tests} (apt, about {program.size})"):
            run(["apt-get", "-q", "update"], log, "Fetching the list of packages", env=env)
            run(["apt-get", "-q", "-y", "--no-install-recommends", "install", *program.packages], log,
                f"Installing {title}", env=env)
    except HostError as error:
        say(f"  {error}\n  The {tests} will be skipped.")
        return False
    if not find(program):
        say(f"  apt installed {title}, but under none of the names that Odoo looks for. The {tests} will be skipped.")
    return bool(find(program))


def find(program):
    """:return: path of the program that Odoo would start, or None"""
    return next(filter(None, map(shutil.which, program.names)), None)
