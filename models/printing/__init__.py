"""Room printing: layouts of prints that administrators write themselves.

For: a list of layouts per document, with placeholders, preview, versions and defaults by company and team. Anything that cannot be printed
falls back to the shipped print.
Owns: `kehu.print.template`, `kehu.print.version`; how a layout is read and filled in is in `tools/print_layout.py`.
May call: every room that prints. Nobody calls it.
"""

from . import exceptions
from . import documents
from . import kehu_print_template
from . import kehu_print_version
from . import ir_actions_report
