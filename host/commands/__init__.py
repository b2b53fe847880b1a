"""One file per command. A file offers: its docstring (help), SUMMARY (one line), add_arguments(parser),
run(options) -> exit status; where it has arguments that can be wrong, check(options), which refuses them before anything
is fetched or built and uses the standard library only; NEEDS_VENV = False where the standard library is enough;
PASSES_OPTIONS = True where unknown options go on to Odoo, in `options.rest`. A new file here is a new command.
"""

ORDER = ("demo", "test", "run", "shell", "new", "drop", "lint", "i18n", "bench", "status", "stop")
