"""What can be refused is refused at once, and nothing is fetched or built for it."""
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from host import programs, selection
from host.errors import HostError
from host.paths import Home
from host.selection import select

from .test_surroundings import SurroundingsCase


class TestArguments(SurroundingsCase):

    def assertRefused(self, *arguments, parts=(), status=1, **environment):
        found, text = self.kehu(*arguments, **environment)
        self.assertEqual(found, status, text)
        if status == 1:
            self.assertOneSentence(text, *parts)
        else:
            for part in parts:
                self.assertIn(part, text)
        self.assertNotIn("Traceback", text)
        self.assertFalse((self.folder / "home").exists(), "something was built before the refusal")

    def test_the_whole_suite_is_divided(self):
        """Each class of tests is in one share; what is named nowhere is in the second half."""
        (first, rest), browser = selection.shares()
        first, tours, robots = (share.split(",") for share in (first, *browser))
        self.assertFalse(set(first) & {*tours, *robots} or set(tours) & set(robots))
        module, *left_out = rest.split(",")
        self.assertEqual(set(left_out), {f"-{tag}" for tag in (*first, *tours, *robots)})
        self.assertFalse(module.startswith("-"))
        self.assertIn(selection.HOOT, tours)
        self.assertIn("/kehu_crm:TestClickRobotChinese", robots)
        self.assertGreater(len(first), 50)

    def test_name_of_a_new_database(self):
        for name in ("bad name", "", "1x", "a/b", "postgres", "kehu_tpl_x"):
            with self.subTest(name):
                self.assertRefused("new", name, parts=("no name for a database",))

    def test_database_that_cannot_be_there(self):
        self.assertRefused("run", "-d", "nowhere", "--port", "28461", parts=("no database nowhere",))
        self.assertRefused("shell", "-d", "no where", parts=("no database no where",))
        self.assertRefused("drop", "nowhere", parts=("no database nowhere",))

    def test_port(self):
        for command in ("demo", "run"):
            for port in ("0", "65536", "-1", "http"):
                with self.subTest(command, port=port):
                    self.assertRefused(command, f"--port={port}", parts=("is no port",), status=2)

    def test_filter_that_names_nothing(self):
        self.assertRefused("test", "nonsense", parts=("No test is called 'nonsense'", "TestPoolClaim.test_x"))

    def test_name_of_a_measurement(self):
        self.assertRefused("bench", "nonsense", parts=("No measurement",))
        self.assertRefused("bench", "--rounds=0", parts=("at least 1",))

    def test_name_of_a_screen(self):
        self.assertRefused("screenshots", "nonsense", parts=("no screen nonsense",))

    def test_name_of_a_module(self):
        self.assertRefused("host-tests", "../crm", parts=("no name of a module",))

    def test_given_odoo_and_server(self):
        self.assertRefused("new", "x", parts=("holds no Odoo",), ODOO_HOME=str(self.folder))
        self.assertRefused("new", "x", parts=("not an address",), DATABASE_URL="nonsense")


