"""On whose terms somebody had a customer: whoever gets it again goes on under the same rules, from the same day."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner_clock import FALL_FIELDS


class Terms(NamedTuple):
    """What held when a person last gave a customer out of their hands, and what has happened since."""

    pool_id: int  # pool whose rules held; None where none did, or where it does not take the customer any more
    since: object  # moment from which the days were counted
    pooled: bool  # it has been in a pool since


class ResPartner(models.Model):
    """Returning a customer and taking it again, or getting it from the colleague who took it, gains no days and no milder pool.

    What a manager decides ends that: who brings a customer back, moves it or assigns it means a new beginning.
    """

    _inherit = "res.partner"

    def _kehu_present_terms(self):
        """Return what the history keeps of the present owner's terms.

        :return: {id: values of a row of the history}, customers without an owner left out
        """
        if not self.ids or not self.user_id:
            return {}
        pools = self.env["kehu.pool"]
        policies, _zones = pools._kehu_policies()
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id, %s, %s FROM res_partner p WHERE p.id IN %s AND %s IS NOT NULL",
                pools._kehu_sql_governing("p", policies),
                pools._kehu_sql_column("p", "kehu_assigned_on"),
                tuple(self.ids),
                pools._kehu_sql_column("p", "user_id"),
            )
        )
        return {id_: {"terms_pool_id": pool_id, "old_assigned_on": since} for id_, pool_id, since in rows}

    @api.model
    def _kehu_takes_again(self, kind, user):
        """Tell whether such a change of hands can go on under earlier terms: what people do among themselves, not what managers give."""
        return kind in ("claim", "transfer") or (kind == "assign" and user == self.env.user and not self.env.su)

    def _kehu_earlier_terms(self, user):
        """Tell on whose terms this person had these customers, unless a manager or the rules have decided about them since.

        Rows of the history from before it kept the terms are understood too.

        :return: {id: Terms}
        """
        if not self.ids or not user:
            return {}
        history = self.env["kehu.assignment"]
        history.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT lost.partner_id, pool.id, COALESCE(lost.old_assigned_on, since.date), later.pooled
                     FROM (SELECT DISTINCT ON (partner_id) id, date, partner_id, terms_pool_id, old_assigned_on
                             FROM kehu_assignment
                            WHERE partner_id = ANY(%(ids)s) AND old_user_id = %(user)s AND user_id IS DISTINCT FROM old_user_id
                         ORDER BY partner_id, date DESC, id DESC) lost
                     JOIN res_partner p ON p.id = lost.partner_id
               CROSS JOIN LATERAL (
                          SELECT bool_or(step.user_id IS NULL) AS pooled,
                                 bool_or(step.kind = 'recycle'
                                         OR (step.kind = 'assign' AND step.author_id <> step.user_id)
                                         OR (step.kind = 'return' AND step.author_id IS DISTINCT FROM step.old_user_id)) AS decided
                            FROM kehu_assignment step
                           WHERE step.partner_id = lost.partner_id AND (step.date, step.id) >= (lost.date, lost.id)) later
               CROSS JOIN LATERAL (
                          SELECT min(had.date) AS date FROM kehu_assignment had
                           WHERE had.partner_id = lost.partner_id AND had.user_id = %(user)s AND (had.date, had.id) < (lost.date, lost.id)
                             AND NOT EXISTS (SELECT FROM kehu_assignment away
                                              WHERE away.partner_id = had.partner_id AND away.user_id IS NULL
                                                AND (away.date, away.id) > (had.date, had.id)
                                                AND (away.date, away.id) < (lost.date, lost.id))) since
                LEFT JOIN LATERAL (
                          SELECT got.pool_id FROM kehu_assignment got
                           WHERE got.partner_id = lost.partner_id AND got.kind IN ('claim', 'assign')
                             AND (got.date, got.id) < (lost.date, lost.id)
                        ORDER BY got.date DESC, got.id DESC LIMIT 1) origin ON lost.terms_pool_id IS NULL
                LEFT JOIN kehu_pool pool ON pool.id = COALESCE(lost.terms_pool_id, origin.pool_id) AND pool.active
                      AND (pool.company_id IS NULL OR p.company_id IS NULL OR pool.company_id = p.company_id)
                    WHERE later.decided IS NOT TRUE""",
                ids=list(self.ids),
                user=user.id,
            )
        )
        return {row[0]: Terms(*row[1:]) for row in rows}

    @api.model
    def _kehu_resume_terms(self, kind, user, ids):
        """Let the rules and the days of customers who come back to a person go on as if this person had kept them.

        After a stay in a pool that is so until the day on which they would have come back anyway; from then on the days begin anew, as
        they do for one that the rules brought back and the former owner may take again.

        :param res.users user: who has just got the customers, which the history knows already; may be empty
        :param list ids: of the customers
        """
        if not user or not self._kehu_takes_again(kind, user):
            return
        terms = self.browse(ids)._kehu_earlier_terms(user)
        if not terms:
            return
        self.env["res.partner"].flush_model(["kehu_assigned_on", "kehu_home_pool_id"])
        rows = self.env.execute_query(
            SQL(
                """UPDATE res_partner p
                      SET kehu_assigned_on = LEAST(p.kehu_assigned_on, own.since),
                          kehu_home_pool_id = COALESCE(own.pool, p.kehu_home_pool_id)
                     FROM unnest(%s, %s::timestamp[], %s::int[]) AS own(id, since, pool)
                    WHERE p.id = own.id AND (p.kehu_assigned_on > own.since OR p.kehu_home_pool_id IS DISTINCT FROM own.pool)
                RETURNING p.id""",
                list(terms),
                [term.since for term in terms.values()],
                [term.pool_id for term in terms.values()],
            )
        )
        partners = self.browse(row[0] for row in rows)
        partners.invalidate_recordset(["kehu_assigned_on", "kehu_home_pool_id", *FALL_FIELDS], flush=False)
        self._kehu_begin_anew([id_ for id_ in partners.ids if terms[id_].pooled])

    @api.model
    def _kehu_begin_anew(self, ids):
        """Give those of these customers all their days that would have come back to the pool by now."""
        pools = self.env["kehu.pool"]
        policies, zones = pools._kehu_policies()
        due = ids and pools._kehu_sql_due("p", policies, zones)
        if not due:
            return
        rows = self.env.execute_query(
            SQL(
                "UPDATE res_partner p SET kehu_assigned_on = %s WHERE p.id = ANY(%s) AND %s <= %s RETURNING p.id",
                fields.Datetime.now(),
                list(ids),
                due,
                pools._kehu_sql_today("p", zones),
            )
        )
        self.browse(row[0] for row in rows).invalidate_recordset(["kehu_assigned_on", *FALL_FIELDS], flush=False)
