"""Serving a database over HTTP until the command is interrupted."""
import contextlib
import time
import urllib.error
import urllib.request

from .errors import OdooError
from .lock import hold
from .odoo import check_port
from .process import stop
from .say import say, step

DEFAULT_PORT = 8069


@contextlib.contextmanager
def server(host, database, port, *arguments, log=None):
    """A running Odoo that answers on the port; ended with the block.

    :param pathlib.Path log: gets Odoo's output; None = the terminal
    :raises BusyError: the port is taken
    :raises OdooError: Odoo ended before it answered
    """
    check_port(port)
    with contextlib.ExitStack() as stack:
        stack.enter_context(hold(host.home.servers / f"{port}.lock", f"the server on port {port}"))
        output = stack.enter_context(open(log, "a", encoding="utf-8")) if log else None
        child = host.popen("-d", database, f"--http-port={port}", *arguments, stdout=output, stderr=output)
        stack.callback(stop, child)
        with step("Starting Odoo"):
            _wait(child, port, log)
        yield child


def serve(child):
    """Stay until the server ends or the person interrupts.

    :return: exit status
    """
    try:
        return child.wait()
    except KeyboardInterrupt:
        say("\nStopping the server; PostgreSQL goes on until ./kehu stop.")
        return 0
    finally:
        stop(child)


def _wait(child, port, log):
    while True:
        if child.poll() is not None:
            raise OdooError(f"Odoo ended before it answered (status {child.returncode})"
                            + (f": details are in {log}." if log else ": see its messages above."))
        try:
            # any answer below 500 will do; the first one also builds the style sheets
            urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login", timeout=60).close()
            return
        except urllib.error.HTTPError as error:
            raise OdooError(f"Odoo answers with error {error.code}" + (f": details are in {log}." if log else ".")) from error
        except (TimeoutError, urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
