"""Opportunities that are older than the stage history get theirs from the changes that their chatter kept. Idempotent."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    api.Environment(cr, SUPERUSER_ID, {})["kehu.stage.event"]._kehu_fill()
