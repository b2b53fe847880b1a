"""The texts of the add-on: exported from an installed database, merged into the Chinese file."""
import shutil

from .errors import HostError
from .paths import MODULE, REPO
from .say import step

TEMPLATE = REPO / "i18n" / f"{MODULE}.pot"
CHINESE = REPO / "i18n" / "zh_CN.po"
DATABASE = "kehu_i18n"
# change with every export and say nothing
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date")


def export(databases):
    """:return: the texts of the current code, a polib.POFile"""
    import polib
    host = databases.host
    log = host.home.log / "i18n.log"
    target = host.home.data / f"{MODULE}.pot"
    target.unlink(missing_ok=True)
    template = databases.template("plain")
    databases.drop(DATABASE, force=True)
    databases.copy(template, DATABASE)
    try:
        with step("Exporting the texts"):
            host.run("-d", DATABASE, "-l", "pot", "-o", target, "--", MODULE, subcommand="i18n export", log=log,
                     what="Exporting the texts")
    finally:
        databases.drop(DATABASE, force=True)
    if not target.exists():
        raise HostError(f"Odoo exported no texts: details are in {log}.")
    return polib.pofile(str(target))


def merge(template, write=True):
    """Merge a fresh template into the files of the add-on.

    :param polib.POFile template: result of `export`
    :param bool write: save both files
    :return: (entries without a translation, number of entries that the saved files had otherwise)
    """
    import polib
    old = polib.pofile(str(TEMPLATE)) if TEMPLATE.exists() else polib.POFile()
    chinese = polib.pofile(str(CHINESE)) if CHINESE.exists() else polib.POFile()
    stale = len(_keys(template) ^ _keys(old)) + len(_keys(template) ^ _keys(chinese))
    known = {entry.msgid: entry for entry in chinese}
    merged = polib.POFile(wrapwidth=78)
    merged.metadata = {**template.metadata, **{key: value for key, value in chinese.metadata.items() if value},
                       "Language": "zh_CN", "Content-Type": "text/plain; charset=UTF-8",
                       "Content-Transfer-Encoding": "8bit", "Plural-Forms": "nplurals=1; plural=0;"}
    for entry in template:
        before = known.get(entry.msgid)
        flags = [flag for flag in entry.flags if flag != "fuzzy"] + (
            ["fuzzy"] if before and "fuzzy" in before.flags else [])
        merged.append(polib.POEntry(
            msgid=entry.msgid, msgstr=before.msgstr if before else "", occurrences=entry.occurrences,
            comment=entry.comment, tcomment=before.tcomment if before else "", flags=flags))
    missing = [entry for entry in merged if not entry.msgstr.strip() or "fuzzy" in entry.flags]
    if write:
        TEMPLATE.parent.mkdir(exist_ok=True)
        if _differs(template, old):
            _save(template, TEMPLATE)
        if _differs(merged, chinese):
            _save(merged, CHINESE)
    return missing, stale


def _keys(file):
    return {entry.msgid for entry in file if not entry.obsolete}


def _differs(new, old):
    return [_content(entry) for entry in new] != [_content(entry) for entry in old]


def _content(entry):
    return (entry.msgid, entry.msgstr, tuple(entry.occurrences), entry.comment, tuple(entry.flags))


def _save(file, path):
    part = path.with_name(f".{path.name}.part")
    file.save(str(part))
    shutil.move(part, path)
