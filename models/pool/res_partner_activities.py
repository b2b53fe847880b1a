from collections import defaultdict

from odoo import models


class ResPartner(models.Model):
    """To-dos about a customer are its owner's: they go to the new one, and in a pool nobody carries them out."""

    _inherit = "res.partner"

    def _kehu_owner_changed(self, changes, with_documents=False):
        result = super()._kehu_owner_changed(changes, with_documents=with_documents)
        moves = defaultdict(self.browse)
        for customer, (old_user, new_user) in changes.items():
            if old_user:
                moves[old_user, new_user] |= customer
        for (old_user, new_user), customers in moves.items():
            # sudo: res.partner - contacts of customers that have just changed hands
            family = self.sudo().with_context(active_test=False)
            family = family._search([("kehu_customer_id", "in", customers.ids)])
            customers._kehu_move_activities("res.partner", family, old_user, new_user)
        return result

    def _kehu_move_activities(self, model, ids, old_user, new_user):
        """Hand the open to-dos that one person has on these records to another one, without a message for each.

        :param str model: name of the model of the records
        :param ids: their ids, or a query
        :param res.users new_user: empty when nobody takes them: then they are removed
        """
        # sudo: mail.activity - those of the former owner; the right to move them was checked with the customer's
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        activities = activities.search([("res_model", "=", model), ("res_id", "in", ids), ("user_id", "=", old_user.id)])
        if new_user:
            activities.write({"user_id": new_user.id})
        else:
            activities.unlink()
