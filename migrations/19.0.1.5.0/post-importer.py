"""Offer the export through a template in the lists whose model has one; an update alone makes no entry in their menus.

Idempotent: a model that has its entry keeps it.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["kehu.import.template"]._kehu_bind_export()
