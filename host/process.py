"""Running other programs: their output goes to a log, their failure becomes one sentence."""
import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from .errors import DiskFullError, HostError, NetworkError

NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|enough free space|ENOSPC|Check free disk space")
NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|Name or service not known|Could not resolve|Network is unreachable"
    r"|Failed to establish a new connection|Connection refused|Connection timed out|Connection reset|ConnectTimeout|ReadTimeout"
    r"|Could not connect|Couldn't connect|Failed to connect|Unable to connect|No route to host|Max retries exceeded"
    r"|Failed to fetch|ProxyError|No matching distribution found")


# loaded here because a child between fork and exec should load nothing
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent():
    """In a child: be told to end when the command that started us ends, however it ends (Linux)."""
    if _LIBC:
        _LIBC.prctl(1, signal.SIGTERM)  # 1 = PR_SET_PDEATHSIG


def clean_environment(**more):
    """:return: a copy of the environment without what would change Odoo, PostgreSQL or Python behind our back"""
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("PG", "ODOO_", "PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"))}
    env.update(PYTHONUTF8="1", PYTHONUNBUFFERED="1")
    env.update({key: str(value) for key, value in more.items()})
    return env


def run(command, log, what, *, env=None, cwd=None, stdin=None, on_line=None, check=True):
    """Run a program to its end, its output appended to a log file.

    :param list command: program and arguments
    :param pathlib.Path log: file that gets the output
    :param str what: what the program does, for the sentence ("Fetching Odoo")
    :param on_line: called with each line of output, to show progress
    :param bool check: raise when the program fails
    :return: (exit status, last 4000 characters of output)
    :raises HostError: a NetworkError, DiskFullError, or plain one that names the log
    """
    tail = ""
    with open(log, "a", encoding="utf-8", errors="replace") as stream:
        stream.write(f"\n$ {' '.join(str(part) for part in command)}\n")
        stream.flush()
        try:
            child = subprocess.Popen(
                [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd,
                env=env or clean_environment(), text=True, encoding="utf-8", errors="replace",
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                preexec_fn=die_with_parent)
        except FileNotFoundError as error:
            raise HostError(f"{what} needs the program {command[0]}, which this machine does not have.") from error
        try:
            if stdin is not None:
                child.stdin.write(stdin)
                child.stdin.close()
            for line in child.stdout:
                stream.write(line)
                stream.flush()
                tail = (tail + line)[-4000:]
                if on_line:
                    on_line(line)
            status = child.wait()
        finally:
            stop(child)
    if check and status:
        raise explain(what, tail, log)
    return status, tail


def explain(what, output, log):
    """:return: the HostError that says why a program failed, from what it printed"""
    if NO_SPACE.search(output):
        return DiskFullError(f"{what} stopped because the disk is full: make room and run the same command again.")
    if NO_NETWORK.search(output):
        return NetworkError(f"{what} needs the network and could not reach it: check the connection "
                            f"and run the same command again (details in {log}).")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b|error:|E: |fatal:|ERROR:", line)]
    return HostError(f"{what} failed ({(errors or lines or ['no output'])[-1][:300]}): details are in {log}.")


@contextlib.contextmanager
def scratch():
    """A folder for the temporary files of programs that may be cut off, such as the profile of a browser; gone at the end.

    It lies where all temporary files do: a browser's sockets bear no long path.
    """
    folder = tempfile.mkdtemp(prefix="kehu-")
    try:
        yield folder
    finally:
        for _ in range(50):
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
            time.sleep(0.1)  # a browser that was told to end still writes


def stop(child, patience=15):
    """End a child that still runs: politely, then for good."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
