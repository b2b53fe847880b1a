"""On a phone the tabs of the card show cards, which need a view each."""

from lxml import etree
from odoo.tests import tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerPhone(KehuCommon):
    def test_every_tab_has_cards(self):
        arch = etree.fromstring(self.env["res.partner"].get_view(self.env.ref("kehu_crm.res_partner_view_form_kehu").id, "form")["arch"])
        tabs = arch.xpath("//widget[@name='kehu_tab_list']")
        self.assertGreater(len(tabs), 9)
        self.assertFalse([tab.get("model") for tab in tabs if not tab.get("cards")])
        for tab in tabs:
            for name, kind in (("list", "list"), ("cards", "kanban")):
                if tab.get(name):
                    with self.subTest(model=tab.get("model"), view=name):
                        view = self.env["ir.ui.view"].browse(int(tab.get(name)))
                        self.assertEqual((view.model, view.type), (tab.get("model"), kind))

    def test_folders_open_as_cards(self):
        for name in ("kehu_folder_action", "kehu_folder_partner_action", "kehu_product_interest_action"):
            with self.subTest(action=name):
                action = self.env["ir.actions.act_window"]._for_xml_id(f"kehu_crm.{name}")
                self.assertIn("kanban", [kind for _view, kind in action["views"]])
