from ..common import KehuCommon


class CallCommon(KehuCommon):
    """The company of the tests, with phone numbers of Shanghai, and helpers to make and work off call lists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.cn")
        cls.calls = cls.env["kehu.phone.call"].with_user(cls.user_seller)
        cls.lines = cls.env["kehu.call.line"]

    @classmethod
    def _create_customers(cls, count, owner=None, start=0, **values):
        """Customers named C0, C1 … with a number each."""
        return cls.env["res.partner"].create(
            [
                {
                    "name": f"C{start + number}",
                    "is_company": True,
                    "kehu_is_customer": True,
                    "user_id": owner and owner.id,
                    "phone": f"021 5888 {1000 + start + number}",
                    **values,
                }
                for number in range(count)
            ]
        )

    def _create_list(self, customers, callers, author=None, start=True, **values):
        """A call list of these customers, filled and running."""
        lists = self.env["kehu.call.list"].with_user(author or self.user_director)
        call_list = lists.create(
            {
                "name": "Autumn Fair",
                "script": "<p>Good morning</p>",
                "domain": repr([("id", "in", customers.ids)]),
                "caller_ids": callers.ids,
                **values,
            }
        )
        call_list.action_build()
        if start:
            call_list.action_start()
        return call_list

    def _lines(self, call_list):
        return self.lines.search([("list_id", "=", call_list.id)])

    def _take(self, user, call_list=None):
        """What the next customer of this caller is, as the caller."""
        lines = self.lines.with_user(user)
        return lines.browse(lines.kehu_take_next(call_list.id if call_list else False)["line_id"])

    def _log(self, line, outcome="reached", user=None, **values):
        """A call of the caller of that line."""
        calls = self.env["kehu.phone.call"].with_user(user or line.sudo().user_id)
        return calls.create({"line_id": line.id, "outcome": outcome, **values})
