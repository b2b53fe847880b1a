"""The linters find what they are for, and are silent on what is right."""
import shutil
import tempfile
import unittest
from pathlib import Path

from host.lint import structure, xml


class LintCase(unittest.TestCase):

    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def assertFinds(self, findings, *parts):
        self.assertEqual(len(findings), len(parts), findings)
        for finding, part in zip(findings, parts, strict=True):
            self.assertIn(part, finding)


class TestXml(LintCase):

    def check(self, body, name="views/pool/kehu_pool_views.xml"):
        self.write(name, f"<odoo>{body}</odoo>")
        return xml.check(self.root)

    def test_not_well_formed(self):
        self.assertFinds(self.check("<record>"), "not well formed")

    def test_good_names(self):
        self.assertFinds(self.check(
            '<record id="kehu_pool_view_form" model="ir.ui.view"><field name="name">kehu.pool.view.form</field></record>'
            '<record id="res_partner_view_form_inherit_pool" model="ir.ui.view"/>'
            '<record id="kehu_pool_action_my" model="ir.actions.act_window"/><menuitem id="kehu_pool_menu"/>'
            '<record id="kehu_pool_rule_user" model="ir.rule"/><record id="base.user_admin" model="res.users"/>'))

    def test_bad_names(self):
        self.assertFinds(self.check('<record id="view_pool_form" model="ir.ui.view"/>'), "does not follow")
        self.assertFinds(self.check('<menuitem id="menu_pool"/>'), "does not follow")
        self.assertFinds(self.check('<record id="kehu_pool_view_form" model="ir.ui.view"><field name="name">Pool</field></record>'),
                         "not like its id")

    def test_id_given_twice(self):
        self.assertFinds(self.check('<menuitem id="kehu_menu"/><menuitem id="kehu_menu"/>'), "is also in")

    def test_file_name(self):
        self.assertFinds(self.check("", "views/pool/pool.xml"), "file name")


class TestStructure(LintCase):

    def test_manifest(self):
        self.write("__manifest__.py", "{'data': ['views/gone.xml', 'views/a_views.xml', 'views/a_views.xml']}")
        self.write("views/a_views.xml", "<odoo/>")
        self.write("views/b_views.xml", "<odoo/>")
        self.assertFinds(structure.manifest(self.root), "does not exist", "listed twice", "b_views.xml: is not in the manifest")

    def test_tests_that_nobody_imports(self):
        self.write("tests/__init__.py", "from .pool import test_pool_a\nfrom . import sales\n")
        self.write("tests/pool/__init__.py", "")
        self.write("tests/pool/test_pool_a.py", "")
        self.write("tests/pool/test_pool_b.py", "")
        self.write("tests/sales/__init__.py", "from . import test_sales_a\n")
        self.write("tests/sales/test_sales_a.py", "")
        self.assertFinds(structure.tests(self.root), "test_pool_b.py: is not imported")

    def test_access_rows(self):
        self.write("models/pool/kehu_pool.py", "class A(models.Model):\n    _name = 'kehu.pool'\n"
                   "class B(models.AbstractModel):\n    _name = 'kehu.mixin'\n"
                   "class C(models.Model):\n    _inherit = 'res.partner'\n"
                   "class D(models.TransientModel):\n    _name = 'kehu.dialog'\n"
                   "class E(models.Model):\n    _name = 'calendar.filters'\n    _inherit = ['calendar.filters', 'kehu.mixin']\n")
        self.write("security/pool/ir.model.access.csv", "id,name,model_id:id\na,a,model_kehu_pool\n")
        self.assertFinds(structure.access(self.root), "kehu.dialog has no row")
