"""Provinces name their regions: those that are shipped. Customers keep the regions that they have."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.country.state"]._kehu_fill_regions()
