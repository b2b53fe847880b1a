from odoo import api, models
from odoo.tools import ormcache

# a whole family of models by the start of its name: what the host and the add-on run on, not what people enter
TECHNICAL = (
    "_",
    "auth",
    "base",
    "base_import",
    "bus",
    "discuss",
    "fetchmail",
    "iap",
    "ir",
    "kehu.approval",
    "kehu.import",
    "kehu.settings",
    "mail",
    "onboarding",
    "privacy",
    "publisher_warranty",
    "report",
    "res.config",
    "res.groups",
    "res.lang",
    "res.device",
    "res.users.apikeys",
    "res.users.deletion",
    "res.users.identitycheck",
    "res.users.log",
    "res.users.settings",
    "sms",
    "snailmail",
    "web_editor",
    "web_tour",
    "wizard",
)


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _kehu_importable(self):
        """Tell whether people may make an import template for this model.

        Not: technical models, dialogs, analyses, and what nobody but an engine creates. The rights to create and write are checked again
        when somebody imports.
        """
        if self._abstract or self._transient or not self._auto or not self._log_access:
            return False
        if any(self._name == start or self._name.startswith(f"{start}.") for start in TECHNICAL):
            return False
        return self._name in self.env["ir.model.access"]._kehu_created_models()

    @api.model
    def _kehu_import_hidden_fields(self):
        """Return names of fields that no import may fill although a form could; extend by ``super() | {…}``.

        :rtype: set[str]
        """
        return {
            "id",
            "display_name",
            "create_uid",
            "write_uid",
            "write_date",
            "create_date",
            "message_main_attachment_id",
        }

    @api.model
    def _kehu_import_default_keys(self):
        """Return the fields by which an existing record is found when a template marks none; extend per model.

        :return: names of fields of this model, none where there is no usual key
        :rtype: list[str]
        """
        return []

    def _kehu_export_lines(self, field_name):
        """Return the records of a one2many that an export through a template writes below each of these records."""
        return self[field_name]


class IrModelAccess(models.Model):
    _inherit = "ir.model.access"

    @api.model
    @ormcache()
    def _kehu_created_models(self):
        """Return the names of all models whose records somebody may create; the host forgets it with every change of an access row.

        :rtype: frozenset[str]
        """
        # sudo: ir.model.access - whether anybody at all may create such records is no secret
        rows = self.sudo()._read_group([("perm_create", "=", True), ("active", "=", True)], ["model_id"])
        return frozenset(model.model for (model,) in rows)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _kehu_import_hidden_fields(self):
        return super()._kehu_import_hidden_fields() | {"signup_type", "kehu_is_customer", "type", "is_company", "parent_id"}

    @api.model
    def _kehu_import_default_keys(self):
        return ["ref"]

    def _kehu_export_lines(self, field_name):
        lines = super()._kehu_export_lines(field_name)
        return lines.filtered(lambda partner: partner.type == "contact" and not partner.is_company) if field_name == "child_ids" else lines


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _kehu_import_hidden_fields(self):
        """What decides on rights and passwords is given by hand, one person at a time."""
        hidden = {
            "password",
            "new_password",
            "group_ids",
            "share",
            "company_id",
            "company_ids",
            "role",
            "action_id",
            "partner_id",
            "signature",
        }
        return super()._kehu_import_hidden_fields() | hidden

    @api.model
    def _kehu_import_default_keys(self):
        return ["login"]
