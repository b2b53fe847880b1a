"""What Odoo passes over in silence: files that no manifest lists, tests that nobody imports, models without access."""
import ast
import csv
from pathlib import PurePosixPath

DATA_FOLDERS = ("views", "wizards", "report", "data", "demo", "security")


def manifest(root):
    """Every data file is listed and every listed file exists.

    :return: findings
    """
    content = ast.literal_eval((root / "__manifest__.py").read_text(encoding="utf-8"))
    listed = content.get("data", []) + content.get("demo", [])
    found = [f"__manifest__.py: {name} is listed and does not exist" for name in listed if not (root / name).exists()]
    found += [f"__manifest__.py: {name} is listed twice" for name in sorted({x for x in listed if listed.count(x) > 1})]
    for folder in DATA_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root).as_posix()
            # a csv that Odoo loads is named after its model; others are read by our own code
            if (path.suffix == ".xml" or (path.suffix == ".csv" and "." in path.stem)) and relative not in listed:
                found.append(f"{relative}: is not in the manifest")
    return found


def tests(root):
    """Every test module is imported on the way from tests/__init__.py, and no two share a name.

    :return: findings
    """
    folder = root / "tests"
    files = sorted(folder.rglob("test_*.py"))
    seen, found = {}, []
    reached = _reached(folder / "__init__.py") if folder.exists() else set()
    for path in files:
        relative = path.relative_to(root).as_posix()
        if path.name in seen:
            found.append(f"{relative}: has the name of {seen[path.name]}; one of the two would not run")
        seen[path.name] = relative
        if path not in reached:
            found.append(f"{relative}: is not imported by tests/__init__.py, so Odoo does not run it")
    return found


def _reached(init):
    """:return: paths of the modules that a package's __init__ imports, directly and through sub-packages"""
    if not init.exists():
        return set()
    reached = set()
    for node in ast.parse(init.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ImportFrom) or node.level != 1:
            continue
        package = init.parent.joinpath(*(node.module or "").split(".")) if node.module else init.parent
        for alias in node.names:
            if alias.name == "*":
                reached |= _reached(package / "__init__.py")
            elif (package / f"{alias.name}.py").exists():
                reached.add(package / f"{alias.name}.py")
            elif (package / alias.name).is_dir():
                reached |= _reached(package / alias.name / "__init__.py")
    return reached


def access(root):
    """Every model of ours has a row in an access file.

    :return: findings
    """
    rows = set()
    for path in (root / "security").rglob("ir.model.access.csv"):
        with open(path, encoding="utf-8", newline="") as stream:
            rows |= {(row.get("model_id:id") or row["model_id/id"]).rpartition(".")[2] for row in csv.DictReader(stream)}
    return [f"{place}: the model {name} has no row in an ir.model.access.csv"
            for name, place in sorted(_models(root).items()) if f"model_{name.replace('.', '_')}" not in rows]


def _models(root):
    """:return: {name: file} of the models that the add-on defines, abstract ones left out"""
    found = {}
    for folder in ("models", "wizards", "report"):
        for path in sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.ClassDef):
                    continue
                bases = {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
                values = {target.id: item.value for item in node.body if isinstance(item, ast.Assign)
                          for target in item.targets if isinstance(target, ast.Name)}
                name = values.get("_name")
                if isinstance(name, ast.Constant) and bases & {"Model", "TransientModel"}:
                    inherits = {node.value for node in ast.walk(values.get("_inherit") or ast.List([])) if isinstance(node, ast.Constant)}
                    if name.value not in inherits:  # else it extends the host's
                        found[name.value] = PurePosixPath(path.relative_to(root)).as_posix()
    return found
