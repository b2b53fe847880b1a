import html
import json
import re
from urllib.parse import parse_qs, unquote

from odoo import api, models

from ..system.engine import is_record_id

# the ways in which the host shows a file: by its number in the path, or behind the question mark; or in a shape that the editor draws
ADDRESS = re.compile(r"/(?:web/(?:image|content)|(?:html|web)_editor/image_shape)(?=[/?])[^\s\"'<>\\)]*")
IN_PATH = re.compile(r"/(?:image|content|image_shape)/(?:ir\.attachment/)?(\d+)(?![^-/?#])")


def picture_ids(text):
    """Numbers of the files that a text with pictures shows.

    :param str text: HTML, or JSON of it
    :rtype: set[int]
    """
    found = set()
    for address in ADDRESS.findall(re.sub("/+", "/", unquote(html.unescape(text or "")))):
        asked = parse_qs(address.partition("?")[2].partition("#")[0])
        numbers = IN_PATH.findall(address.partition("?")[0])
        if asked.get("model", ["ir.attachment"])[0] == "ir.attachment":
            numbers += asked.get("id", [])[:1]
        # no longer than the largest number of a record, zeros before it left out
        found.update(int(number) for number in (n.strip().lstrip("0") for n in numbers) if number.isdecimal() and len(number) <= 10)
    return set(filter(is_record_id, found))


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
            (request.id, number)
            for request in self
            if request.snapshot
            for number in sorted(picture_ids(json.dumps(request.snapshot, ensure_ascii=False)))
        ]
