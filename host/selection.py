"""What `./kehu test FILTER` means: a room (folder of tests/), a class, a method, or a file."""
import ast
import re
from dataclasses import dataclass

from .errors import HostError
from .paths import MODULE, REPO

TESTS = REPO / "tests"
HOST_TESTS = REPO / "host" / "tests"
HOOT_TESTS = REPO / "static" / "tests"
HOOT = f"/{MODULE}:TestHootUnits"  # runs them in the browser
BROWSER = re.compile(r"HttpCase|start_tour|browser_js")  # in a file whose tests may start one
ROBOT = re.compile(r"clickbot")  # in a file whose tests click through everything, as long as all tours together


@dataclass(frozen=True)
class Selection:
    """Which tests to run. `tags` is Odoo's --test-tags ("" = no Odoo tests), `host` the unittest name
    patterns, `checks` whether the checks of the whole add-on run, `browser` and `printer` whether any of them
    may need a browser, or the program that makes PDF files."""

    tags: str
    host: tuple = ()
    checks: bool = False
    browser: bool = False
    printer: bool = False


def select(words):
    """:param list words: filters of the command line; none = everything
    :raises HostError: a filter that names nothing
    """
    if not words:
        return Selection(f"/{MODULE}", ("*",), True, True, True)
    tags, host = [], []
    for word in words:
        found = _odoo_tags(word)
        units = _hoot_tags(word)
        own = "*" if word == "host" else _host_pattern(word)
        if not found and not units and not own:
            raise HostError(f"No test is called {word!r}: give a room ({', '.join(_rooms())}), a class "
                            "(TestPoolClaim), a method (TestPoolClaim.test_x) or a file.")
        tags += found + units
        host += [own] if own else []
    return Selection(",".join(dict.fromkeys(tags)), tuple(dict.fromkeys(host)),
                     browser=any(tag.startswith(HOOT) for tag in tags) or _in_a_file_with("HttpCase", tags),
                     printer=_in_a_file_with("wkhtmltopdf", tags))


def shares():
    """Divide all tests: the halves without a browser run side by side, then tours beside robots, which start one.

    A share of its own that takes whatever is named nowhere sees to it that no test is left out.

    :return: (list of test tags, list of test tags)
    """
    tours, robots, others = [], [], {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for name, methods in _classes(path).items():
            if ROBOT.search(text):
                robots.append(name)
            elif BROWSER.search(text):
                tours.append(name)
            else:
                others[name] = len(methods)
    halves, counts = ([], []), [0, 0]
    for name in sorted(others, key=lambda one: (-others[one], one)):
        half = counts.index(min(counts))
        halves[half].append(name)
        counts[half] += others[name]
    rest = ",".join([f"/{MODULE}", *(f"-/{MODULE}:{name}" for name in [*halves[0], *tours, *robots])])
    return [_tags_of(halves[0]), rest], [_tags_of(tours), _tags_of(robots)]


def _tags_of(classes):
    return ",".join(f"/{MODULE}:{name}" for name in classes)


def _rooms():
    """:return: the words that name many tests"""
    rooms = sorted(path.name for path in TESTS.iterdir() if path.is_dir() and (path / "__init__.py").exists()) \
        if TESTS.is_dir() else []
    return [*rooms, "host", *(["hoot"] if has_hoot() else [])]


def _in_a_file_with(text, tags):
    """Whether one of the selected classes stands in a file of tests that names what it may start."""
    names = {tag.partition(":")[2].partition(".")[0] for tag in tags}
    return any(text in path.read_text(encoding="utf-8") and names.intersection(_classes(path))
               for path in TESTS.rglob("test_*.py"))


def _hoot_tags(word):
    """:return: test tags for the Hoot units of a room, or for all of them for "hoot"; empty for any other word"""
    if word == "hoot" and has_hoot():
        return [HOOT]
    return [f"{HOOT}[@{MODULE}/{word}]"] if _is_plain(word) and any((HOOT_TESTS / word).rglob("*.test.js")) else []


def _host_pattern(word):
    """:return: the unittest name pattern of a class, or method of one, of the host's own tests; empty for any other word"""
    name, _, method = word.partition(".")
    methods = host_classes().get(name)
    if methods is None or (method and method not in methods):
        return ""
    return f"*.{name}.{method or '*'}"


def _is_plain(word):
    """Whether the word can name a folder of ours: a path or a pattern would lead elsewhere."""
    return word.replace("_", "").isalnum()


def has_hoot():
    """:return: True when there are Hoot units"""
    return HOOT_TESTS.is_dir() and any(HOOT_TESTS.rglob("*.test.js"))


def host_classes():
    """:return: {name: [test methods]} of the unittest classes of the host's own tests"""
    return {name: methods for path in HOST_TESTS.glob("test_*.py") for name, methods in _classes(path).items()}


def _odoo_tags(word):
    """:return: test tags for a room, file, class or Class.method; empty when the word is none of these"""
    if _is_plain(word) and (TESTS / word).is_dir():
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
