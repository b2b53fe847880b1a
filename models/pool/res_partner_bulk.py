from odoo import api, fields, models
from odoo.tools import SQL, split_every

from .res_partner_clock import FALL_FIELDS

MANY = 100  # from so many customers on, all of them change hands in a few queries
CHUNK = 10_000  # customers handed to the rooms that follow at a time
MOVED = ("user_id", "kehu_pool_id", "kehu_home_pool_id", "kehu_assigned_on", "kehu_department_id", "write_uid", "write_date")
# stored fields that this file writes itself; others that depend on the owner are left to the ORM
WRITTEN = {"kehu_department_id"}


class ResPartner(models.Model):
    """Many customers at once: the same checks, the same history, and as many queries for fifty thousand as for a hundred.

    What a few customers get and many do not is a line in the chatter of each; the ownership history says it all.
    """

    _inherit = "res.partner"

    def _kehu_ownership_refusals(self, kind, user, pool=None):
        """Ask one of each sort: customers alike in all that the rules look at are refused alike."""
        if len(self) < MANY:
            return super()._kehu_ownership_refusals(kind, user, pool)
        self._kehu_flush_owners()
        sorts = self.env.execute_query(
            SQL(
                """SELECT min(id), array_agg(id) FROM res_partner WHERE id IN %s
                 GROUP BY kehu_is_customer, active, user_id, kehu_pool_id, company_id, kehu_locked""",
                tuple(self.ids),
            )
        )
        by_first = dict(sorts)
        refused = super(ResPartner, self.browse(by_first))._kehu_ownership_refusals(kind, user, pool)
        doubtful = {id_ for customer in refused for id_ in by_first[customer.id]}
        found = {id_ for ids in by_first.values() for id_ in ids}
        if not self.env.su:
            everything = self.with_context(active_test=False)
            found &= set(everything.browse(everything._search([("id", "in", self.ids)]))._ids)
        doubtful.update(id_ for id_ in self._ids if id_ not in found)
        if not doubtful:
            return {}
        return super(ResPartner, self.browse(id_ for id_ in self._ids if id_ in doubtful))._kehu_ownership_refusals(kind, user, pool)

    def _kehu_write_owner(self, kind, user, pool, reason, with_documents=False):
        if kind == "create" or len(self) < MANY:
            return super()._kehu_write_owner(kind, user, pool, reason, with_documents=with_documents)
        self._kehu_flush_owners()
        words = dict(self.env["kehu.assignment"]._fields["kind"]._description_selection(self.env))[kind]
        self.env["kehu.operation.log"]._kehu_note_many("assign", self, words)
        now = fields.Datetime.now()
        if user or pool:
            groups = [(pool.id if pool else None, self.ids)]
        else:
            rows = self.env.execute_query(
                SQL("SELECT company_id, array_agg(id) FROM res_partner WHERE id IN %s GROUP BY company_id", tuple(self.ids))
            )
            pools, companies = self.env["kehu.pool"], self.env["res.company"]
            groups = [(pools._kehu_get_default(companies.browse(company_id or [])).id, ids) for company_id, ids in rows]
        # sudo: res.users, hr.department - the department of the new owner
        department_id = user.sudo().kehu_home_department_id.id or None
        changes = []
        for pool_id, ids in groups:
            changes += self._kehu_move_rows(kind, ids, user.id or None, pool_id, department_id, reason, now)
        self._kehu_resume_terms(kind, user, self.ids)
        self._kehu_followers_move(changes, user)
        partners = self.env["res.partner"]
        partners.invalidate_model([*MOVED, *FALL_FIELDS, "kehu_assignment_ids", "message_follower_ids", "message_partner_ids"])
        self.env["kehu.assignment"].invalidate_model()
        partners._kehu_recompute_strangers([id_ for id_, _old in changes])
        if user:
            received = self.browse(id_ for id_, old_id in changes if old_id != user.id).sudo()  # sudo: res.partner - names for the message
            received._kehu_follow_owner(dict.fromkeys(received, self.env["res.users"]), user)
        users = self.env["res.users"]
        for chunk in split_every(CHUNK, [change for change in changes if change[1] != (user.id or None)]):
            moved = {self.browse(id_): (users.browse(old_id or []), user) for id_, old_id in chunk}
            self._kehu_owner_changed(moved, with_documents=with_documents)
        return None

    def _kehu_flush_owners(self):
        self.env["res.partner"].flush_model(
            ["kehu_is_customer", "kehu_customer_id", "active", "company_id", "kehu_locked", "kehu_level_id", *MOVED]
        )

    @api.model
    def _kehu_move_rows(self, kind, ids, user_id, pool_id, department_id, reason, now):
        """Write one row of history for each of these customers, and give them and their contacts the new owner or pool.

        :return: list of (id, former owner or None)
        """
        names = {
            "kind": kind,
            "ids": list(ids),
            "user": user_id,
            "pool": pool_id,
            "department": department_id,
            "reason": reason or None,
            "now": now,
            "author": self.env.uid,
            "terms": self.env["kehu.pool"]._kehu_sql_governing("p", self.env["kehu.pool"]._kehu_policies()[0]),
        }
        changes = self.env.execute_query(
            SQL(
                """INSERT INTO kehu_assignment (partner_id, kind, old_user_id, user_id, pool_id, date, reason, author_id, company_id,
                                                terms_pool_id, old_assigned_on, create_uid, create_date, write_uid, write_date)
                   SELECT p.id, %(kind)s, p.user_id, %(user)s, COALESCE(%(pool)s, p.kehu_pool_id), %(now)s, %(reason)s, %(author)s,
                          p.company_id, CASE WHEN p.user_id IS NOT NULL THEN %(terms)s END,
                          CASE WHEN p.user_id IS NOT NULL THEN p.kehu_assigned_on END, %(author)s, %(now)s, %(author)s, %(now)s
                     FROM res_partner p WHERE p.id = ANY(%(ids)s)
                RETURNING partner_id, old_user_id""",
                **names,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE res_partner
                      SET user_id = %(user)s, kehu_pool_id = %(pool)s, kehu_department_id = %(department)s,
                          kehu_assigned_on = CASE WHEN kehu_is_customer IS TRUE THEN %(assigned)s::timestamp ELSE kehu_assigned_on END,
                          kehu_home_pool_id = CASE WHEN kehu_is_customer IS TRUE AND %(user)s IS NOT NULL
                                                   THEN COALESCE(kehu_pool_id, kehu_home_pool_id) ELSE kehu_home_pool_id END,
                          write_uid = %(author)s, write_date = %(now)s
                    WHERE kehu_customer_id = ANY(%(ids)s)""",
                assigned=now if user_id else None,
                **names,
            )
        )
        return changes

    @api.model
    def _kehu_followers_move(self, changes, user):
        """Former owners stop following what they cannot see any more, and the new owner follows the customers, as with a few of them.

        :param list changes: (customer id, former owner's id or None)
        :param res.users user: the new owner, may be empty
        """
        lost = [(id_, old_id) for id_, old_id in changes if old_id and old_id != user.id]
        if lost:
            self.env["mail.followers"].flush_model()
            self.env.cr.execute(
                SQL(
                    """DELETE FROM mail_followers follower
                        USING unnest(%s, %s) AS lost(customer_id, user_id), res_users owner, res_partner p
                        WHERE owner.id = lost.user_id AND p.kehu_customer_id = lost.customer_id
                          AND follower.res_model = 'res.partner' AND follower.res_id = p.id AND follower.partner_id = owner.partner_id""",
                    [id_ for id_, _old in lost],
                    [old_id for _id, old_id in lost],
                )
            )
            self.env["mail.followers"].invalidate_model()
        if user:
            self._kehu_followers_add({id_: user for id_, _old in changes})

    @api.model
    def _kehu_followers_add(self, owners):
        """New owners follow their customers; one statement, however many owners.

        :param dict owners: {id of the customer: user}
        """
        # sudo: res.users - their rules would have all that waits written first
        owners = {id_: user.sudo().partner_id.id for id_, user in owners.items() if user.sudo().active}
        if not owners or self.env.context.get("tracking_disable"):
            return
        subtypes, _internal, _external = self.env["mail.message.subtype"].default_subtypes("res.partner")
        self.env.cr.execute(
            SQL(
                """WITH added AS (
                       INSERT INTO mail_followers (res_model, res_id, partner_id)
                       SELECT 'res.partner', id, partner_id FROM unnest(%(ids)s, %(partners)s) AS customer(id, partner_id)
                  ON CONFLICT DO NOTHING RETURNING id)
                   INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
                   SELECT added.id, subtype.id FROM added CROSS JOIN unnest(%(subtypes)s) AS subtype(id)""",
                ids=list(owners),
                partners=list(owners.values()),
                subtypes=subtypes.ids,
            )
        )

    @api.model
    def _kehu_recompute_strangers(self, ids):
        """Leave stored fields of other add-ons that depend on the owner to the ORM; none does in the host."""
        registry = self.env.registry
        watched = [self._fields[name] for name in ("user_id", "kehu_pool_id", "kehu_assigned_on", "kehu_home_pool_id")]
        strangers = {
            field
            for watched_field in watched
            for field in registry.get_dependent_fields(watched_field)
            if field.store and field.name not in WRITTEN
        }
        if strangers:
            moved = self.browse(ids)
            moved.modified(["user_id", "kehu_pool_id"])
            for name in WRITTEN:  # the statement has set these
                self.env.remove_to_compute(self._fields[name], moved)
