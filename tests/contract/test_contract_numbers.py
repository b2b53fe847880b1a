"""Numbers of contracts without gaps: two people at the same moment, on two real database connections, and saves that are refused."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ...models.contract.exceptions import KehuContractError
from .common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractNumbers(ContractCommon):
    def _sequence(self):
        return self.env.company._kehu_contract_sequences()[self.env.company]

    def test_a_new_company_counts_without_gaps(self):
        company = self.env["res.company"].create({"name": "Numbers (test)"})
        self.assertEqual(company._kehu_contract_sequences()[company].implementation, "no_gap")

    def test_a_refused_contract_takes_no_number(self):
        page = self.env["kehu.settings"].with_user(self.user_crm_admin).create({})
        page.contract_no_gap = True
        first = self._create_contract()
        with self.assertRaises(KehuContractError), self.env.cr.savepoint():
            self._create_contract(date_from="2030-05-01", date_to="2030-04-30")
        self.env.invalidate_all()
        self.assertEqual(int(self._create_contract().name[-4:]), int(first.name[-4:]) + 1)

    def test_the_administrator_chooses_and_counting_goes_on(self):
        page = self.env["kehu.settings"].with_user(self.user_crm_admin).create({})
        for without_gaps in (True, False, True):
            before = int(self._create_contract().name[-4:])
            page.contract_no_gap = without_gaps
            self.assertEqual(self._sequence().implementation, "no_gap" if without_gaps else "standard")
            self.assertEqual(page.create({}).contract_no_gap, without_gaps)
            self.assertEqual(int(self._create_contract().name[-4:]), before + 1)


@tagged("post_install", "-at_install")
class TestContractNumbersRace(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = self._env(cr)
            sequence = env.company._kehu_contract_sequences()[env.company]
            self.sequence_id, self.implementation, self.next = sequence.id, sequence.implementation, sequence.number_next_actual
            sequence.write({"implementation": "no_gap", "number_next": self.next})
            self.partner_id = env["res.partner"].create({"name": "Race Ltd", "kehu_is_customer": True}).id
        self.addCleanup(self._clean)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM kehu_contract WHERE partner_id = %s RETURNING id", [self.partner_id])
            ids = tuple(row[0] for row in cr.fetchall()) or (0,)
            cr.execute("DELETE FROM mail_message WHERE model = 'kehu.contract' AND res_id IN %s", [ids])
            cr.execute("DELETE FROM mail_followers WHERE res_model = 'kehu.contract' AND res_id IN %s", [ids])
            env = self._env(cr)
            sequence = env["ir.sequence"].browse(self.sequence_id)
            sequence.write({"implementation": self.implementation, "number_next": self.next})
            env["res.partner"].browse(self.partner_id).unlink()

    def _save(self, cr, title):
        env = self._env(cr)
        person = env.ref("base.user_admin")
        contract = env["kehu.contract"].create({"title": title, "partner_id": self.partner_id, "user_id": person.id})
        cr.flush()
        return int(contract.name[-4:])

    @mute_logger("odoo.sql_db")
    def test_two_save_at_the_same_moment(self):
        """Who comes second is tried again by the host, and gets the next number; who gives up takes none."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._env(second)["kehu.contract"].search([], limit=1)  # looked before the first one saved
            number = self._save(first, "First")
            with self.assertRaises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                self._save(second, "Second")
            second.rollback()
            first.commit()
            self.assertEqual(self._save(second, "Second"), number + 1)
            second.rollback()  # refused after all
            self.assertEqual(self._save(first, "Third"), number + 1)
            first.commit()
