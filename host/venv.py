"""The virtual environment with pinned requirements. Standard library only."""
import hashlib
import shutil
import subprocess
import sys

from . import apt, postgres
from .errors import BusyError, HostError
from .lock import holder
from .paths import REPO
from .process import clean_environment, run
from .say import step

SPACE_NEEDED_GB = 3
REQUIREMENTS = {"odoo": REPO / "host" / "requirements-odoo.txt", "lint": REPO / "host" / "requirements-lint.txt"}


def ensure(home, group="odoo"):
    """Make the virtual environment hold a group of requirements.

    An environment that is not known to be complete is made anew: an install cut in the middle can look whole.

    :param str group: key of REQUIREMENTS; "lint" comes on top of "odoo"
    """
    if group != "odoo":
        ensure(home)
    key = _key(group)
    stamp = f"venv-{group}"
    if home.stamp(stamp) == key and home.python.exists():
        return
    if group == "odoo":
        check_space(home.root)
        _create(home)
    try:
        _install(home, group)
    except BaseException:
        if group == "odoo":
            shutil.rmtree(home.venv, ignore_errors=True)  # nothing half made, and room again on a full disk
        raise
    home.set_stamp(stamp, key)


def _install(home, group):
    requirements = REQUIREMENTS[group]
    log = home.log / "venv.log"
    with step(f"Installing the Python packages of {requirements.name}") as current:
        def show(line):
            if line.startswith("Collecting "):
                current.detail = line.split()[1]
            elif line.startswith(("Installing ", "Building ")):
                current.detail = line.split()[0].lower()
        run([home.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off",
             "--retries=2", "--timeout=30", "-r", requirements], log, "Installing the Python packages",
            on_line=show)


def check_space(folder, needed=SPACE_NEEDED_GB):
    """Refuse to begin what cannot end for want of room.

    :raises HostError: fewer than `needed` gigabytes are free in the folder's file system
    """
    from .errors import DiskFullError
    free = shutil.disk_usage(folder).free / 1e9
    if free < needed:
        raise DiskFullError(f"Setting up needs {needed} GB and only {free:.1f} GB are free in {folder}: "
                            "make room, or set KEHU_HOME to a folder on a larger disk.")


def _key(group):
    """What the environment was made of: interpreter, and requirements of the group."""
    content = REQUIREMENTS[group].read_bytes()
    return hashlib.sha256(content + sys.version.encode() + sys.base_prefix.encode()).hexdigest()


def _check_unused(home):
    """:raises BusyError: a server or a test run lives in the environment"""
    # not home.root / "lock": whoever renews the packages holds that one itself
    for path in [*sorted(home.servers.glob("*.lock")), *sorted(home.root.glob("*.lock"))]:
        if found := holder(path):
            raise BusyError(f"The Python packages must be renewed, and {found[1]} (process {found[0]}) uses them: "
                            "end it (./kehu stop ends servers) and run this again.")


def _create(home):
    log = home.log / "venv.log"
    if home.venv.exists():
        _check_unused(home)
        postgres.stop(home)  # its programs lie in the environment
        for name in REQUIREMENTS:
            home.set_stamp(f"venv-{name}", None)
        shutil.rmtree(home.venv)
    with step(f"Making a virtual environment for Python {sys.version_info[0]}.{sys.version_info[1]}"):
        base = getattr(sys, "_base_executable", None) or sys.executable
        if subprocess.run([base, "-c", "import ensurepip"], env=clean_environment(),
                          stderr=subprocess.DEVNULL, check=False).returncode == 0:
            run([base, "-m", "venv", home.venv], log, "Making the virtual environment")
            return
        # Debian ships Python without ensurepip; pip itself comes as a wheel in a package that need not be installed
        run([base, "-m", "venv", "--without-pip", home.venv], log, "Making the virtual environment")
        if not apt.available():
            raise HostError("This Python has no ensurepip: install its venv package (Debian: apt install python3-venv) "
                            "and run the same command again.")
        wheel = apt.unpack_pip(home, log)
        run([home.python, wheel / "pip", "install", "--disable-pip-version-check", "--no-index", wheel],
            log, "Installing pip")
