# Run in an Odoo shell: Odoo's own test_pylint, on kehu_crm alone; over all of Odoo it would take ten minutes.
import unittest
from unittest import mock

from odoo.addons.test_lint.tests.test_pylint import TestPyLint
from odoo.modules import Manifest
from odoo.tools import config

addon = Manifest.for_addon("kehu_crm")
result = unittest.TestResult()
with mock.patch.object(Manifest, "all_addon_manifests", return_value=[addon]), \
        mock.patch.object(type(config), "root_path", addon.path):
    unittest.TestSuite([TestPyLint("test_pylint")]).run(result)
assert result.testsRun == 1, f"AssertionError: test_pylint did not run: {result.errors}"
for _test, reason in result.skipped:
    print("kehu:" + f"test_pylint was skipped: {reason}")
for _test, text in result.failures + result.errors:
    for line in text.splitlines():
        if "kehu_crm" in line or "Error" in line:
            print("kehu:" + line)
print("kehu:done")
