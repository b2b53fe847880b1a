from odoo import fields, models
from odoo.tools import SQL


class KehuApprovalRequest(models.Model):
    """Which files hung on the document when it was submitted, and when it was approved where they are kept after that.

    Kept one by one, since clocks cannot tell what happened within one second.
    """

    _inherit = "kehu.approval.request"

    # nobody reads it: files have rights of their own; the guard of files asks for it, see ir_attachment.py
    file_ids = fields.Many2many(
        "ir.attachment",
        "kehu_approval_request_file_rel",
        "request_id",
        "attachment_id",
        string="Files",
        groups=fields.NO_ACCESS,
        help="What hung on the document when it was submitted, and the pictures in its texts.",
    )

    def _kehu_files_sql(self):
        """:return: the statement that keeps the files of the documents of these requests, which were just made or approved"""
        files, field = self.env["ir.attachment"], self._fields["file_ids"]
        files.flush_model(["res_model", "res_id", "res_field"])
        self.invalidate_recordset(["file_ids"], flush=False)
        shown = self._kehu_shown_files()
        return SQL(
            """INSERT INTO %(relation)s (%(request)s, %(file)s)
               SELECT request.id, file.id
                 FROM kehu_approval_request request
                 JOIN ir_attachment file ON file.res_model = request.res_model AND file.res_id = request.res_id
                WHERE request.id IN %(ids)s AND COALESCE(file.res_field, '') = ''
                %(shown)s
                   ON CONFLICT DO NOTHING""",
            relation=SQL.identifier(field.relation),
            request=SQL.identifier(field.column1),
            file=SQL.identifier(field.column2),
            ids=tuple(self.ids) or (0,),
            # pictures of a library, or of the author's elsewhere; not whatever file somebody names by its number
            shown=SQL(
                """UNION
                SELECT request.id, file.id
                  FROM (VALUES %s) shown (request_id, file_id)
                  JOIN kehu_approval_request request ON request.id = shown.request_id
                  JOIN ir_attachment file ON file.id = shown.file_id
                 WHERE file.create_uid IN (request.requester_id, request.owner_id) AND COALESCE(file.res_field, '') = ''""",
                SQL(", ").join(shown),
            )
            if shown
            else SQL(),
        )
