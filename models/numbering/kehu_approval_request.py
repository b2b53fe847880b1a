from odoo import api, fields, models
from odoo.tools import SQL

from .number_field import number_existing

WAITING = "kehu_request_numbers"  # requests that get their number at the end of the transaction


class KehuApprovalRequest(models.Model):
    """Requests are numbered when the transaction ends, all of it at once: submitting itself asks the database nothing more for it, and a
    series without gaps is held for no longer than need be.
    """

    _inherit = "kehu.approval.request"

    number = fields.Char(readonly=True, copy=False, index="trigram", help="Number of the request; it never changes.")

    _number_missing_idx = models.Index("(id) WHERE number IS NULL")

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create([{name: value for name, value in vals.items() if name != "number"} for vals in vals_list])
        data = self.env.cr.precommit.data
        if WAITING not in data:
            data[WAITING] = True
            # sudo: kehu.approval.request - users cannot write requests, the numbering may
            self.env.cr.precommit.add(self.env(su=True, context={})["kehu.approval.request"]._kehu_number_new)
        return requests

    @api.model
    def _kehu_number_new(self):
        """Number what has none: the requests of this transaction, and what an interrupted one has left."""
        self.env.cr.precommit.data.pop(WAITING, None)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT id, company_id FROM kehu_approval_request WHERE number IS NULL ORDER BY id FOR UPDATE SKIP LOCKED")
        )
        numbers = self.env["kehu.numbering"]._kehu_next_numbers("request", [(company_id, None) for _id, company_id in rows])
        given = [(request_id, number) for (request_id, _company), number in zip(rows, numbers, strict=True) if number]
        if given:
            self.env.cr.execute(
                SQL(
                    "UPDATE kehu_approval_request one SET number = given.number FROM unnest(%s, %s) given(id, number) "
                    "WHERE one.id = given.id",
                    [request_id for request_id, _number in given],
                    [number for _id, number in given],
                )
            )
            self.browse(request_id for request_id, _number in given).invalidate_recordset(["number"])

    @api.model
    def _kehu_number_existing(self):
        number_existing(self.sudo(), "request", "number")  # sudo: kehu.approval.request - numbers of all
