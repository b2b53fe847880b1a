import json
import re

from odoo import api, models

from ..system.engine import is_record_id

PICTURE = re.compile(r"/web/(?:image|content)/(?:ir\.attachment/)?(\d{1,10})")


def picture_ids(text):
    """Numbers of the files that a text with pictures shows.

    :param str text: HTML, or JSON of it
    :rtype: set[int]
    """
    return {number for number in map(int, PICTURE.findall(text or "")) if is_record_id(number)}


class KehuApprovalMixin(models.AbstractModel):
    """Pictures in texts that approvers read.

    The editor uploads pictures of a document that is not saved yet for no document: nobody but their author would see them, and the author
    could exchange them at any time. So they are hung on the document as soon as it names them.
    """

    _inherit = "kehu.approval.mixin"

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._kehu_adopt_pictures(set().union(*vals_list))
        return documents

    def write(self, vals):
        result = super().write(vals)
        self._kehu_adopt_pictures(vals)
        return result

    def _kehu_adopt_pictures(self, names):
        """Hang the pictures on these documents that their author has uploaded for some of these fields and that hang on nothing.

        :param names: names of fields that were written
        """
        texts = [name for name in names if name in self._fields and self._fields[name].type == "html"]
        for document in self if texts else ():
            ids = set().union(*(picture_ids(document[name]) for name in texts))
            if ids:
                domain = [("id", "in", list(ids)), ("res_model", "=", self._name), ("res_id", "in", [False, 0]), ("res_field", "=", False)]
                # sudo: ir.attachment - the author's own files, now of a document that they may write
                files = self.env["ir.attachment"].sudo().search([*domain, ("create_uid", "=", self.env.uid)])
                files.write({"res_id": document.id})


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    def _kehu_shown_files(self):
        """What these requests, which were just made, show of pictures in the texts of their documents.

        :return: [(request id, file id)]
        :rtype: list[tuple]
        """
        return [
            (request.id, number) for request in self if request.snapshot for number in sorted(picture_ids(json.dumps(request.snapshot)))
        ]
