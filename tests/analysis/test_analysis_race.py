"""Two people confirm at the same instant, while the job adds up: on real database connections."""

from contextlib import closing
from datetime import date, datetime

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

YEAR = date(2041, 1, 1), date(2041, 12, 31)


@tagged("post_install", "-at_install")
class TestAnalysisRace(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.partners = env["res.partner"].create([{"name": "Race One"}, {"name": "Race Two"}]).ids
            self.product = env["product.product"].create({"name": "Race Pump", "type": "consu", "taxes_id": [Command.clear()]}).id
            lines = [Command.create({"product_id": self.product, "product_uom_qty": 1, "price_unit": 100})]
            self.orders = env["sale.order"].create([{"partner_id": partner, "order_line": lines} for partner in self.partners]).ids
        self.addCleanup(self._clean)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def _clean(self):
        with self.registry.cursor() as cr:
            for query in (
                "DELETE FROM mail_activity WHERE res_model = 'sale.order' AND res_id = ANY(%s)",
                "DELETE FROM mail_followers WHERE res_model = 'sale.order' AND res_id = ANY(%s)",
                "DELETE FROM mail_message WHERE model = 'sale.order' AND res_id = ANY(%s)",
                "DELETE FROM sale_order WHERE id = ANY(%s)",
            ):
                cr.execute(query, (self.orders,))
            env = self._env(cr)
            env["product.product"].browse(self.product).product_tmpl_id.unlink()
            env["res.partner"].browse(self.partners).unlink()
            env["kehu.sales.summary"]._kehu_fold()

    def _confirm(self, cr, number):
        order = self._env(cr)["sale.order"].browse(self.orders[number])
        order.write({"state": "sale", "date_order": datetime(2041, 5, 5)})
        order.env.flush_all()

    def _sold(self, cr):
        figures = self._env(cr)["kehu.sales.summary"]._kehu_figures(*YEAR, {}, ())
        return figures.get((), {}).get("untaxed", 0)

    def _sold_now(self):
        with self.registry.cursor() as cr:
            return self._sold(cr)

    def test_two_confirm_at_once(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertEqual((self._sold(first), self._sold(second)), (0, 0))
            self._confirm(first, 0)
            self._confirm(second, 1)
            self.assertEqual((self._sold(first), self._sold(second), self._sold_now()), (100, 100, 0))
            first.commit()
            second.commit()
        self.assertEqual(self._sold_now(), 200)
        with self.registry.cursor() as cr:
            self._env(cr)["kehu.sales.summary"]._kehu_fold()
        self.assertEqual(self._sold_now(), 200)

    def test_confirmed_while_the_job_works(self):
        """What the job could not see stays noted, and counts."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as job:
            self._confirm(first, 0)
            first.commit()
            self._env(job)["kehu.sales.summary"]._kehu_fold()
            self._confirm(first, 1)
            first.commit()
            self.assertEqual(self._sold_now(), 200)
            job.commit()
        self.assertEqual(self._sold_now(), 200)
        with self.registry.cursor() as cr:
            self.assertTrue(self._env(cr)["kehu.sales.summary"]._kehu_freshness()[1])

    def _assert_classes_are_right(self):
        with self.registry.cursor() as cr:
            summary = self._env(cr)["kehu.sales.summary"]
            for column in ("category_id", "state_id"):
                self.assertEqual(
                    summary._kehu_figures(*YEAR, {}, (column,)), summary._kehu_figures(*YEAR, {}, (column,), from_lines=True), column
                )

    def test_reclassified_while_another_confirms(self):
        """Who moves a product or a customer does not see the order that was confirmed, and added up, since they began."""
        with closing(self.registry.cursor()) as mover, closing(self.registry.cursor()) as seller:
            env = self._env(mover)
            category = env["product.category"].search([("id", "!=", env["product.product"].browse(self.product).categ_id.id)], limit=1)
            self.assertTrue(category)
            self._confirm(seller, 0)
            seller.commit()
            self._env(seller)["kehu.sales.summary"]._kehu_fold()
            seller.commit()
            mover.execute(
                "UPDATE product_template SET categ_id = %s WHERE id = (SELECT product_tmpl_id FROM product_product WHERE id = %s)",
                (category.id, self.product),
            )
            mover.commit()
            self._assert_classes_are_right()
            self._env(seller)["kehu.sales.summary"]._kehu_fold()
            seller.commit()
            self._assert_classes_are_right()
            state = env["res.country.state"].search([], limit=1)
            self._confirm(seller, 1)
            seller.execute("UPDATE sale_order SET kehu_customer_id = partner_id WHERE id = %s", (self.orders[1],))
            seller.commit()
            self._env(seller)["kehu.sales.summary"]._kehu_fold()
            seller.commit()
            mover.execute("UPDATE res_partner SET state_id = %s WHERE id = %s", (state.id, self.partners[1]))
            mover.commit()
        self._assert_classes_are_right()
        with self.registry.cursor() as cr:
            self._env(cr)["kehu.sales.summary"]._kehu_fold()
        self._assert_classes_are_right()

    @mute_logger("odoo.sql_db")
    def test_two_jobs(self):
        """While one works the other leaves it alone; one that looked before the other was done starts again."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._confirm(first, 0)
            first.commit()
            self.assertEqual(self._sold(second), 100)
            self._env(first)["kehu.sales.summary"]._kehu_fold()
            self.assertEqual(self._env(second)["kehu.sales.summary"]._kehu_fold(), (0, 0))
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._env(second)["kehu.sales.summary"]._kehu_fold()
            second.rollback()
        self.assertEqual(self._sold_now(), 100)
