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
    addon = mirror(home) / MODULE
    done = subprocess.run([str(home.python), "-m", "pylint", f"--rcfile={REPO / 'pylintrc'}", "--persistent=n",
                           "--msg-template={path}:{line}: {msg_id} {symbol} {msg}", str(addon)],
                          cwd=addon.parent, capture_output=True, text=True, env=clean_environment(PYLINTHOME=home.data),
                          check=False)
    found = [line.replace(f"{MODULE}/", "", 1) for line in _lines(done, fine=tuple(range(32)))]
    return [line for line in found if not line.startswith("*")]


def mirror(home):
    """Copy the add-on to a folder with the right name and nothing beside it; linters do not follow links.

    :return: the folder that holds it
    """
    folder = home.root / "mirror"
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
