"""Where things are: the repository, and the private folder with everything the command makes."""
import os
from pathlib import Path

from .errors import HostError, NotWritableError

REPO = Path(__file__).resolve().parent.parent
MODULE = "kehu_crm"


class Home:
    """The private folder (`.kehu` in the repository, or KEHU_HOME) and the places in it."""

    def __init__(self, root=None):
        self.root = Path(os.path.abspath(root or os.environ.get("KEHU_HOME") or REPO / ".kehu"))
        self.venv = self.root / "venv"
        self.odoo = self.root / "odoo"
        self.addons = self.root / "addons"
        self.data = self.root / "data"
        self.log = self.root / "log"
        self.stamps = self.root / "stamps"
        self.servers = self.root / "servers"
        self.conf = self.root / "odoo.conf"
        self.postgres = self.root / "postgres.json"

    @property
    def python(self):
        """The interpreter of the virtual environment."""
        return self.venv / "bin" / "python"

    @property
    def cache(self):
        """Downloads shared by all clones of this user; KEHU_CACHE moves it."""
        wanted = os.environ.get("KEHU_CACHE")
        if wanted:
            return Path(os.path.abspath(wanted))
        try:
            folder = Path.home() / ".cache" / "kehu"
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError):
            return self.root / "cache"
        return folder if os.access(folder, os.W_OK) else self.root / "cache"

    def make(self):
        """Create the folders, or say why that cannot be.

        :raises HostError: the path has a character that Odoo cannot take, or is not writable
        """
        if "," in str(self.root):
            raise HostError(f"Odoo cannot use a folder with a comma in its path ({self.root}): "
                            "set KEHU_HOME to another folder.")
        try:
            for folder in (self.root, self.addons, self.data, self.log, self.stamps, self.servers):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".probe-{os.getpid()}"
            probe.write_text("")
            probe.unlink()
        except (PermissionError, NotADirectoryError, FileExistsError) as error:
            raise NotWritableError(f"The folder {self.root} cannot be written to by this user: "
                                   "set KEHU_HOME to a folder of yours.") from error
        except OSError as error:
            if error.errno == 30:  # read-only file system
                raise NotWritableError(f"The folder {self.root} is on a read-only file system: "
                                       "set KEHU_HOME to a folder that can be written to.") from error
            raise

    def stamp(self, step):
        """:return: the key that the step was last completed with, or None"""
        try:
            return (self.stamps / step).read_text()
        except FileNotFoundError:
            return None

    def set_stamp(self, step, key):
        """Record atomically that a step is complete for this key; None takes the record away."""
        path = self.stamps / step
        if key is None:
            path.unlink(missing_ok=True)
            return
        write_atomically(path, key)


def write_atomically(path, text, mode=0o644):
    """Write a small text file so that a reader sees the old one or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(temporary, path)
