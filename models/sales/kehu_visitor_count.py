from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

HOUR = 3600


class KehuVisitorCount(models.Model):
    """How often something came from outside within one hour. What it was is kept as a fingerprint only, and removed a day later."""

    _name = "kehu.visitor.count"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Count of Messages From Outside"
    _log_access = False
    _rec_name = "key"
    _kehu_engine = "visitor_count"

    key = fields.Char(required=True)
    hour = fields.Integer(required=True, aggregator=None, help="Hours since 1970.")
    stamp = fields.Datetime(required=True, index=True)
    count = fields.Integer(required=True)

    _key_uniq = models.UniqueIndex("(key, hour)", "This was counted already.")

    @api.model
    def _kehu_count_visit(self, *what):
        """Count something once more. Of two who come at the same moment the second waits, and is tried again by the host.

        :param what: strings that say what is counted; only a fingerprint of them is kept
        :return: how often it came in this hour, this time included
        :rtype: int
        """
        now = fields.Datetime.now()
        # sudo: ir.config_parameter - the secret of the database, so that nobody finds out an address by trying all
        key = hmac(self.env(su=True), "kehu-visitor-count", repr(what))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kehu_visitor_count AS counted (key, hour, stamp, count) VALUES (%(key)s, %(hour)s, %(now)s, 1)
                ON CONFLICT (key, hour) DO UPDATE SET count = counted.count + 1, stamp = EXCLUDED.stamp
                RETURNING count
                """,
                key=key,
                hour=int(now.timestamp() // HOUR),
                now=now,
            ),
            log_exceptions=False,  # that two meet here is no fault
        )
        return self.env.cr.fetchone()[0]

    @api.autovacuum
    def _gc_visits(self):
        self.env.execute_query(
            SQL("DELETE FROM kehu_visitor_count WHERE stamp < %s RETURNING id", fields.Datetime.now() - timedelta(days=1))
        )
