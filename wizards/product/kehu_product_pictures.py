import base64
import binascii
import time
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.image import image_process

from ...models.product.exceptions import KehuPictureFileError, KehuPictureRightsError
from ...tools import picture_zip

PATIENCE = 60  # seconds of one call; what is left goes on with the next one
LONGEST = 128  # characters of a file name that are shown
NO_PICTURE = ("type", "large", "broken")


class KehuProductPictures(models.TransientModel):
    """Give products their pictures out of one zip file, whose pictures are named by the code of the product.

    The check writes nothing. Setting the pictures goes on where it stopped, when they are so many that one call does not do; each picture
    is set whole or not at all.
    """

    _name = "kehu.product.pictures"
    _description = "Pictures of Products"

    file = fields.Binary(
        string="Zip File",
        help="Pictures named by the code of the product, such as SB-1001.jpg; JPG, PNG, GIF or BMP, in folders or not.",
    )
    filename = fields.Char()
    replace = fields.Boolean(
        string="Replace Pictures", help="Products that have a picture get the new one. Otherwise they keep theirs and are left out."
    )
    state = fields.Selection([("draft", "Choose"), ("checked", "Check"), ("done", "Done")], default="draft", required=True, readonly=True)
    line_ids = fields.One2many("kehu.product.picture", "wizard_id", string="Pictures", readonly=True)
    summary = fields.Char(compute="_compute_summary")
    ready_count = fields.Integer(compute="_compute_summary")

    @api.depends("state", "line_ids.state")
    @api.depends_context("lang")
    def _compute_summary(self):
        for wizard in self:
            states = wizard.line_ids.mapped("state")
            wizard.ready_count = states.count("ready")
            numbers = {
                "ready": states.count("ready"),
                "done": states.count("done"),
                "others": len(states) - states.count("ready") - states.count("done"),
            }
            if wizard.state == "draft":
                wizard.summary = self.env._("Choose a zip file with pictures that are named by the code of the product.")
            elif wizard.state == "checked":
                wizard.summary = self.env._(
                    "%(ready)s products get a picture, %(others)s files of the zip file are left out. Nothing is written yet.", **numbers
                )
            elif wizard.ready_count:
                wizard.summary = self.env._("%(done)s pictures are set, %(ready)s are still to come. Press Go On.", **numbers)
            else:
                wizard.summary = self.env._("%(done)s pictures are set, %(others)s files of the zip file were left out.", **numbers)

    # -- actions -----------------------------------------------------------------------------------------------------------

    def action_check(self):
        """List what becomes of each file of the zip file; nothing is written to the products.

        :raises KehuPictureRightsError: for people who may not change products
        :raises KehuPictureFileError: when the zip file is no use
        """
        self.ensure_one()
        self._kehu_require_right()
        pictures = self._kehu_open()
        self.line_ids.unlink()
        by_code = self._kehu_products({code for _position, _name, code in pictures.files})
        seen = set()
        values_list = []
        for position, name, code in pictures.files:
            products = by_code[code.lower()]
            state = self._kehu_state(pictures, position, code, products, seen)
            if state not in NO_PICTURE:  # a data sheet or a spoilt picture takes the place of none
                seen.add(code.lower())
            values_list.append(
                {
                    "wizard_id": self.id,
                    "position": position,
                    "name": name[:LONGEST],
                    "product_id": products.id if len(products) == 1 else False,
                    "state": state,
                }
            )
        self.env["kehu.product.picture"].create(values_list)
        self.state = "checked"
        return self._kehu_reopen()

    def action_apply(self):
        """Set the pictures that the check found good, as many as one call can.

        :raises KehuPictureRightsError: for people who may not change products
        """
        self.ensure_one()
        self._kehu_require_right()
        ready = self.line_ids.filtered(lambda line: line.state == "ready")
        if ready:
            pictures = self._kehu_open()
            end = time.monotonic() + PATIENCE
            for line in ready:
                line._kehu_set_picture(pictures)
                if time.monotonic() > end:
                    break
        self.state = "done"
        return self._kehu_reopen()

    def action_again(self):
        """Choose another zip file."""
        self.ensure_one()
        self.line_ids.unlink()
        self.write({"state": "draft", "file": False, "filename": False})
        return self._kehu_reopen()

    # -- the work ----------------------------------------------------------------------------------------------------------

    def _kehu_require_right(self):
        if not self.env["product.product"].has_access("write"):
            raise KehuPictureRightsError(
                self.env._("Pictures of products are set by who may change products. Ask an administrator of the CRM.")
            )

    def _kehu_open(self):
        """Open the zip file.

        :rtype: picture_zip.PictureZip
        :raises KehuPictureFileError: when it is no use
        """
        name = self.filename or self.env._("The file")
        content = self.with_context(bin_size=False).file
        if not content:
            raise KehuPictureFileError(self.env._("There is no zip file yet. Choose one first."))
        try:
            return picture_zip.PictureZip(base64.b64decode(content))
        except (picture_zip.PictureZipError, binascii.Error) as error:
            raise KehuPictureFileError(self._kehu_file_message(getattr(error, "kind", "none"), name)) from error

    def _kehu_file_message(self, kind, name):
        if kind == "large":
            return self.env._(
                "“%(name)s” has more than %(megabytes)s MB. Split the pictures into several zip files.",
                name=name,
                megabytes=picture_zip.MAX_BYTES // 1024**2,
            )
        if kind == "many":
            return self.env._(
                "“%(name)s” holds more than %(count)s files. Split them into several zip files.", name=name, count=picture_zip.MAX_FILES
            )
        if kind == "bomb":
            return self.env._("“%(name)s” would unpack to more than a gigabyte. Pack only the pictures, in several zip files.", name=name)
        if kind == "encrypted":
            return self.env._("“%(name)s” is protected with a password. Pack the pictures without one.", name=name)
        if kind == "empty":
            return self.env._("There is no picture in “%(name)s”. Pack pictures named by the code of the product.", name=name)
        return self.env._("“%(name)s” is not a zip file, or is damaged. Pack the pictures as .zip and choose that file.", name=name)

    def _kehu_products(self, codes):
        """Return {code in lower case: products that bear it}, of those that the person may change; all in one search.

        :rtype: dict[str, product.product]
        """
        products = self.env["product.product"]
        by_code = defaultdict(lambda: products)
        lowered = list({code.lower() for code in codes if "\0" not in code})
        same = Domain.custom(to_sql=lambda model, alias, query: SQL("lower(%s) = ANY(%s)", SQL.identifier(alias, "default_code"), lowered))
        found = products.search_fetch(Domain("default_code", "!=", False) & same, ["default_code"])
        for product in found._filtered_access("write"):
            by_code[product.default_code.lower()] |= product
        for code, bearers in by_code.items():  # a code of another company is another product
            own = bearers.filtered(lambda product: product.company_id in (self.env.company, self.env["res.company"]))
            by_code[code] = own or bearers
        return by_code

    def _kehu_state(self, pictures, position, code, products, seen):
        """What becomes of one file."""
        if code.lower() in seen:
            return "twice"
        if not products:
            return "unknown"
        if len(products) > 1:
            return "several"
        if products.image_128 and not self.replace:
            return "kept"
        try:
            pictures.read_picture(position)
        except picture_zip.PictureError as error:
            return error.kind
        return "ready"

    def _kehu_reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pictures of Products"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class KehuProductPicture(models.TransientModel):
    """One file of the zip file, and what becomes of it."""

    _name = "kehu.product.picture"
    _description = "Picture of a Product"
    _order = "wizard_id, id"

    wizard_id = fields.Many2one("kehu.product.pictures", required=True, ondelete="cascade", index=True)
    position = fields.Integer()
    name = fields.Char(string="File")
    product_id = fields.Many2one("product.product", ondelete="cascade")
    state = fields.Selection(
        [
            ("ready", "Will be set"),
            ("done", "Set"),
            ("unknown", "No product has this code"),
            ("several", "Several products have this code"),
            ("twice", "The code occurs twice in the zip file"),
            ("kept", "The product keeps its picture"),
            ("type", "Not a picture: save it as JPG or PNG"),
            ("large", "Too large: make it smaller"),
            ("broken", "Damaged: save the picture anew"),
        ],
        string="Result",
        required=True,
    )

    def _kehu_set_picture(self, pictures):
        """Set this one picture, or say why not.

        :param picture_zip.PictureZip pictures: the zip file
        """
        self.ensure_one()
        if self.product_id.image_128 and not self.wizard_id.replace:
            self.state = "kept"
            return
        try:
            data = pictures.read_picture(self.position)
            # points are read here, before anything is written
            small = image_process(data, size=(1920, 1920), verify_resolution=True)
        except picture_zip.PictureError as error:
            self.state = error.kind
            return
        except (UserError, OSError, ValueError, SyntaxError):
            self.state = "broken"
            return
        self.product_id.image_1920 = base64.b64encode(small)
        self.state = "done"
