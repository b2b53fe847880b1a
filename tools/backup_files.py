"""Files of backups: names, check sums, what a file must hold, which ones go. Plain Python, without ORM.

What cannot be gone on with is a :class:`BackupError`; `models/backup/words.py` puts it into a sentence.
"""

import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from urllib.parse import quote

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.zip")
LONGEST_FILE_NAME = 150
DATABASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LONGEST_DATABASE_NAME = 63  # bytes: what PostgreSQL keeps
PIECE = 1 << 20  # bytes read at once
LARGEST_MANIFEST = 1 << 20  # bytes
END_OF_DUMP = b"-- PostgreSQL database dump complete"
_STORED = re.compile(r"filestore/[^/]{2}/[^/]+")  # the folder `checklist` holds notes of the host
_COPY = re.compile(rb"COPY (.+?) \(.*\) FROM stdin;\r?\n?")


class BackupError(Exception):
    """Why a backup or a restore cannot go on.

    :param str reason: key of a sentence in `models/backup/words.py`
    :param values: what the sentence names
    """

    def __init__(self, reason, **values):
        super().__init__(reason, values)
        self.reason = reason
        self.values = values


def folder_name(database):
    """Return the name of the folder in which the backups of a database lie: its name, with nothing that a path understands."""
    name = quote(database, safe="")
    return name.replace(".", "%2E", 1) if name.startswith(".") else name


def file_name(database, moment, token):
    """Return the name of a new file: database, moment and a few letters that nobody guesses.

    :param datetime moment: UTC
    :param str token: letters and digits
    """
    slug = re.sub(r"[^A-Za-z0-9]+", "-", database).strip("-")[:60] or "database"
    return f"{slug}_{moment:%Y%m%d-%H%M%S}_{token}.zip"


def is_file_name(name):
    """Tell whether a text is the plain name of a backup: no folders, no leading dot, nothing that a shell or a header understands."""
    return isinstance(name, str) and len(name) <= LONGEST_FILE_NAME and bool(FILE_NAME.fullmatch(name))


def is_database_name(name):
    """Tell whether a new database may bear this name; the same letters as in the host's own screen."""
    return isinstance(name, str) and len(name.encode()) <= LONGEST_DATABASE_NAME and bool(DATABASE_NAME.fullmatch(name))


def path_of(folder, name):
    """Return the path of a backup in its folder.

    :raises BackupError: for a name with folders in it, and for what is no ordinary file
    """
    if not is_file_name(name):
        raise BackupError("file_name", name=str(name)[:LONGEST_FILE_NAME])
    path = os.path.join(folder, name)
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        raise BackupError("file_missing", name=name)
    if not stat.S_ISREG(mode):
        raise BackupError("file_name", name=name)
    return path


def check_sum(path, tell=None):
    """Return the SHA-256 of a file, 64 hexadecimal digits.

    :param tell: called with the share that is read, 0 to 1
    """
    total, done, found = os.path.getsize(path) or 1, 0, hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(PIECE):
            found.update(piece)
            done += len(piece)
            if tell:
                tell(done / total)
    return found.hexdigest()


def read_manifest(path):
    """Look into a file without unpacking it: it must be a backup of the host, with nothing beside, and whole at first sight.

    :return: the host's `manifest.json` with two more keys: `unpacked`, bytes of all that it holds, and `files`, number of files of the
        file store
    :rtype: dict
    :raises BackupError: when it is not
    """
    name = os.path.basename(path)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
            if not {"manifest.json", "dump.sql"} <= names:
                raise BackupError("file_other", name=name)
            for info in infos:
                if not _is_safe(info):
                    raise BackupError("file_unsafe", name=name, entry=info.filename[:100])
            if len(names) != len(infos):
                raise BackupError("file_unsafe", name=name, entry="…")
            if archive.getinfo("manifest.json").file_size > LARGEST_MANIFEST:
                raise BackupError("file_other", name=name)
            manifest = json.loads(archive.read("manifest.json"))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise BackupError("file_broken", name=name)
    except ValueError:
        raise BackupError("file_other", name=name)
    modules = manifest.get("modules") if isinstance(manifest, dict) else None
    if not isinstance(modules, dict) or manifest.get("odoo_dump") != "1" or "base" not in modules:
        raise BackupError("file_other", name=name)
    return {
        **manifest,
        "unpacked": sum(info.file_size for info in infos),
        "files": sum(bool(_STORED.fullmatch(info.filename)) for info in infos),
    }


