from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.system.exceptions import KehuEngineOnlyError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestSalesStages(KehuCommon):
    """The stage history of opportunities, whatever door a change comes by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.stage"].search([]).sequence = 1000  # those of the test come first, and between them is nothing
        cls.new, cls.talk, cls.offer, cls.won, cls.late = cls.env["crm.stage"].create(
            [
                {"name": "New (test)", "sequence": 1},
                {"name": "Talk (test)", "sequence": 2},
                {"name": "Offer (test)", "sequence": 3},
                {"name": "Won (test)", "sequence": 4, "is_won": True},
                {"name": "Late (test)", "sequence": 5},
            ]
        )
        cls.events = cls.env["kehu.stage.event"]

    def _lead(self, owner=None, **values):
        owner = owner or self.user_seller
        return (
            self.env["crm.lead"]
            .with_user(owner)
            .create({"name": "Pumps", "type": "opportunity", "user_id": owner.id, "stage_id": self.new.id, **values})
        )

    def _told(self, lead):
        """:return: what the log says of one opportunity, in the order in which it was written"""
        rows = self.events.search([("lead_id", "in", lead.ids)], order="id")
        return [(row.kind, row.stage_id, row.how) for row in rows]

    def test_forward_back_won(self):
        lead = self._lead()
        self.assertEqual(self._told(lead), [("entered", self.new, "begun")])
        lead.stage_id = self.offer
        self.assertEqual(
            self._told(lead)[1:],
            [("left", self.new, "forward"), ("skipped", self.talk, "forward"), ("entered", self.offer, "forward")],
        )
        lead.stage_id = self.new
        self.assertEqual(self._told(lead)[4:], [("left", self.offer, "back"), ("entered", self.new, "back")])
        last = self.events.search([("lead_id", "=", lead.id)], order="id desc", limit=2)
        self.assertEqual((last[0].is_first, last[0].other_stage_id, last[1].other_stage_id), (False, self.offer, self.new))
        lead.action_set_won()
        self.assertEqual(
            self._told(lead)[6:],
            [
                ("left", self.new, "forward"),
                ("skipped", self.talk, "forward"),
                ("skipped", self.offer, "forward"),
                ("entered", self.won, "forward"),
            ],
        )
        lead.stage_id = self.won  # nothing new
        self.assertEqual(len(self._told(lead)), 10)

    def test_moves_one_by_one_are_told_together(self):
        """A mass conversion writes one opportunity after the other: the log follows once, at the end."""
        follow = type(self.events)._kehu_follow
        with patch.object(type(self.events), "_kehu_follow", autospec=True, side_effect=follow) as followed:
            leads = self.env["crm.lead"].concat(*(self._lead() for _number in range(5)))
            gone = self._lead()
            for lead in leads[1:]:
                lead.user_id = self.user_seller2
            gone.sudo().unlink()
            self.assertFalse(followed.called)
            self.env.cr.flush()
            self.assertEqual(followed.call_count, 1)
            leads[1].stage_id = self.talk
            leads[1].with_user(self.user_director).stage_id = self.new  # two moves in one transaction, of two people
            self.env.cr.flush()
        self.assertEqual(self._told(leads[0]), [("entered", self.new, "begun")])
        rows = leads[1].kehu_stage_event_ids.sorted("id")
        self.assertEqual([row.kind for row in rows], ["entered", "left", "entered", "left", "entered"])
        authors = self.user_seller, self.env.user, self.env.user, self.user_director, self.user_director
        self.assertEqual(tuple(row.author_id for row in rows), authors)

    def test_lost_and_restored(self):
        lead = self._lead()
        lead.action_set_lost()
        self.assertEqual(self._told(lead)[1:], [("left", self.new, "lost")])
        lead.action_restore()
        self.assertEqual(self._told(lead)[2:], [("entered", self.new, "restored")])
        lead.action_archive()
        lead.probability = 7
        self.assertEqual(len(self._told(lead)), 3 if lead.won_status == "pending" else 4)

    def test_lead_becomes_opportunity(self):
        lead = self._lead(type="lead")
        self.assertEqual(self._told(lead), [])
        lead.convert_opportunity(self._create_customer(self.user_seller))
        self.assertEqual(self._told(lead), [("entered", lead.stage_id, "begun")])

    def test_by_the_team(self):
        """A team whose stages are others moves its opportunity by a computed field."""
        team, other = self.env["crm.team"].create([{"name": "North (test)"}, {"name": "South (test)"}])
        own = self.env["crm.stage"].create({"name": "North only (test)", "sequence": 0, "team_ids": team.ids})
        lead = self._lead(self.user_director, team_id=team.id, stage_id=own.id)
        lead.team_id = other
        self.assertEqual(self._told(lead)[1:], [("left", own, "forward"), ("entered", self.new, "forward")])
        # a stage of another team is not skipped
        mine = self._lead(self.user_director, team_id=other.id)
        self.talk.team_ids = team
        mine.stage_id = self.offer
        self.assertEqual([row for row in self._told(mine) if row[0] == "skipped"], [])

    def test_days(self):
        lead = self._lead()
        entered = self.events.search([("lead_id", "=", lead.id)])
        self.env.cr.execute("UPDATE kehu_stage_event SET date = date - interval '36 hours' WHERE id = %s", [entered.id])
        entered.invalidate_recordset()
        lead.stage_id = self.talk
        left = self.events.search([("lead_id", "=", lead.id), ("kind", "=", "left")])
        self.assertAlmostEqual(left.days, 1.5, 3)
        self.assertEqual(left.since, entered.date)
        self.assertEqual(entered.later_stage_ids, self.talk)
        found = self.events.search([("later_stage_ids", "in", self.talk.ids), ("lead_id", "=", lead.id), ("kind", "=", "entered")])
        self.assertEqual(found, entered)

    def test_putting_away_does_not_win_again(self):
        leads = self._lead() | self._lead()
        leads.action_set_won()
        day = datetime(2031, 3, 4, 5)
        leads[0].date_closed = day
        leads.with_user(self.user_seller).action_archive()
        self.assertEqual((leads[0].date_closed, leads[0].active, leads[0].won_status), (day, False, "won"))
        self.assertNotEqual(leads[1].date_closed, day)
        leads.action_unarchive()
        self.assertEqual(leads[0].date_closed, day)
        lost = self._lead()
        lost.action_set_lost()
        self.assertTrue(lost.date_closed)

    def test_queries_do_not_grow(self):
        """Thirty opportunities cost as many queries as two."""

        def count(number):
            leads = self.env["crm.lead"].create(
                [{"name": str(at), "type": "opportunity", "user_id": False, "stage_id": self.new.id} for at in range(number)]
            )
            self.env.flush_all()
            leads.mapped("won_status")
            before = self.env.cr.sql_log_count
            leads._kehu_log_stages()
            self.env["kehu.stage.event"]._kehu_follow({lead.id: (self.talk.id, False, None) for lead in leads})
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertLessEqual(count(30), count(2))

    def test_nobody_writes_it(self):
        lead = self._lead()
        row = self.events.search([("lead_id", "=", lead.id)])
        for role in ("seller", "sales_manager", "director", "crm_admin"):
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                own = row.with_user(user)
                with self.assertRaises(AccessError):
                    own.with_context(kehu_engine_stages=True).write({"kind": "left"})
                with self.assertRaises(AccessError):
                    own.with_context(kehu_engine_stages=True).unlink()
                with self.assertRaises(AccessError):
                    own.create({"lead_id": lead.id, "stage_id": self.talk.id, "kind": "entered", "how": "begun", "date": row.date})
        for change in (
            lambda: row.sudo().write({"kind": "left"}),
            lambda: row.sudo().unlink(),
            lambda: lead.sudo().write({"kehu_stage_event_ids": [Command.clear()]}),
        ):
            with self.assertRaises(KehuEngineOnlyError):
                change()

    def test_who_sees_it(self):
        """As many rows as the opportunities that one may read, lost ones too."""
        leads = {user: self._lead(user) for user in (self.user_seller, self.user_seller2, self.user_west_seller)}
        leads[self.user_seller2].action_set_lost()
        rows = self.events.search([("lead_id", "in", [lead.id for lead in leads.values()])])
        self.assertEqual(len(rows), 4)
        for user, seen in (
            (self.user_seller, [self.user_seller]),
            (self.user_seller2, [self.user_seller2]),
            (self.user_east_manager, [self.user_seller, self.user_seller2]),
            (self.user_sales_manager, list(leads)),
            (self.user_director, list(leads)),
        ):
            with self.subTest(user=user.name):
                found = self.events.with_user(user).search([("id", "in", rows.ids)])
                self.assertEqual(found.sudo().lead_id, self.env["crm.lead"].concat(*(leads[one] for one in seen)).sudo())
        for role in ("service", "finance", "employee"):
            with self.assertRaises(AccessError):
                self.events.with_user(getattr(self, f"user_{role}")).search([], limit=1)

    def test_past(self):
        """What the chatter kept becomes the history of older opportunities; a second time nothing is added."""
        lead = self._lead().with_context(tracking_disable=False, mail_notrack=False)
        self.flush_tracking()
        for stage in (self.offer, self.talk):
            lead.stage_id = stage
            self.flush_tracking()
        lost = self._lead()
        lost.action_set_lost()
        silent = self._lead()
        self.flush_tracking()
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET stage_id = %s WHERE id = %s", [self.won.id, silent.id])
        untouched = self._lead()
        leads = lead | lost | silent
        self.env.cr.execute("DELETE FROM kehu_stage_event WHERE lead_id = ANY(%s)", [leads.ids])
        self.env.invalidate_all()
        kept = self._told(untouched)
        for _twice in range(2):
            self.events._kehu_fill()
        self.assertEqual(
            self._told(lead),
            [
                ("entered", self.new, "begun"),
                ("left", self.new, "forward"),
                ("skipped", self.talk, "forward"),
                ("entered", self.offer, "forward"),
                ("left", self.offer, "back"),
                ("entered", self.talk, "back"),
            ],
        )
        self.assertEqual(self._told(lost), [("entered", self.new, "begun"), ("left", self.new, "lost")])
        self.assertEqual(self._told(silent), [("entered", self.won, "begun")])
        self.assertEqual(self._told(untouched), kept)
        lead.stage_id = self.offer
        self.assertEqual(self._told(lead)[6:], [("left", self.talk, "forward"), ("entered", self.offer, "forward")])

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_stage_deleted(self):
        """A stage that nobody uses any more goes; its rows stay."""
        lead = self._lead(stage_id=self.talk.id)
        lead.stage_id = self.offer
        number = len(self._told(lead))
        self.talk.unlink()
        self.assertEqual(len(self._told(lead)), number)
        lead.stage_id = self.won
        self.assertEqual(self._told(lead)[-1], ("entered", self.won, "forward"))
        self.assertGreaterEqual(lead.create_date + timedelta(1), self.env.cr.now())
