"""Every text of ours has its Chinese."""
from .. import translations


def saved(home):
    """The saved files agree with each other and leave nothing out.

    :return: findings
    """
    import polib
    if not translations.TEMPLATE.exists() or not translations.CHINESE.exists():
        return ["i18n: kehu_crm.pot or zh_CN.po is missing: run ./kehu i18n"]
    template = polib.pofile(str(translations.TEMPLATE))
    missing, _stale = translations.merge(template, write=False)
    return [f"i18n/zh_CN.po: not translated: {entry.msgid!r}" for entry in missing]


def current(databases):
    """The saved files are what the code says now.

    :return: findings
    """
    missing, stale = translations.merge(translations.export(databases), write=False)
    found = [f"i18n/zh_CN.po: not translated: {entry.msgid!r}" for entry in missing]
    if stale:
        found.append(f"i18n: {stale} text(s) differ from the code: run ./kehu i18n")
    return found
