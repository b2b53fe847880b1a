"""What the process for backups does with one run after the other (`tools/backup_worker.py` starts it).

No cursor is open while a database is dumped or restored: how far it is goes through cursors of their own, which are committed at once.
"""

import logging
import os
import shutil
import tempfile
import threading
from contextlib import contextmanager

from odoo import api, fields
from odoo.modules.module import Manifest
from odoo.modules.registry import Registry
from odoo.release import version_info

from ...tools import backup_databases as databases
from ...tools.backup_files import BackupError, check_sum, is_newer, path_of, read_manifest, rows_in_dump
from ..system.engine import as_engine
from .words import bytes_in_words

_logger = logging.getLogger(__name__)

WORK = ".work"  # folder within the folder of backups: what is not finished
# what a restored database is told about the backups, as it knows only those of its day
CARRIED = ["name", "date", "origin", "state", "size", "check_sum", "database_size", "version", "module_count", "file_count", "proof",
           "proved_on", "proof_note", "keep"]  # fmt: skip
MOST_NAMES = 5  # differences that a sentence names


def run_all(database):
    """Work through the runs that wait. The caller holds the lock of the database."""
    Runner(database).clean()
    while Runner(database).run_next():
        pass


class Runner:
    """One run of a database.

    :param str database: the one that looks after the backups
    :param str source: the one that is dumped, by default the same
    """

    pause = 2  # seconds between two looks at how far it is

    def __init__(self, database, source=None):
        self.database = database
        self.source = source or database
        self.job_id = None

    @contextmanager
    def env(self):
        """An environment with a cursor of its own, committed at the end."""
        with Registry(self.database).cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    @contextmanager
    def job(self):
        with self.env() as env:
            yield env["kehu.backup.job"].browse(self.job_id)

    def note(self, **values):
        with self.job() as job:
            job._kehu_set(**values)

    def clean(self):
        """Do away with what a process that died has left: unfinished files, databases on trial, runs that seem to go on."""
        with self.env() as env:
            scratches = env["kehu.backup.job"]._kehu_left_behind()
            folder = env["kehu.backup"]._kehu_folder()
        for scratch in scratches:
            databases.drop_unfinished(scratch)
        with self.env() as env:
            env["kehu.backup.job"]._kehu_bury()
        shutil.rmtree(os.path.join(folder, WORK), ignore_errors=True)

    def run_next(self):
        """Do the next run that waits.

        :return: whether there was one
        """
        with self.env() as env:
            job = env["kehu.backup.job"]._kehu_take()
            if not job:
                return False
            self.job_id, self.kind, self.target, self.neutralise = job.id, job.kind, job.target, job.neutralise
            self.backup_id, self.scratch, self.expected = job.backup_id.id, None, job.backup_id.database_size
            self.file, self.sum, self.state = job.backup_id.name, job.backup_id.check_sum, job.backup_id.state
            self.folder = env["kehu.backup"]._kehu_folder(make=True)
        work = os.path.join(self.folder, WORK)
        before = tempfile.tempdir
        try:
            os.makedirs(work, mode=0o700, exist_ok=True)
            tempfile.tempdir = work  # the host unpacks here: on the disk of the backups, readable by the server alone
            getattr(self, f"run_{self.kind}")()
        except Exception as error:  # whatever it is, a person is told; the next run has its chance
            _logger.exception("%s of %s did not succeed", self.kind, self.database)
            self.give_up(error)
        finally:
            tempfile.tempdir = before
            shutil.rmtree(work, ignore_errors=True)
        return True

    def give_up(self, error):
        if self.scratch:
            try:
                databases.drop_unfinished(self.scratch)
            except Exception:
                _logger.exception("%s could not be dropped", self.scratch)
        with self.job() as job:
            job._kehu_fail(error)

    # --------------------------------------------------------------------------------------------------------------------- steps

    @contextmanager
    def step(self, name, begin, end, measure=None):
        """Show a step, and how far it is.

        :param int begin, end: percent of the run
        :param measure: function without parameters that returns the share that is done, 0 to 1; asked every two seconds
        """
        self.note(step=name, progress=begin)
        over, share = threading.Event(), [0.0]

        def look():
            while not over.wait(self.pause):
                try:
                    done = measure() if measure else share[0]
                    self.note(progress=begin + (end - begin) * min(max(done, 0), 1))
                except Exception:  # it is but a number on a screen
                    _logger.debug("progress of %s", name, exc_info=True)

        looker = threading.Thread(target=look, name="kehu backup progress", daemon=True)
        looker.start()
        try:
            yield lambda done: share.__setitem__(0, done)
        finally:
            over.set()
            looker.join()

    def run_backup(self):
        final = os.path.join(self.folder, self.file)
        part = os.path.join(self.folder, WORK, f"{self.file}.part")
        with self.step("check", 0, 2):
            if "=" in self.source or self.source.startswith(("postgres:", "postgresql:", "-")):
                raise BackupError("source_name", name=self.source)
            databases.check_tools("pg_dump")
            size, store = databases.size(self.source), databases.store_size(self.source)
            # the files are copied and then packed; tables take less in a dump than on the disk
            needed = 2 * store + size
            databases.check_space(self.folder, needed)

        def written():
            return _size_of(os.path.join(self.folder, WORK)) / (needed or 1)

        with self.step("dump", 2, 85, written):
            databases.dump(self.source, part)
        with self.step("sum", 85, 98) as tell:
            with open(part, "rb+") as stream:
                os.fsync(stream.fileno())
            found = check_sum(part, tell)
            rows_in_dump(part)  # it goes to its end
            with self.env() as env:
                facts = env["kehu.backup"]._kehu_facts(part)
            os.replace(part, final)
            _sync_folder(self.folder)
        with self.job() as job:
            backup = job.backup_id
            as_engine(backup, "backup").write({**facts, "state": "ready", "check_sum": found, "database_size": size})
            plan = job.env["kehu.backup.plan"]._kehu_get()
            job._kehu_done(job.env._("%(name)s, %(size)s", name=backup.name, size=bytes_in_words(facts["size"])))
            if plan.prove:
                job._kehu_queue("prove", backup, job.user_id)
            plan._kehu_tidy()

    def run_prove(self):
        with self.whole_restore("trial", 95) as (found, _manifest):
            pass
        with self.step("tidy", 95, 100):
            databases.drop(self.scratch)
        with self.job() as job:
            text = _result(job.env(context={"lang": job.user_id.lang or job._kehu_keepers()[:1].lang}), found)
            as_engine(job.backup_id, "backup").write({"proof": "good", "proved_on": fields.Datetime.now(), "proof_note": text})
            job._kehu_done(text)

    def run_look(self):
        with self.env() as env:
            strangers = env["kehu.backup"]._kehu_strangers()
            known = {row.id: (row.name, row.check_sum) for row in env["kehu.backup"].search([("state", "not in", ("making", "failed"))])}
        new, gone, changed, refused = [], [], [], []
        with self.step("read", 0, 100) as tell:
            for place, (number, (name, expected)) in enumerate(known.items()):
                tell(place / (len(known) + len(strangers)))
                try:
                    path = path_of(self.folder, name)
                    found = check_sum(path)
                except (BackupError, OSError):
                    found = None
                state = "missing" if not found else "ready" if found == expected else "changed"
                {"missing": gone, "changed": changed, "ready": []}[state].append(name)
                with self.env() as env:
                    as_engine(env["kehu.backup"].browse(number).exists(), "backup").write({"state": state})
            for place, name in enumerate(strangers, len(known)):
                tell(place / (len(known) + len(strangers)))
                with self.env() as env:
                    backups = env["kehu.backup"]
                    try:
                        path = path_of(self.folder, name)
                        values = {**backups._kehu_facts(path), "check_sum": check_sum(path)}
                    except (BackupError, OSError):
                        refused.append(name)
                        continue
                    moment = backups._kehu_moment_of(name) or fields.Datetime.now()
                    as_engine(backups, "backup").create({"name": name, "date": moment, "origin": "found", "state": "ready", **values})
                    new.append(name)
        with self.job() as job:
            env = job.env(context={"lang": job.user_id.lang})
            lines = [
                env._("%(count)s backups are as they were.", count=len(known) - len(gone) - len(changed)),
                new and env._("New in the list: %(names)s", names=", ".join(new)),
                gone and env._("Missing: %(names)s", names=", ".join(gone)),
                changed and env._("Changed by hand: %(names)s", names=", ".join(changed)),
                refused and env._("No backups, left alone: %(names)s", names=", ".join(refused)),
            ]
            job._kehu_done("\n".join(line for line in lines if line))

    def run_new(self):
        if databases.is_taken(self.target):
            raise BackupError("name_taken", name=self.target)
        with self.whole_restore(self.target, 80) as (found, manifest):
            self.bring_up(manifest, 80, 95)
        with self.step("tidy", 95, 100):
            _forget_runs(self.scratch, over=False)
            databases.as_copy(self.scratch, self.neutralise)
            databases.set_hidden(self.scratch, False)
        with self.job() as job:
            env = job.env(context={"lang": job.user_id.lang})
            lines = [env._("The database %(name)s is ready.", name=self.target), _result(env, found)]
            job._kehu_set(scratch=False)
            job._kehu_done("\n".join(lines))

    def run_over(self):
        with self.whole_restore("restored", 70, needs_crm=True) as (found, manifest):
            self.bring_up(manifest, 70, 90)
        with self.job() as job:
            told = {"id": job.id, "login": job.user_id.login, "began": job.date_start, "file": job.backup_id.name, "target": job.target}
            told["backups"] = job.env["kehu.backup"].search([("state", "!=", "making")]).read(CARRIED, load=None)
            previous = job._kehu_new_name(f"before-{fields.Datetime.now():%Y%m%d}")
        told["previous"] = previous
        _forget_runs(self.scratch, over=True)
        # before it takes the place, so that it knows all about it from its first moment
        with Registry(self.scratch).cursor() as cr:
            _tell_of_restore(api.Environment(cr, api.SUPERUSER_ID, {}), found, told)
        databases.forget(self.scratch)
        with self.step("swap", 90, 100):
            pass  # the last that this database says about it: from here on nobody is connected to it
        databases.change_places(self.source, self.scratch, previous)
        self.scratch = None

    # ----------------------------------------------------------------------------------------------------------- parts of restoring

    @contextmanager
    def whole_restore(self, word, end, needs_crm=False):
        """Restore the file into a database of its own and compare it with the file.

        :param str word: what the database is for; the name itself for a new one that shall stay
        :param int end: percent at the end
        :return: what the comparison found, and the manifest of the file
        """
        with self.step("read", 0, end * 0.2) as tell:
            path = path_of(self.folder, self.file)
            found = check_sum(path, tell)
            if self.sum and found != self.sum:
                raise BackupError("file_sum", name=self.file, found=found, expected=self.sum)
            manifest = read_manifest(path)
            rows = rows_in_dump(path)
            _check_fits(manifest, needs_crm)
            databases.check_tools("psql")
            # unpacked, and once more in the database with its indexes
            databases.check_space(self.folder, manifest["unpacked"] + max(self.expected, manifest["unpacked"]))
        with self.job() as job:
            scratch = self.target if self.kind == "new" else job._kehu_new_name(word)
            job._kehu_set(scratch=scratch)
        self.scratch = scratch
        expected = self.expected or 2 * manifest["unpacked"] or 1
        with self.step("restore", end * 0.2, end * 0.8, lambda: databases.size(scratch) / expected):
            databases.restore(path, scratch)
        with self.step("compare", end * 0.8, end):
            result = databases.compare(scratch, manifest, rows)
            wrong = [f"{name}: {there} ≠ {here}" for name, there, here in result["differences"]] + result["changed"]
            if wrong:
                raise BackupError("different", names="; ".join(wrong[:MOST_NAMES]) + (" …" if len(wrong) > MOST_NAMES else ""))
        yield result, manifest

    def bring_up(self, manifest, begin, end):
        """Update modules that are older in the file than on this server."""
        old = [name for name, version in manifest["modules"].items() if is_newer(_here(name), version)]
        if old:
            with self.step("update", begin, end):
                databases.update(self.scratch, old)


