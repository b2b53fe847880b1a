"""The browser of the tours: Chromium, installed when we may, missed out loud when we may not."""
import os
import shutil

from .errors import HostError
from .process import clean_environment, run
from .say import say, step

NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # those that Odoo looks for


def ensure(home):
    """:return: True when a browser is there, installed now if root and apt allow it"""
    if find():
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("  No Chromium on this machine: browser tests will be skipped. Install it (Debian: apt install chromium) "
            "to run them.")
        return False
    log = home.log / "chromium.log"
    env = clean_environment(DEBIAN_FRONTEND="noninteractive")
    try:
        with step("Installing Chromium for the browser tests (apt, about 150 MB)"):
            run(["apt-get", "-q", "update"], log, "Fetching the list of packages", env=env)
            run(["apt-get", "-q", "-y", "--no-install-recommends", "install", "chromium", "fonts-noto-cjk"], log,
                "Installing Chromium", env=env)
    except HostError as error:
        say(f"  {error}\n  Browser tests will be skipped.")
        return False
    if not find():
        say("  apt installed Chromium, but under none of the names that Odoo looks for. Browser tests will be skipped.")
    return bool(find())


def find():
    """:return: path of the browser that Odoo would start, or None"""
    return next(filter(None, map(shutil.which, NAMES)), None)
