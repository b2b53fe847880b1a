"""One writer at a time. The kernel drops a lock with the process that held it, so a crash leaves none behind."""
import contextlib
import fcntl
import os
import time

from .errors import BusyError, NotWritableError


@contextlib.contextmanager
def hold(path, what, patience=0.0):
    """Hold the lock file for the time of the block; the file names the holder.

    :param pathlib.Path path: lock file, made when missing; a file left by a dead process is taken over
    :param str what: what this process does, shown to whoever is refused
    :param float patience: seconds to wait for another holder before refusing
    :raises BusyError: another living process holds it
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except PermissionError as error:
        raise NotWritableError(f"The lock file {path} belongs to another user: run ./kehu as that user, "
                               "or set KEHU_HOME to a folder of yours.") from error
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise BusyError(_busy_sentence(os.pread(descriptor, 200, 0))) from None
                time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {what}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(path):
    """:return: (pid, what) of the living process that holds the lock file, or None"""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid, _, what = os.pread(descriptor, 200, 0).decode().strip().partition(" ")
        return (int(pid), what) if pid.isdigit() else None
    else:
        return None
    finally:
        os.close(descriptor)


def _busy_sentence(content):
    pid, _, what = content.decode(errors="replace").strip().partition(" ")
    if not pid:
        return "Another ./kehu is at work in this folder: wait until it has ended and run this again."
    return (f"Another ./kehu is at work in this folder ({what}, process {pid}): "
            f"wait until it has ended, or stop it with `kill {pid}`, and run this again.")
