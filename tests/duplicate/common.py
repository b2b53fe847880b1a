from ..common import KehuCommon


class DuplicateCommon(KehuCommon):
    """No rule but those that the test makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kehu.duplicate.rule"].search([]).active = False
        cls.env.company.kehu_lookup_max_typed = 0  # see tests/lookup/test_lookup_typed.py

    @classmethod
    def _create_rule(cls, field_name="name", match="normalised", **values):
        return cls.env["kehu.duplicate.rule"].create({"field_name": field_name, "match": match, **values})

    def _find(self, user=None, record=None, **values):
        """The candidates that this person is told of, the best first."""
        partners = (record or self.env["res.partner"]).with_user(user or self.user_director)
        return partners.kehu_find_duplicates(values)
