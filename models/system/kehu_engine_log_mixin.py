from odoo import api, models

from .engine import is_engine, is_uninstalling
from .exceptions import KehuEngineOnlyError


class KehuEngineLogMixin(models.AbstractModel):
    """Records that one engine writes and nobody else: histories, requests, decisions.

    Access rows already keep users out; this guard also stops code that runs as superuser by accident, such as a server action.
    A model inherits this mixin and names its engine in ``_kehu_engine``.
    """

    _name = "kehu.engine.log.mixin"
    _description = "Record Written by an Engine Only"

    _kehu_engine = None  # name of the engine, see models/system/engine.py

    @api.model_create_multi
    def create(self, vals_list):
        self._kehu_check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_by_engine(self):
        if not is_uninstalling(self.env):
            self._kehu_check_engine()

    def _kehu_check_engine(self):
        """Refuse unless the environment was opened by this model's engine.

        :raises KehuEngineOnlyError: otherwise
        """
        if not is_engine(self.env, self._kehu_engine):
            raise KehuEngineOnlyError(
                self.env._(
                    "Records of “%(model)s” are kept by the system and cannot be created, changed or deleted by hand. "
                    "Use the buttons of the document they belong to.",
                    model=self.env["ir.model"]._get(self._name).sudo().name,  # sudo: ir.model - name of the model only
                )
            )
