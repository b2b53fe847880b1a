"""The public search tells nothing else: by no input, no context, no error, no log, no other user's eyes."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...models.lookup.exceptions import KehuLookupRightsError, KehuLookupTermError
from ...models.system.exceptions import KehuEngineOnlyError
from ..common import ROLES
from .common import EMAIL, PHONE, LookupCommon

SECRETS = (PHONE, "13805129876", EMAIL, "wang.purchasing", "A secret of the west", "91320594MA1MTK4E9X")


@tagged("post_install", "-at_install")
class TestLookupLeaks(LookupCommon):
    def assertNoSecret(self, value):
        text = json.dumps(value, default=str, ensure_ascii=False)
        for secret in (*SECRETS, str(self.owned.id)):
            self.assertNotIn(secret, text)

    def test_only_the_policy_shows(self):
        for criteria in ("华强检索", PHONE, EMAIL, {"name": "华强检索"}, "91320594MA1MTK4E9X"):
            with self.subTest(criteria=criteria):
                rows = self._search(criteria)
                self.assertEqual(len(rows), 1)
                self.assertNoSecret(rows)

    def test_masked_reach_cannot_be_recovered_piece_by_piece(self):
        """No part of a phone or an address finds anybody: beginnings, ends, middles, with or without wildcards."""
        phone, address = "13805129876", EMAIL
        pieces = {phone[:end] for end in range(1, 11)} | {phone[start:] for start in range(1, 11)} | {"0512987", "5129"}
        pieces |= {f"{piece}%" for piece in list(pieces)[:5]} | {"138____9876", "138****9876", "%9876", "138%9876", "1380512987_"}
        pieces |= {address[:end] for end in range(3, len(address), 4)} | {address[start:] for start in range(1, len(address), 4)}
        pieces |= {f"{name}@huaqiang-lookup.example" for name in ("w%", "%", "w_ng.purchasing", "w***", "wang.purchasin_")}
        for piece in sorted(pieces):
            for criteria in (piece, {"phone": piece}, {"email": piece}, {"name": piece}, {"name": "华强检索", "phone": piece}):
                with self.subTest(criteria=criteria):
                    try:
                        self.assertFalse(self._search(criteria))
                    except KehuLookupTermError as error:
                        self.assertNoSecret(str(error))

    def test_hostile_terms_find_nobody_and_break_nothing(self):
        both = {self.owned.name, self.waiting.name}
        quotes = ("华强检索%'; DROP TABLE res_partner; --", "检索' OR '1'='1", "[['id','>',0]]", "<script>检索</script>")
        wildcards = ("%%%", "___", "华%检索", "华_检索", ".*检索.*", "(?i)检索", "华强检索\\", "\\%检索")
        for term in (*quotes, *wildcards, "检索\x00", "\ud800检索", "𠮷" * 150, "1" * 200):
            with self.subTest(term=term):
                try:
                    rows = self._search(term)
                except KehuLookupTermError as error:
                    self.assertNoSecret(str(error))
                else:
                    self.assertNoSecret(rows)
                    self.assertLessEqual({row["name"] for row in rows}, both)
        self.assertFalse(self._search("华%检索") + self._search("华_检索") + self._search("苏州%有限公司"))

    def test_wrong_types_and_injected_domains(self):
        hostile = (
            *(None, False, True, 7, 1.5, b"bytes", [], ["华强检索"], [("user_id", "!=", False)], ("华强检索",), {}),
            *({"term": value} for value in (7, True, 0, ["华强检索"], {"$ne": ""}, "检" * 10_000)),
            *(
                {"name": "华强检索", key: "comment"}
                for key in ("fields", "order", "domain", "limit", "context", "vat", "comment", "user_id")
            ),
            *({"domain": [("id", ">", 0)]}, {7: "华强检索"}, {"name.ilike": "x"}, "x" * 201, "检" * 10_000, {"email": "a" * 10_000}),
        )
        for criteria in hostile:
            with self.subTest(criteria=str(criteria)[:60]), self.assertRaises(KehuLookupTermError) as raised:
                self._search(criteria)
            self.assertNoSecret(str(raised.exception))

    def test_no_context_opens_more(self):
        for context in (
            {"active_test": False},
            {"bin_size": True, "prefetch_fields": True, "show_email": True, "show_address": True},
            {"kehu_engine_lookup": True, "kehu_engine_ownership": True},
            {"company_id": 1, "lang": "zh_CN", "default_kehu_lookup_phone": "clear", "su": True},
        ):
            partners = self.env["res.partner"].with_user(self.user_seller).with_context(**context)
            with self.subTest(context=context):
                self.assertNoSecret(partners.kehu_public_search("华强检索"))

    def test_the_record_stays_closed(self):
        """Being found opens nothing."""
        self._search("华强检索")
        customer = self.owned.with_user(self.user_seller)
        customer.invalidate_recordset()
        for call in (
            lambda: customer.read(["name"]),
            lambda: customer.write({"comment": "x"}),
            lambda: customer.export_data(["name", "phone"]),
            customer.kehu_claim,
            lambda: customer.message_post(body=self.owned.name),
        ):
            with self.assertRaises(UserError):  # an AccessError is one
                call()
        partners = self.env["res.partner"].with_user(self.user_seller)
        self.assertFalse(partners.search([("id", "=", self.owned.id)]))
        self.assertFalse(partners.search([("phone", "=", PHONE)]))
        self.assertFalse(partners.name_search("华强检索"))
        self.assertFalse(partners.formatted_read_group([("name", "ilike", "华强检索")], ["city"], ["__count"]))

    def test_nothing_is_left_behind(self):
        """Neither chatter nor follower, activity or record of a dialog; the log alone, and in it nothing of the customer."""
        models = ("mail.message", "mail.followers", "mail.activity", "kehu.assignment", "kehu.duplicate.check.result", "ir.attachment")
        counts = {model: self.env[model].search_count([]) for model in models}
        before = self.owned.write_date, self.owned.message_ids
        self._search("华强检索")
        self.env.flush_all()
        self.assertEqual((self.owned.write_date, self.owned.message_ids), before)
        for model, count in counts.items():
            self.assertEqual(self.env[model].search_count([]), count, model)
        log = self.env["kehu.lookup.log"].search([], limit=1)
        self.assertEqual((log.user_id, log.criteria), (self.user_seller, "华强检索"))
        self.assertNoSecret(log.read()[0] | {"id": 0})

    def test_log_is_read_by_the_director_and_written_by_nobody(self):
        self._search("华强检索")
        log = self.env["kehu.lookup.log"].search([], limit=1)
        for role in ROLES:
            mine = log.with_user(getattr(self, f"user_{role}"))
            reads = role in ("director", "crm_admin")
            with self.subTest(role=role):
                if reads:
                    self.assertEqual(mine.search([("id", "=", log.id)]), mine)
                    self.assertEqual(mine.criteria, "华强检索")
                else:
                    for call in (
                        lambda mine=mine: mine.read(["criteria"]),
                        lambda mine=mine: mine.search([]),
                        lambda mine=mine: mine.export_data(["criteria"]),
                        lambda mine=mine: mine.name_search("华强"),
                        lambda mine=mine: mine.formatted_read_group([], ["user_id"], ["__count"]),
                    ):
                        with self.assertRaises(UserError):  # an AccessError is one
                            call()
                for call in (
                    lambda mine=mine: mine.write({"criteria": "Nothing"}),
                    lambda mine=mine: mine.unlink(),
                    lambda mine=mine: mine.create({"criteria": "x", "kind": "name", "user_id": 1, "company_id": 1, "day": "2026-01-01"}),
                ):
                    with self.assertRaises(AccessError):
                        call()
        # code that runs as superuser by accident, a forged key
        for records in (log, log.with_context(kehu_engine_lookup=True)):
            with self.assertRaises(KehuEngineOnlyError):
                records.write({"criteria": "Nothing"})
            with self.assertRaises(KehuEngineOnlyError):
                records.unlink()

    def test_outsiders(self):
        portal = new_test_user(self.env, "kehu_lookup_portal", groups="base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            partners = self.env["res.partner"].with_user(user)
            with self.subTest(user=user.name):
                for criteria in ("华强检索", PHONE, "华", None):
                    with self.assertRaises(KehuLookupRightsError):
                        partners.kehu_public_search(criteria)
                self.assertEqual(partners.kehu_public_search_setup(), {"allowed": False})

    def test_refusals_tell_the_same_of_what_is_and_what_is_not(self):
        """Whether a customer exists is told by the list alone, never by a refusal."""

        def refusal(criteria, user=self.user_seller):
            with self.assertRaises(UserError) as raised:
                self._search(criteria, user)
            return str(raised.exception)

        self.assertEqual(refusal("华"), refusal("龘"))
        self.assertEqual(refusal("@huaqiang-lookup.example"), refusal("@nowhere.example"))
        self.assertEqual(refusal("华强检索", self.user_employee), refusal("没有这家", self.user_employee))

    def test_companies(self):
        """Customers of other companies are found by nobody, shared ones by all; the policy is that of the active company."""
        other = self.env["res.company"].create({"name": "Other Company"})
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "kehu_lookup_stranger",
                "company_id": other.id,
                "company_ids": [(6, 0, other.ids)],
                "group_ids": [(6, 0, self.env.ref("kehu_crm.group_kehu_user").ids)],
            }
        )
        self.assertEqual(len(self._search("华强检索", stranger)), 1)  # shared: of no company
        self.owned.company_id = self.company
        self.assertFalse(self._search("华强检索", stranger))
        self.assertFalse(self._search(PHONE, stranger))
        self.assertTrue(self._search("华强检索"))
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(stranger).with_context(allowed_company_ids=self.company.ids).kehu_public_search("华强检索")
        # who works for both sees those of the active one
        self.user_seller.company_ids |= other
        self.assertFalse(self._with_companies(other | self.company))
        self.assertTrue(self._with_companies(self.company | other))
        # a contact of another company does not give away the customer
        self.owned.company_id = False
        foreign = self._create_contact(self.owned, name="Foreign Buyer", phone="13922223333", company_id=other.id)
        self.assertFalse(self._search("13922223333"))
        self.assertTrue(self._search("13922223333", stranger))
        self.assertEqual(foreign.company_id, other)
        log = self.env["kehu.lookup.log"].search([("user_id", "=", stranger.id)], limit=1)
        self.assertEqual(log.company_id, other)
        self.assertFalse(self.env["kehu.lookup.log"].with_user(self.user_director).search([("user_id", "=", stranger.id)]))

    def _with_companies(self, companies):
        partners = self.env["res.partner"].with_user(self.user_seller).with_context(allowed_company_ids=companies.ids)
        return partners.kehu_public_search("华强检索")
