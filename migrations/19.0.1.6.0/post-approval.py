"""Keep with each request which files hung on its document when it was submitted, as new requests do; until now the dates of the files told,
to the second. And what waits keeps what it names that was archived already when it was submitted, which the old version left out.

Idempotent: requests that keep files are passed over, and so are documents that say what was kept of them.
"""

from odoo import SUPERUSER_ID, api
from odoo.addons.kehu_crm.models.system.engine import as_engine


def migrate(cr, version):
    cr.execute(
        """INSERT INTO kehu_approval_request_file_rel (request_id, attachment_id)
           SELECT request.id, file.id
             FROM kehu_approval_request request
             JOIN ir_attachment file ON file.res_model = request.res_model AND file.res_id = request.res_id
            WHERE request.state IN ('pending', 'approved')
              AND COALESCE(file.res_field, '') = ''
              AND date_trunc('second', file.create_date) <= request.date_submitted
              AND NOT EXISTS (SELECT FROM kehu_approval_request_file_rel kept WHERE kept.request_id = request.id)
               ON CONFLICT DO NOTHING"""
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    requests = env["kehu.approval.request"]
    requests.invalidate_model(["file_ids"])
    last = 0
    while waiting := requests.search([("state", "=", "pending"), ("id", ">", last)], order="id", limit=500):
        for documents in waiting._kehu_documents():
            for document, captured in documents._kehu_capture().items():
                request = document.kehu_request_id
                snapshot = request.snapshot
                if request in waiting and snapshot and _with_archived(documents, snapshot, captured):
                    as_engine(request, "approval").snapshot = snapshot
        last = waiting[-1].id
        env.invalidate_all()


def _with_archived(documents, snapshot, captured):
    """Add to what was kept of a document, and of its lines, what is archived in its many2many fields.

    :return: whether there was anything
    """
    parts = [(documents, snapshot["fields"], captured["fields"])]
    guarded = documents._kehu_guarded_lines()
    for one2many in guarded.keys() & snapshot["lines"].keys() & captured["lines"].keys():
        old, new = snapshot["lines"][one2many], captured["lines"][one2many]
        parts += [(guarded[one2many], old[key], new[key]) for key in old.keys() & new.keys()]
    changed = False
    for model, old, new in parts:
        for name in old.keys() & new.keys():
            field = model._fields[name]
            missing = set(new[name]) - set(old[name] or ()) if field.type == "many2many" and new[name] else ()
            linked = documents.env[field.comodel_name].browse(missing) if missing else ()
            if linked and linked._active_name and not any(linked.mapped(linked._active_name)):
                old[name] = sorted({*(old[name] or ()), *missing})
                changed = True
    return changed
