from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """The page brings along what waits for its user, so that opening it costs no further question."""
        result = super().session_info()
        if self.env.user._is_internal():
            result["kehu_waiting"] = self.env["kehu.approval.request"].kehu_waiting_count()
        return result