def _here(module):
    """Return the version of a module on this server as the host writes it, `19.0.1.9.0`; None when there is no such module."""
    manifest = Manifest.for_addon(module, display_warning=False)
    return manifest and manifest["version"]


def _check_fits(manifest, needs_crm):
    """Refuse a file that this server could not run.

    :raises BackupError: another series of the host, modules that are missing, or newer than here; no CRM where it is needed
    """
    there = str(manifest.get("major_version"))
    here = ".".join(str(part) for part in version_info[:2])
    if there != here:
        raise BackupError("host", there=there, here=here)
    missing = sorted(name for name in manifest["modules"] if not _here(name))
    if missing:
        raise BackupError("modules", names=", ".join(missing[:MOST_NAMES]) + (" …" if len(missing) > MOST_NAMES else ""))
    for name, version in sorted(manifest["modules"].items()):
        if is_newer(version, _here(name)):
            raise BackupError("newer", name=name, there=version, here=_here(name))
    if needs_crm and "kehu_crm" not in manifest["modules"]:
        raise BackupError("no_crm")


def _result(env, found):
    """Return what a comparison found, for people."""
    text = env._(
        "Compared with the file: %(tables)s tables with %(rows)s rows, %(modules)s modules, %(partners)s contacts and companies, "
        "%(files)s attached files, of which %(read)s were read.",
        **{name: f"{found[name]:,}" for name in ("tables", "rows", "modules", "partners", "files", "read")},
    )
    if found["missing"]:
        text += " " + env._("%(count)s attached files were missing already when the backup was made.", count=f"{len(found['missing']):,}")
    return text


