"""Bring the translations up to date: export i18n/kehu_crm.pot anew, merge it into i18n/zh_CN.po keeping what is
translated, and list what is not. The exit status is 1 when something is missing.

With --check nothing is written: it fails when the files are not what the code says.
"""
from .. import translations
from ..databases import Databases
from ..odoo import Host
from ..say import say

SUMMARY = "export the texts anew, merge the Chinese ones, list what is missing"


def add_arguments(parser):
    parser.add_argument("--check", action="store_true", help="write nothing, only tell")


def run(options):
    template = translations.export(Databases(Host.ready("i18n")))
    missing, stale = translations.merge(template, write=not options.check)
    for entry in missing:
        say(f"not translated: {entry.msgid!r} ({', '.join(entry.comment.split()[:3])})")
    if options.check and stale:
        say(f"{stale} text(s) of the code are not in the files, or the other way round: run ./kehu i18n.")
    say(f"{len(template) - len(missing)} of {len(template)} texts are translated.")
    return 1 if missing or (options.check and stale) else 0