def _is_safe(info):
    """Tell whether an entry of a zip file is unpacked where it belongs: nothing outside the folder, no links, no secrets."""
    name = info.filename
    if stat.S_ISLNK(info.external_attr >> 16) or info.flag_bits & 1 or "\\" in name or "\0" in name or ":" in name:
        return False
    if name in ("manifest.json", "dump.sql"):
        return True
    parts = PurePosixPath(name).parts
    return name.startswith("filestore/") and ".." not in parts and "//" not in name


def rows_in_dump(path, tell=None):
    """Count the rows of each table in the dump that a backup holds.

    :return: {table as `schema.table`, quoted as PostgreSQL does: number of rows}
    :raises BackupError: when the dump does not go to its end
    """
    counts, table, complete, done = {}, None, False, 0
    name = os.path.basename(path)
    try:
        with zipfile.ZipFile(path) as archive, archive.open("dump.sql") as stream:
            total = archive.getinfo("dump.sql").file_size or 1
            begins = True
            while line := stream.readline(PIECE):
                if tell:
                    done += len(line)
                    tell(done / total)
                is_rest, begins = not begins, line.endswith(b"\n")
                if is_rest:
                    continue  # of a row with a large column: a line is never in memory as a whole
                if table is not None:
                    if line.rstrip(b"\r\n") == b"\\.":
                        table = None
                    else:
                        counts[table] += 1
                elif line.startswith(b"COPY ") and (found := _COPY.fullmatch(line)):
                    table = found[1].decode()
                    counts[table] = 0
                elif line.startswith(END_OF_DUMP):
                    complete = True
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, KeyError):
        raise BackupError("file_broken", name=name)
    if not complete or table is not None:
        raise BackupError("file_broken", name=name)
    return counts


def names_in_store(path):
    """Return the names of the files of the file store that a backup holds, such as `ab/abcdef…`.

    :rtype: set[str]
    """
    with zipfile.ZipFile(path) as archive:
        return {name.removeprefix("filestore/") for name in archive.namelist() if name.startswith("filestore/")}


def add_to_store(path, store, names):
    """Add files of the file store which came while the backup was made. What went meanwhile is left out.

    :param str store: path of the file store
    :param names: names of files within it
    """
    with zipfile.ZipFile(path, "a", compression=zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(names):
            source = os.path.join(store, name)
            if os.path.isfile(source):
                archive.write(source, f"filestore/{name}")


def superfluous(files, number, days, now):
    """Return those of the backups that are kept no longer.

    The newest one, the newest that a trial restore proved, and those that a person keeps always stay.

    :param files: tuples (key, moment as naive UTC, proved, kept by a person)
    :param int number: how many are kept; 0: any number
    :param int days: for how many days; 0: for ever
    :rtype: list of keys, oldest first
    """
    ordered = sorted(files, key=lambda file: file[1], reverse=True)
    safe = {file[0] for file in ordered[:1]} | {file[0] for file in [file for file in ordered if file[2]][:1]}
    gone = []
    for place, (key, moment, _proved, kept) in enumerate(ordered, 1):
        too_many = number and place > number
        too_old = days and (now - moment).total_seconds() > days * 86400
        if (too_many or too_old) and not kept and key not in safe:
            gone.append(key)
    return gone[::-1]


def is_newer(version, than):
    """Tell whether a version such as `19.0.1.9.0` is newer than another; what is no number counts as 0."""
    return _numbers(version) > _numbers(than)


def _numbers(version):
    return [int(part) if part.isdigit() else 0 for part in str(version).split(".")]
