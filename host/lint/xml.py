"""XML: well formed, in files named after their model, with external ids of one scheme."""
import re
import xml.etree.ElementTree as ElementTree

VIEW_TYPES = "form|list|kanban|search|graph|pivot|calendar|activity"
WORD = r"[a-z0-9_]+"
# model of the record -> what its id must look like
SCHEMES = {
    "ir.ui.view": re.compile(rf"^{WORD}_view_({VIEW_TYPES})(_{WORD})?$"),
    "ir.actions.act_window": re.compile(rf"^{WORD}_action(_{WORD})?$"),
    "ir.actions.server": re.compile(rf"^{WORD}_action(_{WORD})?$"),
    "ir.actions.client": re.compile(rf"^{WORD}_action(_{WORD})?$"),
    "ir.actions.report": re.compile(rf"^{WORD}_(action|report)(_{WORD})?$"),
    "ir.ui.menu": re.compile(rf"^{WORD}_menu(_{WORD})?$"),
    "ir.rule": re.compile(rf"^{WORD}_rule_{WORD}$"),
    "res.groups": re.compile(rf"^group_kehu_{WORD}$"),
    "res.groups.privilege": re.compile(rf"^privilege_kehu({WORD})?$"),
    "ir.cron": re.compile(rf"^{WORD}_cron(_{WORD})?$"),
}
FILES = re.compile(rf"^({WORD})_(views|templates|reports|data|demo|rules|menus|groups)\.xml$|^(menus|groups|rules)\.xml$")
FOLDERS = ("views", "wizards", "report", "data", "demo", "security")


def check(root):
    """:param pathlib.Path root: the add-on
    :return: findings
    """
    found, seen = [], {}
    for path in sorted(path for folder in (*FOLDERS, "static", "migrations") for path in (root / folder).rglob("*.xml")):
        relative = path.relative_to(root)
        try:
            tree = ElementTree.parse(path)
        except ElementTree.ParseError as error:
            found.append(f"{relative}:{error.position[0]}: not well formed: {error}")
            continue
        if relative.parts[0] in FOLDERS:
            for node in tree.iter():
                name = node.get("id") if node.tag in ("record", "menuitem", "template") else None
                if name and "." not in name:
                    if name in seen:
                        found.append(f"{relative}: id {name!r} is also in {seen[name]}")
                    seen[name] = relative
            if not FILES.match(path.name):
                found.append(f"{relative}:1: file name does not say what is in it "
                             "(<model>_views, _templates, _reports, _data, _demo, _rules .xml)")
            found += [f"{relative}: {text}" for text in _records(tree.getroot(), relative.parts[0] == "demo")]
    return found


def _records(root, demo):
    """:return: yields findings about external ids below an <odoo> element"""
    for node in root.iter():
        if node.tag not in ("record", "menuitem"):
            continue
        name, model = node.get("id", ""), "ir.ui.menu" if node.tag == "menuitem" else node.get("model")
        if "." in name:
            continue  # a change of another module's record
        scheme = SCHEMES.get(model)
        if scheme and not scheme.match(name):
            yield f"id {name!r} of a {model} does not follow {scheme.pattern}"
        if demo and not scheme and not name.endswith("_demo"):
            yield f"id {name!r} of demo data does not end in _demo"
        label = node.find("field[@name='name']")
        if model == "ir.ui.view" and label is not None and (label.text or "").replace(".", "_") != name:
            yield f"view {name!r} is named {label.text!r} and not like its id with dots"
