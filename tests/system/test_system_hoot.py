import contextlib
import logging
import re
from pathlib import Path

from odoo.addons.web.tests import test_js
from odoo.tests import no_retry, tagged

UNITS = Path(__file__).parents[2] / "static" / "tests"
PASSED = re.compile(r"Test ([\"'])(?P<name>.+)\1 passed \(")


class _Listener(logging.Handler):
    """Keeps what the browser says, which goes on to the log as always."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


@tagged("post_install", "-at_install")
class TestHootUnits(test_js.HOOTCommon):  # an HttpCase
    """The Hoot units of the add-on, and no others. `--test-tags "/kehu_crm:TestHootUnits[@kehu_crm/system]"` runs a part of them."""

    @contextlib.contextmanager
    def _listen(self):
        listener, logger = _Listener(), self._logger.getChild("browser")
        logger.addHandler(listener)
        try:
            yield listener.messages
        finally:
            logger.removeHandler(listener)

    @no_retry
    def test_units(self):
        suites = {f"@kehu_crm/{path.relative_to(UNITS).as_posix().removesuffix('.test.js')}" for path in UNITS.rglob("*.test.js")}
        bundle = {path for path, *_rest in self.env["ir.asset"]._get_asset_paths("web.assets_unit_tests", {})}
        for suite in suites:
            self.assertIn(f"/kehu_crm/static/tests{suite.removeprefix('@kehu_crm')}.test.js", bundle, "No bundle holds these units.")
        chosen = [name for _sign, name in self._test_params] or ["@kehu_crm"]
        for name in chosen:
            # Hoot would run all units of the host instead
            self.assertTrue(any(f"{suite}/".startswith(f"{name}/") for suite in suites), f"There are no units called {name}.")
        with self._listen() as messages:
            self.browser_js(
                "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000" + "".join(f"&id={self._generate_hash(x)}" for x in chosen),
                "",
                login="admin",
                timeout=300,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=test_js.unit_test_error_checker,
            )
        passed = {match["name"] for message in messages if (match := PASSED.search(message))}
        self.assertTrue(passed, "Hoot ran no unit.")
        for suite in suites:
            if any(f"{suite}/".startswith(f"{name}/") for name in chosen):
                self.assertTrue(any(name.startswith(f"{suite}/") for name in passed), f"No unit of {suite} ran.")