class TestSelection(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kehu test ")
        self.addCleanup(folder.cleanup)
        top = Path(folder.name)
        for path, text in {
            "tests/pool/__init__.py": "",
            "tests/pool/test_plain.py": "class TestPlain(KehuCommon):\n    def test_one(self): pass\n",
            "tests/pool/test_tour.py": "class TestTour(HttpCase):\n    def test_tour(self): pass\n",
            "tests/pool/test_print.py": "class TestPrint(KehuCommon):\n    def test_pdf(self): self.need('wkhtmltopdf')\n",
            "host/test_own.py": "class TestOwn(TestCase):\n    def test_own(self): pass\n",
            "hoot/pool/board.test.js": "",
            "hoot/sales/order.test.js": "",
        }.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text)
        for name, place in (("TESTS", "tests"), ("HOST_TESTS", "host"), ("HOOT_TESTS", "hoot")):
            patcher = mock.patch.object(selection, name, top / place)
            patcher.start()
            self.addCleanup(patcher.stop)

    def test_everything(self):
        found = select([])
        self.assertEqual((found.tags, found.host, found.checks, found.browser, found.printer), ("/kehu_crm", ("*",), True, True, True))

    def test_room_class_method_file(self):
        self.assertEqual(select(["pool"]).tags,
                         "/kehu_crm:TestPlain,/kehu_crm:TestPrint,/kehu_crm:TestTour,/kehu_crm:TestHootUnits[@kehu_crm/pool]")
        self.assertEqual(select(["TestPlain"]).tags, "/kehu_crm:TestPlain")
        self.assertEqual(select(["TestPlain.test_one"]).tags, "/kehu_crm:TestPlain.test_one")
        self.assertEqual(select(["tests/pool/test_plain.py"]).tags, "/kehu_crm:TestPlain")

    def test_browser_only_where_a_test_needs_it(self):
        self.assertFalse(select(["TestPlain"]).browser)
        self.assertTrue(select(["TestTour.test_tour"]).browser)
        self.assertTrue(select(["hoot"]).browser)
        self.assertFalse(select(["TestOwn"]).browser)

    def test_printer_only_where_a_test_needs_it(self):
        self.assertFalse(select(["TestPlain"]).printer)
        self.assertFalse(select(["TestTour"]).printer)
        self.assertTrue(select(["TestPrint.test_pdf"]).printer)
        self.assertTrue(select(["pool"]).printer)

    def test_own_tests(self):
        self.assertEqual(select(["host"]).host, ("*",))
        self.assertEqual(select(["TestOwn", "TestOwn.test_own"]).host, ("*.TestOwn.*", "*.TestOwn.test_own"))

    def test_one_wrong_word_among_right_ones(self):
        for words in (["host", "nonsense"], ["hoot", "nonsense"], ["TestPlain", "nonsense"], ["TestOwn.test_nothing"],
                      ["TestPlain.test_nothing"], ["../tests"], [""], ["."], ["*"]):
            with self.subTest(words), self.assertRaisesRegex(HostError, "No test is called"):
                select(words)

    def test_units_of_two_rooms(self):
        self.assertIn("TestHootUnits[@kehu_crm/pool],/kehu_crm:TestHootUnits[@kehu_crm/sales]", select(["pool", "sales"]).tags)
        self.assertEqual(select(["hoot"]).tags, "/kehu_crm:TestHootUnits")


class TestPrograms(SurroundingsCase):

    def setUp(self):
        super().setUp()
        self.home = Home(self.folder / "home")
        self.home.make()

    def ensure(self, root=True, program=programs.BROWSER, **patches):
        said = []
        with mock.patch.object(programs, "find", **patches.pop("find", {"return_value": None})), \
                mock.patch.object(programs, "say", said.append), mock.patch("os.geteuid", return_value=0 if root else 1000), \
                mock.patch("shutil.which", return_value="/usr/bin/apt-get"), mock.patch.object(programs, "run", **patches) as ran:
            return programs.ensure(program, self.home), "\n".join(said), ran

    def test_there_already(self):
        there, said, ran = self.ensure(find={"return_value": "/usr/bin/chromium"})
        self.assertEqual((there, said, ran.called), (True, "", False))

    def test_root_installs_it(self):
        there, said, ran = self.ensure(find={"side_effect": [None, "/usr/bin/chromium", "/usr/bin/chromium"]})
        self.assertEqual((there, said), (True, ""))
        self.assertIn("install", ran.call_args.args[0])
        self.assertIn("chromium", ran.call_args.args[0])

    def test_printer(self):
        there, said, ran = self.ensure(program=programs.PRINTER, find={"side_effect": [None, "/usr/bin/x", "/usr/bin/x"]})
        self.assertEqual((there, said), (True, ""))
        self.assertEqual(ran.call_args.args[0][-2:], ["wkhtmltopdf", "fonts-noto-cjk"])
        there, said, ran = self.ensure(program=programs.PRINTER, root=False)
        self.assertEqual((there, ran.called), (False, False))
        self.assertIn("No wkhtmltopdf on this machine: tests of PDF files will be skipped", said)

    def test_others_are_told(self):
        there, said, ran = self.ensure(root=False)
        self.assertEqual((there, ran.called), (False, False))
        self.assertIn("will be skipped", said)

    def test_apt_fails_or_brings_none(self):
        there, said, _ran = self.ensure(side_effect=HostError("No network."))
        self.assertFalse(there)
        self.assertIn("No network", said)
        there, said, _ran = self.ensure()
        self.assertFalse(there)
        self.assertIn("will be skipped", said)
