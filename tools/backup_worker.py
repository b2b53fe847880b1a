"""The process that makes backups and restores them.

A backup takes longer than a server grants to a request or to a scheduled action, and a restore ends every connection to the database that
it replaces. So the scheduled action starts a process of its own, with the configuration of the server that started it. It works through
the runs that wait, one after the other, and ends. An advisory lock of PostgreSQL lets one database have one such process; it goes with the
process, so that the next scheduled action sees that a process has died.
"""

import ast
import logging
import os
import subprocess
import sys

_logger = logging.getLogger(__name__)

# Read from the pipe, not from the command line, which every user of the machine can read: the configuration holds passwords.
START = """
import ast, sys
said = ast.literal_eval(sys.stdin.buffer.read().decode())
sys.path[:] = said["path"]
import odoo.addons, odoo.cli
from odoo import netsvc
from odoo.modules.module import initialize_sys_path
from odoo.tools import config
config.parse_config(said["arguments"], setup_logging=False)
config.options.maps[0].update(said["options"])
netsvc.init_logger()
odoo.addons.__path__ = said["addons"]  # in the order of the server, whatever the file says
initialize_sys_path()
from odoo.modules.registry import Registry
registry = Registry(said["database"])
from odoo.addons.kehu_crm.tools.backup_worker import work
work(said["database"])
"""
# what belongs to the server that serves people, not to this process
OWN_OPTIONS = {"init": {}, "update": {}, "reinit": {}, "test_enable": False, "test_tags": None, "test_file": "", "stop_after_init": True,
               "workers": 0, "dev_mode": [], "list_db": True, "pidfile": ""}  # fmt: skip

_started = []  # processes of this server, to be asked how they ended


def start(database):
    """Start the process for a database and return at once."""
    import odoo.addons
    from odoo.tools import config

    _started[:] = [child for child in _started if child.poll() is None]
    options = {name: value for name, value in config.options.items() if _can_be_told(value)}
    said = {
        "path": [os.path.abspath(path) for path in sys.path],
        "addons": [os.path.abspath(path) for path in odoo.addons.__path__],
        "arguments": ["-c", config["config"]] if os.access(config["config"] or "", os.R_OK) else [],
        "options": {**options, **{name: value for name, value in OWN_OPTIONS.items() if name in config.options}},
        "database": database,
    }
    child = subprocess.Popen([sys.executable, "-c", START], stdin=subprocess.PIPE, start_new_session=True)
    _started.append(child)
    try:
        child.stdin.write(repr(said).encode())
        child.stdin.close()
    except BrokenPipeError:
        _logger.error("The process for backups of %s ended with %s", database, child.wait())
    return child


def _can_be_told(value):
    try:
        return ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError):
        return False


def work(database):
    """Work through the runs that wait; the whole life of the process."""
    from ..models.backup.runner import run_all
    from .backup_databases import only_worker

    _lift_limits()
    with only_worker(database) as mine:
        if mine:
            run_all(database)
        else:
            _logger.info("Backups of %s: another process is at it", database)


def _lift_limits():
    """Let go of what a worker of the host may use at most, as this process and the programs that it starts inherit it."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
        _soft, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (hard, hard))
    os.nice(5)  # people come first
