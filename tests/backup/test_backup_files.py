"""Files: names, what is refused before anything is unpacked, what is kept."""

import io
import os
import shutil
import stat
import tempfile
import tracemalloc
import zipfile
from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ...tools import backup_files
from ...tools.backup_files import BackupError
from .common import DUMP, make_zip

NOW = datetime(2026, 11, 23, 6, 0)


@tagged("post_install", "-at_install")
class TestBackupFiles(BaseCase):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "test.zip")

    def _refused(self, reason, function=backup_files.read_manifest):
        with self.assertRaises(BackupError) as caught:
            function(self.path)
        self.assertEqual(caught.exception.reason, reason)

    def test_names(self):
        for database in ("demo", "客户", "a/../../b", "..", "a b;c", "x" * 300, "--help"):
            name = backup_files.file_name(database, NOW, "ab12")
            with self.subTest(database=database):
                self.assertTrue(backup_files.is_file_name(name), name)
                folder = backup_files.folder_name(database)
                self.assertEqual(os.path.basename(os.path.join("/x", folder)), folder)
                self.assertNotIn(folder, ("", ".", ".."))
        self.assertNotEqual(backup_files.folder_name("a/b"), backup_files.folder_name("a_b"))
        for name in (
            "../x.zip",
            "a/b.zip",
            "/etc/passwd",
            ".x.zip",
            "x..zip",
            "x.zip\n",
            "x.zip\0",
            "x\r\n.zip",
            "",
            None,
            7,
            "x" * 200 + ".zip",
        ):
            with self.subTest(name=name):
                self.assertFalse(backup_files.is_file_name(name))
                with self.assertRaises(BackupError):
                    backup_files.path_of(self.folder, name)
        for name in ("", "-x", "a b", "a/b", "客户", "x" * 64, "a;b", 'a"b', None):
            with self.subTest(database=name):
                self.assertFalse(backup_files.is_database_name(name))

    def test_no_links(self):
        with open(os.path.join(self.folder, "secret"), "w") as stream:
            stream.write("x")
        os.symlink(os.path.join(self.folder, "secret"), self.path)
        with self.assertRaises(BackupError):
            backup_files.path_of(self.folder, "test.zip")

    def test_a_good_one(self):
        make_zip(self.path, {"filestore/ab/abcd": b"x", "filestore/checklist/ab/abcd": b""}, modules={"kehu_crm": "19.0.1.9.0"})
        manifest = backup_files.read_manifest(self.path)
        self.assertEqual((manifest["files"], manifest["modules"]["kehu_crm"]), (1, "19.0.1.9.0"))
        self.assertEqual(backup_files.rows_in_dump(self.path), {"public.pet": 2})
        backup_files.add_to_store(self.path, self.folder, {"nothing"})
        self.assertEqual(backup_files.names_in_store(self.path), {"ab/abcd", "checklist/ab/abcd"})

    def test_long_rows(self):
        """A row with a large column counts once, and what has no line ends at all is never in memory as a whole."""
        row = b"7\t" + b"y" * (2 * backup_files.PIECE) + b"\n"
        dump = DUMP.replace(b"2\n", b"2\n" + row * 2, 1)
        make_zip(self.path, {"dump.sql": dump})
        self.assertEqual(backup_files.rows_in_dump(self.path), {"public.pet": 4})
        make_zip(self.path, {"dump.sql": b"x" * (40 * backup_files.PIECE)})
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self._refused("file_broken", backup_files.rows_in_dump)
        self.assertLess(tracemalloc.get_traced_memory()[1], 8 * backup_files.PIECE)

    def test_other_products(self):
        for entries in (
            {"manifest.json": None},
            {"dump.sql": None},
            {"manifest.json": b"[]"},
            {"manifest.json": b"not json"},
            {"manifest.json": b"\xff\xfe"},
            {"manifest.json": b'{"odoo_dump": "1", "modules": {}}'},
            {"manifest.json": b'{"odoo_dump": "2", "modules": {"base": "1"}}'},
        ):
            with self.subTest(entries=entries):
                make_zip(self.path, entries)
                self._refused("file_other")

    def test_what_leaves_its_place(self):
        for name in (
            "../evil",
            "filestore/../../evil",
            "/etc/cron.d/evil",
            "filestore//etc/evil",
            "filestore/..\\evil",
            "C:evil",
            "evil.sh",
            "filestore/a/../../../evil",
        ):
            with self.subTest(name=name):
                make_zip(self.path, {name: b"x"})
                self._refused("file_unsafe")
        link = zipfile.ZipInfo("filestore/ab/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        make_zip(self.path)
        with zipfile.ZipFile(self.path, "a") as archive:
            archive.writestr(link, "/etc/passwd")
        self._refused("file_unsafe")

    def test_cut_off(self):
        make_zip(self.path, {"filestore/ab/abcd": os.urandom(5000)})
        with open(self.path, "rb") as stream:
            whole = stream.read()
        for length in (0, 10, len(whole) // 2, len(whole) - 30):
            with self.subTest(length=length):
                with open(self.path, "wb") as stream:
                    stream.write(whole[:length])
                self._refused("file_broken")
        for dump in (DUMP[:-30], DUMP.replace(b"\\.\n", b""), b""):
            with self.subTest(dump=dump):
                make_zip(self.path, {"dump.sql": dump})
                self._refused("file_broken", backup_files.rows_in_dump)

    def test_changed_bytes(self):
        make_zip(self.path)
        before = backup_files.check_sum(self.path)
        with open(self.path, "rb+") as stream:
            stream.seek(40, io.SEEK_SET)
            byte = stream.read(1)
            stream.seek(40)
            stream.write(bytes([byte[0] ^ 255]))
        self.assertNotEqual(backup_files.check_sum(self.path), before)
        self.assertRegex(before, "^[0-9a-f]{64}$")

    def test_what_is_kept(self):
        def files(count, proved=(), kept=()):
            return [(day, NOW - timedelta(days=day), day in proved, day in kept) for day in range(count)]

        def gone(*args):
            return backup_files.superfluous(*args, NOW)

        self.assertEqual(gone(files(5), 0, 0), [])
        self.assertEqual(gone(files(5), 2, 0), [4, 3, 2])
        self.assertEqual(gone(files(5), 0, 2), [4, 3])
        self.assertEqual(gone(files(5), 4, 1), [4, 3, 2])
        self.assertEqual(gone(files(5, proved={3, 4}), 1, 0), [4, 2, 1], "the newest proved one stays")
        self.assertEqual(gone(files(5, kept={4}), 1, 0), [3, 2, 1], "what a person keeps stays")
        self.assertEqual(gone([(1, NOW - timedelta(days=900), False, False)], 1, 1), [], "the only one stays")

    def test_versions(self):
        self.assertTrue(backup_files.is_newer("19.0.1.10.0", "19.0.1.9.0"))
        self.assertFalse(backup_files.is_newer("19.0.1.9.0", "19.0.1.9.0"))
        self.assertFalse(backup_files.is_newer("19.0.1.9", "19.0.1.10"))
