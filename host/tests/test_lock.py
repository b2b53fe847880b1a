"""One ./kehu at a time, and no lock that outlives its holder."""
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from host.errors import BusyError
from host.lock import hold, holder
from host.paths import REPO

HOLDER = """
import sys, time
from pathlib import Path
from host.lock import hold
with hold(Path(sys.argv[1]), "demo"):
    print("held", flush=True)
    time.sleep(60)
"""


class TestLock(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "lock"

    def other(self):
        """:return: another process that holds the lock"""
        child = subprocess.Popen([sys.executable, "-B", "-c", HOLDER, str(self.path)], cwd=REPO, stdout=subprocess.PIPE, text=True)
        self.addCleanup(child.wait)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.kill)
        self.assertEqual(child.stdout.readline(), "held\n")
        return child

    def test_refused_while_another_lives(self):
        child = self.other()
        with self.assertRaises(BusyError) as caught, hold(self.path, "test"):
            self.fail("two processes hold the lock")
        self.assertIn(f"demo, process {child.pid}", str(caught.exception))
        self.assertEqual(holder(self.path), (child.pid, "demo"))

    def test_taken_over_after_a_crash(self):
        child = self.other()
        child.send_signal(signal.SIGKILL)
        child.wait()
        self.assertIn(str(child.pid), self.path.read_text())
        with hold(self.path, "test"):
            self.assertEqual(self.path.read_text(), f"{os.getpid()} test\n")
        self.assertIsNone(holder(self.path))

    def test_free_again_after_an_error(self):
        with self.assertRaises(ValueError), hold(self.path, "test"):
            raise ValueError
        with hold(self.path, "test"):
            pass
