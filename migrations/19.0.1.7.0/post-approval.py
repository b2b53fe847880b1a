"""Keep the pictures that the texts of waiting and approved documents show by addresses which earlier versions did not read. Idempotent."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env, last = api.Environment(cr, SUPERUSER_ID, {}), 0
    requests = env["kehu.approval.request"]
    while some := requests.search([("state", "in", ("pending", "approved")), ("id", ">", last)], order="id", limit=500):
        if shown := some._kehu_shown_files():
            cr.execute_values(
                """INSERT INTO kehu_approval_request_file_rel (request_id, attachment_id)
                   SELECT request.id, file.id
                     FROM (VALUES %s) shown (request_id, file_id)
                     JOIN kehu_approval_request request ON request.id = shown.request_id
                     JOIN ir_attachment file ON file.id = shown.file_id
                    WHERE file.create_uid IN (request.requester_id, request.owner_id) AND COALESCE(file.res_field, '') = ''
                       ON CONFLICT DO NOTHING""",
                shown,
            )
        last = some[-1].id
        env.invalidate_all()
