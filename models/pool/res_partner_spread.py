from odoo import api, models
from odoo.tools import SQL

from ...tools import spread
from ..system.engine import is_record_id
from .exceptions import KehuOwnershipLimitError, KehuOwnershipTargetError

MODES = [("evenly", "Evenly"), ("turn", "By Turn"), ("capacity", "By Free Capacity")]


class ResPartner(models.Model):
    _inherit = "res.partner"

    def kehu_spread(self, user_ids, mode="evenly", reason=None):
        """Assign these pool customers to several salespeople. All or none.

        :param list user_ids: the people, each once
        :param str mode: ``evenly`` (all get the same number), ``turn`` (one after the other, beginning with whom the history gave least
            recently), ``capacity`` (whoever has most room left under the limit of the pool comes next)
        :param str reason: kept in the history
        :return: {user id: number of customers}
        :raises KehuOwnershipError: see :meth:`_kehu_change_owner`
        """
        known = user_ids if isinstance(user_ids, (list, tuple)) and all(is_record_id(user_id) for user_id in user_ids) else []
        users = self.env["res.users"].browse(dict.fromkeys(known)).exists()
        self._kehu_check_existing()
        customers = self.browse(dict.fromkeys(self.ids))
        if reason:
            self._kehu_check_reason(reason)
        shares = customers._kehu_shares(users, mode)
        if self._kehu_pools_with_limits():
            self._kehu_hold_people(users)
        for user, share in shares.items():
            share._kehu_change_owner("assign", user=user, reason=reason)
        return {user.id: len(share) for user, share in shares.items()}

    def _kehu_shares(self, users, mode):
        """Tell who would get which of these customers. Writes nothing; used by the preview as well.

        :return: {user: customers}, in the order of the people, those who get none left out
        :raises KehuOwnershipTargetError: when nobody or no such way was chosen
        :raises KehuOwnershipLimitError: when they have not enough room
        """
        if not users:
            raise KehuOwnershipTargetError(self.env._("Choose the salespeople who get the customers."))
        if not isinstance(mode, str) or mode not in dict(MODES):
            raise KehuOwnershipTargetError(self.env._("Choose how to share the customers out: evenly, by turn or by free capacity."))
        if mode == "turn":
            users = self._kehu_turn(users)
            shares = {}
            for id_, user_id in zip(self._ids, spread.by_turn(len(self), users.ids), strict=True):
                # whoever gets the last one comes last, in the history too, which tells whose turn is next
                ids = shares.pop(user_id, [])
                ids.append(id_)
                shares[user_id] = ids
            return {users.browse(user_id): self.browse(ids) for user_id, ids in shares.items()}
        counts = self._kehu_capacity_counts(users) if mode == "capacity" else spread.evenly(len(self), users.ids)
        shares, start = {}, 0
        for user in users:
            if counts[user.id]:
                shares[user] = self[start : start + counts[user.id]]
                start += counts[user.id]
        return shares

    def _kehu_capacity_counts(self, users):
        """Return {user id: number}. Where no pool limits what a person holds, those who hold least come first."""
        pools = self.env["kehu.pool"]._kehu_limited("max_held")
        governing = {pool_id for _id, pool_id in self._kehu_limiting_pools()} if self else set()
        pools = pools.filtered(lambda pool: pool.id in governing)
        free = {}
        if pools:
            for pool in pools:
                held = pool._kehu_held(users)
                for user in users:
                    room = pool.max_held - held.get(user.id, 0)
                    free[user.id] = min(room, free.get(user.id, room))
        else:
            held = self._kehu_held_in_all(users)
            most = max(held.values(), default=0) + len(self)
            free = {user.id: most - held.get(user.id, 0) for user in users}
        try:
            return spread.by_capacity(len(self), free)
        except ValueError:
            room = sum(max(number, 0) for number in free.values())
            raise KehuOwnershipLimitError(
                self.env._(
                    "These people together have room for %(room)s customers, but %(count)s were chosen. "
                    "Choose fewer customers or more people.",
                    room=room,
                    count=len(self),
                )
            )

    @api.model
    def _kehu_held_in_all(self, users):
        """Return {user id: number of customers held}, counted from all pools together."""
        # sudo: res.partner - the number of customers of each, nothing else
        groups = self.sudo()._read_group([("kehu_is_customer", "=", True), ("user_id", "in", users.ids)], ["user_id"], ["__count"])
        return {user.id: count for user, count in groups}

    @api.model
    def _kehu_turn(self, users):
        """Return these people in the order of their turn: whom an assignment reached least recently comes first."""
        self.env["kehu.assignment"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT given.id FROM unnest(%s) WITH ORDINALITY AS given(id, place)
                 ORDER BY (SELECT max(row.id) FROM kehu_assignment row WHERE row.user_id = given.id AND row.kind = 'assign') NULLS FIRST,
                          given.place""",
                users.ids,
            )
        )
        return users.browse(row[0] for row in rows)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Offer sharing out to those who assign at all, as with the assignment to one."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not self._kehu_user_assigns():
            for button in arch.xpath("//header/button[@name='action_kehu_spread']"):
                button.getparent().remove(button)
        return arch, view

    def action_kehu_spread(self):
        """Open the dialog that assigns these customers to several people."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign to Several People"),
            "res_model": "kehu.pool.spread",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.ids},
        }
