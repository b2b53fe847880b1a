"""Python style: ruff on the whole repository, pylint-odoo's blocking messages on the add-on."""
import shutil
import subprocess

from ..odoo import product_entries
from ..paths import MODULE, REPO
from ..process import clean_environment


def ruff(home):
    """:return: findings"""
    done = subprocess.run([str(home.python), "-m", "ruff", "check", "--output-format=concise", "--quiet", "."],
                          cwd=REPO, capture_output=True, text=True, env=clean_environment(), check=False)
    return _lines(done, fine=(0, 1))


def pylint_odoo(home):
    """:return: findings; paths are those of the repository"""
    addon = mirror(home, "pylint-odoo") / MODULE
    done = subprocess.run([str(home.python), "-m", "pylint", f"--rcfile={REPO / 'pylintrc'}", "--persistent=n",
                           "--msg-template={path}:{line}: {msg_id} {symbol} {msg}", str(addon)],
                          cwd=addon.parent, capture_output=True, text=True, env=clean_environment(PYLINTHOME=home.data),
                          check=False)
    found = [line.replace(f"{MODULE}/", "", 1) for line in _lines(done, fine=tuple(range(32)))]
    return [line for line in found if not line.startswith("*")]


def host_pylint(home, source):
    """Odoo's own pylint checks (its test_pylint), on the add-on alone; over all of Odoo they take ten minutes.

    :param odoo_source.Source source: whose test_lint brings the checkers
    :return: findings
    """
    checkers = source.own_addons / "test_lint" / "tests"
    if not checkers.exists():
        checkers = next(folder / "test_lint" / "tests" for folder in source.addons if (folder / "test_lint").exists())
    enabled = ("used-before-assignment,undefined-variable,eval-used,unreachable,function-redefined,sql-injection,"
               "gettext-variable,gettext-placeholders,gettext-repr,missing-gettext,raise-unlink-override")
    addon = mirror(home, "pylint") / MODULE
    done = subprocess.run(
        [str(home.python), "-m", "pylint", "--rcfile=/dev/null", "--persistent=n", "--disable=all", f"--enable={enabled}",
         "--reports=n", "--score=n", "--msg-template={path}:{line}: {symbol} {msg}", "--bad-functions=input",
         "--load-plugins=pylint.extensions.bad_builtin,_odoo_checker_sql_injection,_odoo_checker_gettext,"
         "_odoo_checker_unlink_override", str(addon)],
        cwd=addon.parent, capture_output=True, text=True, check=False,
        env=clean_environment(PYLINTHOME=home.data, PYTHONPATH=checkers, PYTHONDONTWRITEBYTECODE="1"))
    found = [line.replace(f"{MODULE}/", "", 1) for line in _lines(done, fine=tuple(range(32)))]
    return [line for line in found if not line.startswith("*")]


def mirror(home, reader):
    """Copy the add-on to a folder with the right name and nothing beside it; linters do not follow links.

    :param str reader: who reads it: each has its own, as they work side by side
    :return: the folder that holds it
    """
    folder = home.root / "mirror" / reader
    shutil.rmtree(folder, ignore_errors=True)
    addon = folder / MODULE
    addon.mkdir(parents=True)
    for path in product_entries(home.root):
        if path.is_dir():
            shutil.copytree(path, addon / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, addon / path.name)
    return folder


def _lines(done, fine):
    found = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode not in fine:
        found += [f"the linter itself failed: {line}" for line in done.stderr.splitlines()[-5:] or ["no message"]]
    return found
