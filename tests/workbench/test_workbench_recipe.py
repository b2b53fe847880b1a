"""Another add-on adds a panel: as docs/workbench.md says, one Python class here, one JS component in the browser."""

from unittest.mock import patch

from odoo import api, models
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WorkbenchCommon


class StrangerWorkbench(models.AbstractModel):
    """What the recipe has another add-on write."""

    _inherit = "kehu.workbench"
    _module = None  # not one of the add-on's models

    @api.model
    def _kehu_panels(self):
        return {
            **super()._kehu_panels(),
            "stranger_tags": {
                "title": self.env._("Tags"),
                "groups": ("kehu_crm.group_kehu_manager",),
                "size": 2,
                "load": self._stranger_panel_tags,
            },
        }

    @api.model
    def _stranger_panel_tags(self, shared):
        tags = self.env["res.partner.category"].search([], order="id desc", limit=5)
        return {"count": len(tags), "rows": [{"id": tag.id, "name": tag.name} for tag in tags]}


@tagged("post_install", "-at_install")
class TestWorkbenchRecipe(WorkbenchCommon):
    @classmethod
    def setUpClass(cls):
        from odoo.orm.model_classes import add_to_registry  # the host has no public name for it

        super().setUpClass()
        model = cls.registry["kehu.workbench"]
        cls.addClassCleanup(cls._forget, model, model._base_classes__)
        add_to_registry(cls.registry, StrangerWorkbench)
        cls.registry._setup_models__(cls.env.cr, ["kehu.workbench"])

    @classmethod
    def _forget(cls, model, bases):
        model._base_classes__ = bases
        cls.registry._setup_models__(cls.env.cr, ["kehu.workbench"])

    def test_offered_shown_and_arranged(self):
        self.env["res.partner.category"].create({"name": "Fair"})
        manager = self._workbench(self.user_east_manager)
        [offered] = [panel for panel in manager.get_layout()["available"] if panel["name"] == "stranger_tags"]
        self.assertEqual(offered, {"name": "stranger_tags", "title": "Tags", "size": 2})
        self.assertIn({"name": "stranger_tags", "size": 2}, manager.get_layout()["panels"])
        self.assertEqual(manager.get_panels(["stranger_tags"])["stranger_tags"]["rows"][0]["name"], "Fair")
        saved = manager.save_layout([{"name": "stranger_tags", "size": 3}])["panels"]
        self.assertEqual(saved, [{"name": "stranger_tags", "size": 3}])

    def test_not_for_those_without_the_role(self):
        seller = self._workbench(self.user_seller)
        self.assertNotIn("stranger_tags", [panel["name"] for panel in seller.get_layout()["available"]])
        self.assertIn("error", seller.get_panels(["stranger_tags"])["stranger_tags"])

    def test_it_fails_alone(self):
        def fail(model, shared):
            raise KeyError("stranger")

        with (
            patch.object(self.registry["kehu.workbench"], "_stranger_panel_tags", fail),
            mute_logger("odoo.addons.kehu_crm.models.workbench.kehu_workbench"),
        ):
            found = self._workbench(self.user_east_manager).get_panels(["stranger_tags", "contacts"])
        self.assertIn("could not be loaded", found["stranger_tags"]["error"])
        self.assertIn("rows", found["contacts"])
