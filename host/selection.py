"""What `./kehu test FILTER` means: a room (folder of tests/), a class, a method, or a file."""
import ast
from dataclasses import dataclass

from .errors import HostError
from .paths import MODULE, REPO

TESTS = REPO / "tests"
HOST_TESTS = REPO / "host" / "tests"
HOOT_TESTS = REPO / "static" / "tests"


@dataclass(frozen=True)
class Selection:
    """Which tests to run. `tags` is Odoo's --test-tags ("" = no Odoo tests), `host` a unittest name pattern or "",
    `hoot` the Hoot suite or "", `checks` whether the checks of the whole add-on run."""

    tags: str
    host: str = ""
    hoot: str = ""
    checks: bool = False


def select(words):
    """:param list words: filters of the command line; none = everything
    :raises HostError: a filter that names nothing
    """
    if not words:
        return Selection(f"/{MODULE}", "*", f"@{MODULE}" if has_hoot() else "", True)
    tags, host, hoot = [], "", ""
    for word in words:
        found = _odoo_tags(word)
        if (HOOT_TESTS / word).is_dir() and any((HOOT_TESTS / word).rglob("*.test.js")):
            hoot = f"@{MODULE}/{word}"
        if word == "hoot":
            hoot = f"@{MODULE}"
        if word == "host":
            host = "*"
        elif word in host_classes():
            host = f"*{word}*"
        if not found and not hoot and not host:
            rooms = sorted(path.name for path in TESTS.iterdir() if path.is_dir() and (path / "__init__.py").exists()) \
                if TESTS.is_dir() else []
            raise HostError(f"No test is called {word!r}: give a room ({', '.join(rooms)}, host, hoot), a class "
                            "(TestPoolClaim), a method (TestPoolClaim.test_x) or a file.")
        tags += found
    return Selection(",".join(dict.fromkeys(tags)), host, hoot)


def has_hoot():
    """:return: True when there are Hoot units"""
    return HOOT_TESTS.is_dir() and any(HOOT_TESTS.rglob("*.test.js"))


def host_classes():
    """:return: names of the unittest classes of the host's own tests"""
    return {name for path in HOST_TESTS.glob("test_*.py") for name in _classes(path)}


def _odoo_tags(word):
    """:return: test tags for a room, file, class or Class.method; empty when the word is none of these"""
    if (TESTS / word).is_dir():
        files = sorted((TESTS / word).rglob("test_*.py"))
    else:
        stem = word.removesuffix(".py").rpartition("/")[2]
        files = sorted(TESTS.rglob(f"{stem}.py")) if stem.startswith("test_") else []
    if files:
        return [f"/{MODULE}:{name}" for path in files for name in _classes(path)]
    name, _, method = word.partition(".")
    for path in sorted(TESTS.rglob("test_*.py")) if TESTS.is_dir() else []:
        for found, methods in _classes(path).items():
            if name == found and (not method or method in methods):
                return [f"/{MODULE}:{word}"]
            if word in methods:
                return [f"/{MODULE}:{found}.{word}"]
    return []


def _classes(path):
    """:return: {name: [test methods]} of the test classes in a file"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: [item.name for item in node.body if isinstance(item, ast.FunctionDef) and item.name.startswith("test")]
            for node in tree.body if isinstance(node, ast.ClassDef)
            and any(isinstance(item, ast.FunctionDef) and item.name.startswith("test") for item in node.body)}