def _forget_runs(database, over):
    """Let a restored database not go on with runs of the day on which it was copied.

    :param bool over: it takes the place of this one, with its folder of backups; a copy has no backups yet
    """
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        if "kehu.backup.job" in env:
            jobs = env["kehu.backup.job"].search([("state", "in", ("waiting", "running"))])
            as_engine(jobs, "backup").unlink()
            backups = env["kehu.backup"].search([("state", "=", "making")] if over else [("id", "!=", False)])
            as_engine(backups, "backup").unlink()
    databases.forget(database)


def _tell_of_restore(env, found, told):
    """Write into the restored database how it came to be, and what is known about the backups in the folder.

    :param dict told: of the database before: `id`, `login`, `began`, `target` of the run, `file`, `backups` (values of rows), `previous`
    """
    jobs, backups = env["kehu.backup.job"], as_engine(env["kehu.backup"], "backup")
    known = {backup.name: backup for backup in backups.search([("name", "in", [values["name"] for values in told["backups"]])])}
    for values in told["backups"]:
        values.pop("id")
        if backup := known.get(values["name"]):
            backup.write(values)
        else:
            backups.create(values)
    user = env["res.users"].search([("login", "=", told["login"])], limit=1)
    speaking = env(context={"lang": user.lang})
    lines = [speaking._("Restored from %(name)s.", name=told["file"]), _result(speaking, found)]
    # the page of the run stays open over the restore: it shall find the run under its number
    env.cr.execute(
        "SELECT setval('kehu_backup_job_id_seq', greatest(%s, (SELECT coalesce(max(id), 0) + 1 FROM kehu_backup_job)), false)",
        [told["id"]],
    )
    job = as_engine(jobs, "backup").create(
        {
            "kind": "over",
            "state": "running",
            "backup_id": backups.search([("name", "=", told["file"])], limit=1).id,
            "user_id": user.id,
            "target": told["target"],
            "date_start": told["began"],
            "previous": told["previous"],
        }
    )
    job._kehu_done("\n".join(lines))
    env["kehu.backup.plan"]._kehu_get()._kehu_plan_next()
    jobs._kehu_queue("look", env["kehu.backup"], user)
    env["kehu.operation.log"]._kehu_note("import", job, detail=lines[0])


def _size_of(folder):
    total = 0
    for where, _folders, names in os.walk(folder):
        for name in names:
            try:
                total += os.path.getsize(os.path.join(where, name))
            except OSError:
                continue
    return total


def _sync_folder(folder):
    """Let the disk keep the new name, too."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
