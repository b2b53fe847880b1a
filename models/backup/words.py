"""What hinders a backup, in sentences. Keys are the reasons of `tools/backup_files.BackupError`."""

import errno

from odoo.tools.misc import format_decimalized_number

from ...tools.backup_files import BackupError


def bytes_in_words(number):
    """Return a size for people: `527.7 k`, `1.2 G`, with the letter B."""
    return f"{format_decimalized_number(number or 0, 1)}B"


def sentence(env, error):
    """Return why something did not succeed, in the language of the environment.

    :param error: any exception
    """
    if isinstance(error, BackupError):
        return _reasons(env, error.reason, error.values)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return env._("The disk is full. Delete backups or other files, then try again.")
    if isinstance(error, PermissionError):
        return env._("The server may not read or write %(path)s. Whoever runs the server gives it the right.", path=error.filename or "?")
    return env._(
        "Something unexpected happened: %(error)s. The log of the server says more.",
        error=f"{type(error).__name__}: {error}".splitlines()[0][:300],
    )


def _reasons(env, reason, values):
    if "needed" in values:
        values = {**values, "needed": bytes_in_words(values["needed"]), "free": bytes_in_words(values["free"])}
    return {
        "file_name": lambda: env._("“%(name)s” is no name of a backup in the folder.", **values),
        "file_missing": lambda: env._("The file %(name)s is not in the folder any more.", **values),
        "file_other": lambda: env._("%(name)s is no backup of this program: it does not hold what a backup holds.", **values),
        "file_unsafe": lambda: env._(
            "%(name)s holds “%(entry)s”, which would be unpacked outside its place. It was not made by this program; do not use it.",
            **values,
        ),
        "file_broken": lambda: env._("%(name)s is damaged or was cut off. Use another backup.", **values),
        "file_sum": lambda: env._(
            "%(name)s is not what was written: its check sum is %(found)s, it was %(expected)s. Use another backup.", **values
        ),
        "tool_missing": lambda: env._(
            "The program %(tool)s of PostgreSQL is not on the server. Whoever runs the server installs it, or names its folder as "
            "“pg_path” in the configuration file.",
            **values,
        ),
        "tool_old": lambda: env._(
            "The program %(tool)s on the server is version %(version)s, the database is version %(server)s. Whoever runs the server "
            "installs the newer programs, or names their folder as “pg_path” in the configuration file.",
            **values,
        ),
        "tool_failed": lambda: env._("The program %(tool)s ended with the error %(code)s. The log of the server says more.", **values),
        "space": lambda: env._(
            "The disk has not enough room: about %(needed)s are needed, %(free)s are free. Delete backups or other files, then try again.",
            **values,
        ),
        "in_use": lambda: env._(
            "The database %(database)s could not be replaced: somebody always came back. Stop other programs that use it, then try again. "
            "Nothing has changed.",
            **values,
        ),
        "different": lambda: env._("What was restored is not what the file holds: %(names)s. Use another backup.", **values),
        "newer": lambda: env._(
            "The backup comes from a newer version: %(name)s %(there)s, here %(here)s. Update the server first.", **values
        ),
        "host": lambda: env._("The backup comes from version %(there)s of the host, this server has %(here)s.", **values),
        "modules": lambda: env._("The backup needs modules that this server does not have: %(names)s.", **values),
        "no_crm": lambda: env._("The CRM is not installed in this backup. Restore it into a new database instead."),
        "name_taken": lambda: env._("There is a database “%(name)s” already. Choose another name.", **values),
        "source_name": lambda: env._(
            "PostgreSQL's programs do not understand the name “%(name)s” of this database. Whoever runs the server renames it.", **values
        ),
        "stopped": lambda: env._("The server was stopped while this ran. Start it again."),
        "not_started": lambda: env._("The process that does this did not start. The log of the server says why."),
    }[reason]()
