from odoo import models


class KehuPrint(models.AbstractModel):
    _inherit = "kehu.print"

    def _get_words(self):
        return {
            **super()._get_words(),
            "contract": self.env._("Contract"),
            "party_a": self.env._("Party A"),
            "party_b": self.env._("Party B"),
            "third_party": self.env._("Third Party"),
            "draft_print": self.env._("draft, not in force"),
            "valid_from": self.env._("Term"),
            "until_terminated": self.env._("until it is terminated"),
            "goods": self.env._("Goods and Services"),
            "goods_total": self.env._("Total of the orders listed above"),
            "tax_total": self.env._("Tax Amount"),
            "no_more_text": self.env._("(No text of the contract below this line; signatures and seals follow.)"),
            "agreed_terms": self.env._("Terms of the Contract"),
        }
