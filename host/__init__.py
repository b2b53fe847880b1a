"""Stands up PostgreSQL and Odoo 19 on a bare machine, runs, tests and measures the add-on.

No business code lives here and the add-on never imports it. `cli.py` finds the commands in `commands/`, one file each;
everything before the virtual environment exists (`cli`, `venv`, `say`, `process`, `lock`, `paths`) uses the standard
library only. Every obstacle is a `HostError`: one sentence with what is wrong and what to do.
"""
