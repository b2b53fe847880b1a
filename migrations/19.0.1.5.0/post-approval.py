"""Rules that let people read what they were asked about name it by one field, which costs the same however many documents there are.

Idempotent.
"""

from odoo import SUPERUSER_ID, api

BEFORE = "kehu_request_id.participant_ids', 'in', [user.id]"
NOW = "kehu_has_asked_me', '=', True"


def migrate(cr, version):
    rules = api.Environment(cr, SUPERUSER_ID, {})["ir.rule"].with_context(active_test=False)
    for rule in rules.search([("domain_force", "like", BEFORE)]):
        rule.domain_force = rule.domain_force.replace(BEFORE, NOW)
