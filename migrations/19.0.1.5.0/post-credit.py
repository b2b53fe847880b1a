"""Take statements of account that were mailed before from the messages of the customer, which everybody in the CRM reads once the customer
is in the pool, into the log of mailed statements.

They are known by the name of their files, which the program gave. The first day of the period is not known any more. Idempotent: what was
moved is not on the customer any more.
"""

import re

from odoo import SUPERUSER_ID, api
from odoo.addons.kehu_crm.models.credit.kehu_statement_letter import ENGINE
from odoo.addons.kehu_crm.models.system.engine import as_engine

FILE = re.compile(r"^.+ - .+ - [A-Z]{3} - (\d{4}-\d{2}-\d{2})\.(?:pdf|html)$")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    files = env["ir.attachment"].search([("res_model", "=", "res.partner"), ("name", "=like", "% - % - ____-__-__.%")])
    files = files.filtered(lambda file: FILE.match(file.name))
    mails = env["mail.message"].search(
        [("model", "=", "res.partner"), ("message_type", "=", "email_outgoing"), ("attachment_ids", "in", files.ids)]
    )
    letters = as_engine(env["kehu.statement.letter"].with_context(tracking_disable=True, mail_create_nosubscribe=True), ENGINE)
    for mail in mails:
        customer = env["res.partner"].browse(mail.res_id).exists()
        mine = mail.attachment_ids & files
        if not customer or mine != mail.attachment_ids:
            continue
        sender = mail.author_id.with_context(active_test=False).user_ids[:1] or env.user  # people who left as well
        sent_to = env["mail.mail"].search([("mail_message_id", "=", mail.id)]).recipient_ids
        letter = letters.create(
            {
                "partner_id": customer.id,
                "company_id": (customer.company_id or sender.company_id).id,
                "date_to": FILE.match(mine[0].name)[1],
                "mailed_to": ", ".join(sent_to.filtered("email").mapped("email")) or customer.email or customer.name,
                "sent_on": mail.date,
                "sent_by_id": sender.id,
            }
        )
        mail.write({"model": letter._name, "res_id": letter.id})
        mine.write({"res_model": letter._name, "res_id": letter.id})
