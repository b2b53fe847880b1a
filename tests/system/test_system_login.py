"""Logins that fail too often are locked, sessions can be ended, new passwords keep the rules."""

import hmac
from base64 import b32encode
from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import time
from types import SimpleNamespace
from unittest import SkipTest
from unittest.mock import patch

from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.fields import Datetime
from odoo.http import root
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ...models.system.engine import as_engine
from ...models.system.exceptions import KehuLoginRightsError, KehuPasswordError
from ...models.system.kehu_login_guard import PICTURE
from ..common import KehuCommon

HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@tagged("post_install", "-at_install")
class TestSystemLogin(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.password = "kehu_seller_1"
        cls.log = cls.env["kehu.login.log"].sudo()
        cls.env["res.company"].search([]).write({"kehu_login_failures": 3, "kehu_login_picture": "never"})
        cls.env.company.kehu_login_lock_minutes = 15

    @contextmanager
    def _at(self, address):
        """A request from an address, as far as logins look at it."""
        request = SimpleNamespace(
            httprequest=SimpleNamespace(remote_addr=address, path="/web/login", user_agent=None, environ={"REMOTE_ADDR": address}),
            cookies={},
            session={},
        )
        base = "odoo.addons.kehu_crm.models.system"
        note = type(self.log)._kehu_write  # rows stay in the transaction of the test
        with (
            patch(f"{base}.kehu_login_log.request", request),
            patch(f"{base}.kehu_login_guard.request", request),
            patch.object(
                type(self.log), "_kehu_note", lambda log, credential, uid=None, *args, **kwargs: note(log, credential, uid, *args, **kwargs)
            ),
        ):
            yield

    def _try(self, password="wrong", login=None, address=HOME):
        """Return the sentence of the refusal, or False for a login that worked."""
        with self._at(address), mute_logger("odoo.addons.base.models.res_users"):
            try:
                self.env["res.users"]._login(
                    {"login": login or self.user_seller.login, "password": password, "type": "password"}, {"interactive": True}
                )
            except AccessDenied as error:
                return str(error)
        return False

    def _past(self, login, address, result, minutes=1, count=1):
        values = {"login": login, "address": address, "result": result, "date": Datetime.now() - timedelta(minutes=minutes)}
        as_engine(self.log, "login_log").create([dict(values) for _turn in range(count)])

    def test_locked_after_failures_at_one_place(self):
        for _turn in range(3):
            self.assertNotIn("Too many", self._try())
        self.assertIn("Too many", self._try("kehu_seller_1"), "the right password does not open it either")
        rows = self.log.search([("login", "=", self.user_seller.login)], order="id")
        self.assertEqual(rows.mapped("result"), ["failure"] * 3 + ["locked"])

    def test_ends_by_itself(self):
        self._past(self.user_seller.login, HOME, "failure", minutes=16, count=5)
        self.assertFalse(self._try("kehu_seller_1"))

    def test_success_counts_anew(self):
        self._past(self.user_seller.login, HOME, "failure", minutes=3, count=2)
        self.assertFalse(self._try("kehu_seller_1"))
        self._try()
        self._try()
        self.assertFalse(self._try("kehu_seller_1"))

    def test_usual_place_stays_open(self):
        """Somebody elsewhere locks nobody out of the office where they always log in."""
        self._past(self.user_seller.login, HOME, "success", minutes=60 * 24)
        self._past(self.user_seller.login, ELSEWHERE, "failure", count=10)
        self.assertFalse(self._try("kehu_seller_1"))
        self.assertIn("Too many", self._try("kehu_seller_1", address="203.0.113.5"), "but at a place not known")

    def test_place_that_tries_many_logins(self):
        for number in range(9):
            self._past(f"name{number}", ELSEWHERE, "failure")
        self.assertIn("Too many", self._try("kehu_seller_1", address=ELSEWHERE))
        self._past(self.user_seller2.login, ELSEWHERE, "success", minutes=600)
        self.user_seller2.password = "kehu_seller_2"
        self.assertFalse(self._try("kehu_seller_2", self.user_seller2.login, ELSEWHERE), "colleagues of that office get in")

    def test_tells_nothing_of_who_is_there(self):
        answers = set()
        for login in (self.user_seller.login, "nobody.there"):
            self.assertEqual({self._try(login=login) for _turn in range(3)}, {"Access Denied"})
            answers.add(self._try(login=login))
        self.assertEqual(len(answers), 1)
        for odd in ("", "\0", "x" * 5000, "'; drop table res_users; --"):
            self.assertTrue(self._try(login=odd))

    def test_calls_of_programs_count(self):
        def call(password):
            with self._at(HOME):
                try:  # assertRaises would take the row of the failure back
                    self.env["res.users"]._check_uid_passwd(self.user_seller.id, password)
                except AccessDenied as error:
                    return str(error)
            return False

        for _turn in range(3):
            self.assertEqual(call("wrong"), "Access Denied")
        self.assertIn("Too many", call("kehu_seller_1"))

    def test_a_list_is_no_login(self):
        """The host would search for “one of these”, and each list would be a login of its own."""
        for number in range(3):
            self.assertTrue(self._try("kehu_seller_1", login=[self.user_seller.login, f"x{number}"]))

    def test_refusals_hide_no_failures(self):
        """Whoever fills the log with refusals of one login is locked with the next one all the same."""
        for _turn in range(3 + 35):
            self._try(login="nobody")
        self.assertEqual(self.log.search_count([("result", "=", "locked"), ("login", "=", "nobody")]), 30, "refusals have an end")
        for _turn in range(3):
            self._try()
        self.assertIn("Too many", self._try("kehu_seller_1"))

    def test_the_pause_of_the_host_is_no_failure(self):
        with patch.object(type(self.env["res.users"]), "_check_credentials", side_effect=AccessDenied("Please wait a bit")):
            for _turn in range(4):
                self.assertIn("wait a bit", self._try("kehu_seller_1"))
        self.assertFalse(self._try("kehu_seller_1"))

    def test_a_refused_program_is_no_failure(self):
        """A lock ends by itself also where a program goes on asking."""
        self._past(self.user_seller.login, HOME, "failure", minutes=14, count=3)
        for _turn in range(5):
            with self._at(HOME):
                try:
                    self.env["res.users"]._check_uid_passwd(self.user_seller.id, "kehu_seller_1")
                    self.fail("it is locked")
                except AccessDenied as error:
                    self.assertIn("Too many", str(error))
        self.assertEqual(self.log.search_count([("login", "=", self.user_seller.login), ("result", "=", "failure")]), 3)

    def test_unlock(self):
        for _turn in range(4):
            self._try()
        row = self.log.search([("result", "=", "locked")], limit=1)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            row.with_user(self.user_director).action_unlock()
        row.with_user(self.user_crm_admin).action_unlock()
        self.assertFalse(self._try("kehu_seller_1"))
        told = self.log.search([("result", "=", "unlocked")])
        self.assertEqual((told.login, told.way), (self.user_seller.login, self.user_crm_admin.login))

    def test_never(self):
        self.env["res.company"].search([]).kehu_login_failures = 0
        self._past(self.user_seller.login, HOME, "failure", count=50)
        self.assertFalse(self._try("kehu_seller_1"))

    def test_strictest_company(self):
        self.env["res.company"].create({"name": "Strict", "kehu_login_failures": 1})
        self._try()
        self.assertIn("Too many", self._try("kehu_seller_1"))

    # -- passwords typed again by somebody who is logged in ------------------------------------------------------------

    def _again(self, password):
        """Return the sentence with which the host's dialog “Confirm your password” refuses, or False."""
        check = self.env["res.users.identitycheck"].with_user(self.user_seller).create({})
        with self._at(HOME):
            try:  # assertRaises would take the row of the failure back
                check.with_context(password=password)._check_identity()
            except (AccessDenied, UserError) as error:
                return str(error)
        return False

    def test_password_again(self):
        """An open session is no place to guess its password."""
        self.assertFalse(self._again("kehu_seller_1"))
        for _turn in range(3):
            self.assertIn("Incorrect Password", self._again("wrong"))
        self.assertIn("Too many", self._again("kehu_seller_1"))
        rows = self.log.search([("login", "=", self.user_seller.login)], order="id")
        self.assertEqual([(row.result, row.way) for row in rows], [("failure", "password again")] * 3 + [("locked", "password again")])

    def test_change_of_password(self):
        users = self.env["res.users"].with_user(self.user_seller)
        for turn in range(4):
            with self._at(HOME):
                try:
                    users.change_password("wrong" if turn < 3 else "kehu_seller_1", "kehu_new_1")
                    self.fail("it is refused")
                except AccessDenied as error:
                    self.assertEqual("Too many" in str(error), turn == 3)

    # -- passwords -----------------------------------------------------------------------------------------------------

    def test_passwords(self):
        company = self.user_seller.company_id
        self.user_seller.password = "abc"
        company.write({"kehu_password_length": 8, "kehu_password_mixed": True})
        for bad in ("short1", "onlyletters", "1234567890", self.user_seller.login):
            with self.subTest(password=bad), self.assertRaises(KehuPasswordError) as refused:
                self.user_seller.password = bad
            self.assertIn(self.user_seller.name, str(refused.exception))
            self.assertNotIn(bad, str(refused.exception).replace(self.user_seller.name, ""))
        self.user_seller.password = "good enough 1"
        other = self.env["res.company"].create({"name": "Longer", "kehu_password_length": 20})
        self.user_seller.company_ids += other
        with self.assertRaisesRegex(KehuPasswordError, "20"):
            self.user_seller.password = "good enough 1"
        with self.assertRaises(KehuPasswordError):
            self.env["res.users"].create({"name": "New", "login": "kehu_new", "password": "x", "company_id": company.id})

    def test_refused_password_keeps_the_link(self):
        """Who was invited, or asked for a new password, tries another one by the same link."""
        self.user_seller.company_id.kehu_password_length = 8
        partner = self.user_seller.partner_id
        partner.signup_prepare(signup_type="reset")
        self.env.flush_all()
        token = partner._generate_signup_token()
        users = self.env["res.users"].sudo()
        try:  # assertRaises would take back what was written before the refusal
            users.signup({"login": self.user_seller.login, "password": "short"}, token)
            self.fail("it is refused")
        except KehuPasswordError as error:
            self.assertIn("8", str(error))
        self.assertEqual(partner.signup_type, "reset")
        users.signup({"login": self.user_seller.login, "password": "long enough 1"}, token)
        self.assertFalse(partner.signup_type, "spent")

    # -- sessions ------------------------------------------------------------------------------------------------------

    def _session(self, user):
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO res_device_log
                   (session_identifier, platform, browser, ip_address, user_id, first_activity, last_activity, revoked)
               VALUES (%s, 'linux', 'chrome', %s, %s, now(), now(), false)""",
            (f"kehu{user.id}".ljust(42, "x"), HOME, user.id),
        )
        return self.env["res.device"].search([("user_id", "=", user.id)])

    def test_sessions(self):
        mine, system = self._session(self.user_seller), self._session(self.env.ref("base.user_admin"))
        seen = self.env["res.device"].with_user(self.user_crm_admin).search([])
        self.assertIn(mine.id, seen.ids)
        self.assertFalse(self.env["res.device"].with_user(self.user_director).search([("user_id", "=", self.user_seller.id)]))
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            mine.with_user(self.user_director).action_kehu_sign_out()
        if not self.user_crm_admin._is_system():
            with self.assertRaises(KehuLoginRightsError):
                system.with_user(self.user_crm_admin).action_kehu_sign_out()
            with self.assertRaises(KehuLoginRightsError):
                system.with_user(self.user_crm_admin)._revoke()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.res_device_action_kehu")
        for number, kind in action["views"]:
            arch = self.env["res.device"].with_user(self.user_crm_admin).get_view(number, kind)["arch"]
            self.assertIn("action_kehu_sign_out", arch, f"{kind}: of phones, too")
            self.assertIn("is_current", arch, "the session in which one works is marked")
        with patch("odoo.addons.base.models.res_device.root") as root:
            mine.with_user(self.user_crm_admin).action_kehu_sign_out()
        self.env.flush_all()
        self.env.invalidate_all()
        root.session_store.delete_from_identifiers.assert_called_once_with([f"kehu{self.user_seller.id}".ljust(42, "x")])
        self.assertFalse(self.env["res.device"].search([("user_id", "=", self.user_seller.id)]), "ended")
        self.env.cr.precommit.run()
        row = self.env["kehu.operation.log"].search([("model", "=", "res.users"), ("res_id", "=", self.user_seller.id)], limit=1)
        self.assertEqual((row.operation, row.user_id), ("write", self.user_crm_admin))
        self.assertEqual(row.detail, self.env(user=self.user_crm_admin)._("Signed out"), "who ended it stands in the log")


@tagged("post_install", "-at_install")
class TestSystemLoginPicture(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.password = "kehu_seller_1"
        cls.env["res.company"].search([]).kehu_login_picture = "never"
        cls.env.company.kehu_login_picture = "always"

    def setUp(self):
        super().setUp()
        self.env.registry._login_failures = defaultdict(lambda: (0, datetime.min))  # other tests failed from this address, too
        self.authenticate(None, None)

    def _digits(self):
        return root.session_store.get(self.opener.cookies["session_id"]).get(PICTURE)

    def _post(self, code, password="kehu_seller_1"):
        page = self.url_open("/web/login").text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        if code == "right":
            picture = self.url_open("/kehu/login/picture")
            self.assertEqual((picture.headers["Content-Type"], picture.headers["Cache-Control"]), ("image/png", "no-store"))
            code = self._digits()
        data = {"login": self.user_seller.login, "password": password, "csrf_token": token, "kehu_picture_code": code, "type": "password"}
        answer = self.url_open("/web/login", data=data, allow_redirects=False)
        return answer.status_code == 303, answer.text

    def test_picture(self):
        self.assertIn("kehu_picture_code", self.url_open("/web/login").text)
        for code in ("", "00000", "１２３４５", "x" * 10):
            with mute_logger("odoo.addons.base.models.res_users"):
                logged_in, text = self._post(code)
            with self.subTest(code=code):
                self.assertFalse(logged_in)
                self.assertIn("kehu_picture_code", text)
        self.assertFalse(self.env["kehu.login.log"].sudo().search([("result", "=", "failure")]), "the password was not looked at")
        logged_in, _text = self._post("right")
        self.assertTrue(logged_in)

    def test_each_picture_serves_once(self):
        self.url_open("/kehu/login/picture")
        first = self._digits()
        with mute_logger("odoo.addons.base.models.res_users"):
            self.assertFalse(self._post(first, "wrong")[0])
            self.assertFalse(self._digits())
            self.assertFalse(self._post(first)[0], "the digits of a used picture open nothing")

    def test_no_other_door(self):
        params = {"db": self.env.cr.dbname, "login": self.user_seller.login, "password": "kehu_seller_1"}
        with mute_logger("odoo.http", "odoo.addons.base.models.res_users"):
            answer = self.url_open("/web/session/authenticate", json={"jsonrpc": "2.0", "method": "call", "params": params}).json()
        self.assertIn("error", answer)

    def test_sound(self):
        self.assertEqual(self.url_open("/kehu/login/sound").status_code, 404, "nothing is shown yet")
        self.url_open("/kehu/login/picture")
        sound = self.url_open("/kehu/login/sound")
        self.assertEqual(sound.headers["Content-Type"], "audio/wav")
        self.assertTrue(sound.content.startswith(b"RIFF"))

    def test_never_and_after_failures(self):
        self.env.company.kehu_login_picture = "failures"
        self.assertNotIn("kehu_picture_code", self.url_open("/web/login").text)
        as_engine(self.env["kehu.login.log"].sudo(), "login_log").create(
            [{"login": "anybody", "address": "127.0.0.1", "result": "failure"} for _turn in range(3)]
        )
        self.assertIn("kehu_picture_code", self.url_open("/web/login").text)
        self.env.company.kehu_login_picture = "never"
        self.assertNotIn("kehu_picture_code", self.url_open("/web/login").text)


@tagged("post_install", "-at_install")
class TestSystemLoginCode(KehuCommon, HttpCase):
    """A login in two steps is logged in when the code was right, not before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.password = "kehu_seller_1"
        cls.env["res.company"].search([]).write({"kehu_login_failures": 4, "kehu_login_picture": "never"})
        if "totp_secret" not in cls.env["res.users"]._fields:
            raise SkipTest("the host's login in two steps is not installed")
        cls.key = b"kehu_secret_kehu_sec"
        cls.user_seller.sudo().totp_secret = b32encode(cls.key).decode()

    def setUp(self):
        super().setUp()
        self.env.registry._login_failures = defaultdict(lambda: (0, datetime.min))  # other tests failed from this address, too
        self.authenticate(None, None)
        self.opener.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    def _post(self, path, **data):
        token = self.url_open(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
        return self.url_open(path, data={**data, "csrf_token": token}, allow_redirects=False)

    def _password(self):
        return self._post("/web/login", login=self.user_seller.login, password="kehu_seller_1", type="password").headers["Location"]

    def _code(self, right=True):
        """Send a code that the host takes, or one that it takes at no time near now."""
        counter = int(time() / 30)
        taken = {self._hotp(counter + step) for step in range(-3, 4)}
        code = self._hotp(counter) if right else next(code for code in range(1000000) if code not in taken)
        return self._post("/web/login/totp", totp_token=f"{code:06d}", remember="1").status_code == 303

    def _hotp(self, counter):
        digest = hmac.new(self.key, counter.to_bytes(8, "big"), "sha1").digest()
        start = digest[-1] & 15
        return (int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF) % 1000000

    def _rows(self):
        self.env.invalidate_all()
        rows = self.env["kehu.login.log"].sudo().search([("login", "=", self.user_seller.login)], order="id")
        return [(row.result, row.way) for row in rows]

    def test_two_steps(self):
        self.assertIn("/web/login/totp", self._password())
        self.assertEqual(self._rows(), [("half", "password")], "nobody is in yet")
        self.assertFalse(self._code(right=False))
        self.assertTrue(self._code())
        rows = [("half", "password"), ("failure", "totp"), ("success", "totp")]
        self.assertEqual(self._rows(), rows)
        self.url_open("/web/login", allow_redirects=False)
        self.assertEqual(self._rows(), rows, "noted once")

    def test_trusted_browser(self):
        self._password()
        self._code()
        self.url_open("/web/session/logout", allow_redirects=False)
        self.assertIn("/web/login/totp", self._password())
        self.assertEqual(self.url_open("/web/login/totp", allow_redirects=False).status_code, 303)
        self.assertEqual(self._rows()[2:], [("half", "password"), ("success", "trusted browser")])

    def test_wrong_codes_lock(self):
        """Right passwords in between do not count anew: whoever has only the password is stopped."""
        for _turn in range(4):
            self.assertIn("/web/login/totp", self._password())
            self.assertFalse(self._code(right=False))
        answer = self._post("/web/login", login=self.user_seller.login, password="kehu_seller_1", type="password")
        self.assertIn("Too many failed logins", answer.text)

    def test_the_pause_of_the_host_is_no_failure(self):
        self.env["res.company"].search([]).kehu_login_failures = 30
        self._password()
        for _turn in range(6):
            self.assertFalse(self._code(right=False))
        self.assertEqual([result for result, _way in self._rows()], ["half", *["failure"] * 5, "locked"])

    def test_enforced_by_mail(self):
        self.user_seller.sudo().totp_secret = False
        self.env["ir.config_parameter"].sudo().set_param("auth_totp.policy", "employee_required")
        self._password()
        self.assertEqual(self._rows(), [("half", "password")])

    def test_without_second_step(self):
        self.user_seller.sudo().totp_secret = False
        self.assertNotIn("totp", self._password())
        self.assertEqual(self._rows(), [("success", "password")])
