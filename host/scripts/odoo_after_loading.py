# Odoo's command line, with every selected test run when all modules are loaded, whatever position it asks for. A test that
# Odoo runs in the middle of loading never meets an add-on that loads later; here it does.
from odoo.cli import main
from odoo.tests import loader

make_suite = loader.make_suite


def make_suite_at_the_end(module_names, position="at_install"):
    """The tests of both positions at the end, each once; none before."""
    if position == "at_install":
        return loader.OdooSuite([])
    tests = {test.id(): test for place in ("at_install", "post_install") for test in make_suite(module_names, place)}
    return loader.OdooSuite(sorted(tests.values(), key=lambda test: getattr(test, "test_sequence", 0)))


loader.make_suite = make_suite_at_the_end
main()
