"""Finding or fetching Odoo 19's code."""
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import apt
from .errors import HostError
from .process import clean_environment, run
from .say import step
from .venv import check_space

SERIES = "19.0"
# Debian splits some of Odoo's web assets into packages of their own, and links to them
PACKAGES = ("odoo-19", "libjs-jquery", "libjs-jquery-form", "libjs-underscore", "fonts-roboto-unhinted",
            "fonts-montserrat", "fonts-inconsolata", "fonts-ocr-b")
# stripped by Debian for its licence (background blur in calls); its absence is a console error on every page
STRIPPED = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
GIT = "https://github.com/odoo/odoo.git"


@dataclass(frozen=True)
class Source:
    """Where Odoo's code is.

    `python` is the folder that goes on PYTHONPATH, `addons` the add-ons folders beside the `odoo` package's own.
    """

    python: Path
    addons: tuple
    origin: str

    @property
    def own_addons(self):
        """The add-ons folder inside the package."""
        return self.python / "odoo" / "addons"


def ensure(home):
    """Use the Odoo that is given or importable, else the one fetched earlier, else fetch it.

    :rtype: Source
    """
    given = os.environ.get("ODOO_HOME")
    if given:
        return _link(home, _given(given), "ODOO_HOME")
    importable = _importable()
    if importable:
        return _link(home, importable, "importable")
    if not _fetched(home):
        part = home.root / "odoo.part"
        shutil.rmtree(part, ignore_errors=True)
        check_space(home.root, 2)
        try:
            if _address() == GIT and apt.available():
                packages = _unpack_debian(home, part)
            else:
                packages = _clone(home, part)
            _check_series(packages)
            _replace(home, part, packages)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        home.set_stamp("odoo", _key(_address()))
    return _source(home.odoo.resolve(), "fetched")


def _fetched(home):
    """Whether the Odoo that was fetched will do: it stays as it is until another address is asked for."""
    stamp = home.stamp("odoo")
    if not stamp or not (home.odoo / "odoo" / "release.py").exists():
        return False
    return stamp == _key(_address()) or (_address() == GIT and stamp.startswith(_key(GIT)))


def _address():
    return os.environ.get("KEHU_ODOO_GIT") or GIT


def _key(address):
    content = hashlib.sha256(repr((SERIES, PACKAGES, None)).encode()).hexdigest()
    return content if address == GIT else f"{content} {address}"


def _replace(home, part, packages):
    """Put the fetched tree into its place, instead of an older one."""
    tree = home.root / "odoo-tree"
    inside = packages.relative_to(part)
    home.set_stamp("odoo", None)
    if home.odoo.is_symlink():
        home.odoo.unlink()
    for old in (home.odoo, tree):
        shutil.rmtree(old, ignore_errors=True)
    os.replace(part, tree)
    home.odoo.symlink_to(Path(tree.name) / inside)


def check_given():
    """:raises HostError: ODOO_HOME is set and holds no Odoo of our series"""
    if os.environ.get("ODOO_HOME"):
        _given(os.environ["ODOO_HOME"])


def _given(text):
    """Check an ODOO_HOME: a source checkout, or the folder that holds the `odoo` package, or that package.

    :return: folder of the package
    """
    folder = Path(os.path.abspath(text))
    for candidate in (folder, folder.parent):
        if (candidate / "odoo" / "release.py").exists():
            _check_series(candidate)
            if "," in str(candidate):
                raise HostError(f"Odoo cannot use a folder with a comma in its path (ODOO_HOME, {candidate}): move it.")
            return candidate / "odoo"
    raise HostError(f"ODOO_HOME ({folder}) holds no Odoo: give the folder that contains odoo/release.py, or unset it.")


def _importable():
    """:return: folder of the `odoo` package of series 19.0 that the calling Python finds, or None"""
    base = getattr(sys, "_base_executable", None) or sys.executable
    script = ("import odoo, os\nfor p in odoo.__path__:\n if os.path.exists(os.path.join(p, 'release.py')):\n"
              "  print(p)\n  break")
    python = os.environ.get("KEHU_CALLING_PYTHON") or base
    result = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False, cwd="/",
                            env={**clean_environment(), "PYTHONPATH": os.environ.get("KEHU_CALLING_PYTHONPATH", "")})
    folder = Path(result.stdout.strip()) if result.stdout.strip() else None
    return folder if folder and _series(folder.parent) == SERIES else None


def _link(home, package, origin):
    """Make a package that is not ours, alone, visible to our environment: its neighbours would hide our pinned ones."""
    beside = package.parent / "addons"
    folder = home.root / "odoo-link"
    folder.mkdir(exist_ok=True)
    link = folder / "odoo"
    if not link.is_symlink() or os.readlink(link) != str(package):
        # replaced at once, because a server may run on it
        new = folder / f".odoo.{os.getpid()}"
        new.symlink_to(package)
        os.replace(new, link)
    is_checkout = not (package / "addons" / "web").exists() and beside.exists()
    return Source(folder, (beside,) if is_checkout else (), origin)


def _source(folder, origin):
    """:return: the Source of a folder that holds the package alone, or a checkout of our own"""
    beside = folder / "addons"
    packaged = (folder / "odoo" / "addons" / "web").exists()
    return Source(folder, () if packaged or not beside.exists() else (beside,), origin)


def _series(folder):
    """:return: series written in a release.py ("19.0"), or None"""
    try:
        text = (folder / "odoo" / "release.py").read_text(encoding="utf-8")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("version_info"):
            parts = line.partition("(")[2].split(",")
            return f"{parts[0].strip()}.{parts[1].strip()}"
    return None


def _check_series(folder):
    if _series(folder) != SERIES:
        raise HostError(f"The Odoo in {folder} is {_series(folder) or 'of an unknown series'}, and {SERIES} is needed: "
                        "set ODOO_HOME to an Odoo 19, or unset it.")


def _unpack_debian(home, part):
    """:return: folder of the package, unpacked below `part`"""
    log = home.log / "odoo.log"
    with step("Fetching Odoo 19 (Debian packages, 130 MB)"):
        debs = apt.download(home, PACKAGES, log)
    with step("Unpacking Odoo 19 (1.2 GB)") as current:
        for deb in debs:
            current.detail = deb.name.partition("_")[0]
            apt.unpack(deb, part, log)
        packages = part / "usr" / "lib" / "python3" / "dist-packages"
        stripped = packages / "odoo" / STRIPPED
        if not stripped.exists():
            stripped.unlink(missing_ok=True)
            stripped.parent.mkdir(parents=True, exist_ok=True)
            stripped.write_text("")
    return packages


def _clone(home, part):
    """:return: folder of the checkout, which is `part` itself"""
    log = home.log / "odoo.log"
    with step("Fetching Odoo 19 (git, branch 19.0)"):
        run(["git", "clone", "--quiet", "--depth=1", f"--branch={SERIES}",
             _address(), part], log, "Fetching Odoo with git",
            env=clean_environment(GIT_TERMINAL_PROMPT="0"))
    return part
