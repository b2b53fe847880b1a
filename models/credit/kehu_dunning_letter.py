from odoo import api, fields, models
from odoo.addons.base.models.ir_qweb import QWebError
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_types
from .exceptions import KehuDunningError, KehuDunningRightError

ENGINE = "dunning"
SENDERS = "kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin"
EDITABLE = {"text"}  # of a draft, by finance


class KehuDunningLetter(models.Model):
    """A letter to a customer about invoices of one level, and the log of it.

    ======== ========= ===================================================================================
    from     to        by
    ======== ========= ===================================================================================
             draft     the night, or action_make: once per item and level
    draft    sent      action_send, or the night for automatic levels: looked at again, mailed, to be printed
    draft    cancelled action_cancel; or everything on it was paid, or has reached a later level
    sent     cancelled action_cancel: it does not count, the next night may write again
    ======== ========= ===================================================================================
    """

    _name = "kehu.dunning.letter"
    _description = "Dunning Letter"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _mail_post_access = "read"

    name = fields.Char(string="Number", required=True, readonly=True, copy=False)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict")
    level_id = fields.Many2one("kehu.dunning.level", string="Dunning Level", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Salesperson", related="partner_id.user_id", store=True, index="btree_not_null")
    kehu_department_id = fields.Many2one("hr.department", related="partner_id.kehu_department_id", store=True, index="btree_not_null")
    date = fields.Date(required=True, readonly=True, help="Day on which it was made, or sent; the amounts are those of that day.")
    line_ids = fields.One2many("kehu.dunning.line", "letter_id", string="Invoices", readonly=True)
    amount = fields.Monetary(string="Open", readonly=True, help="What is open on the invoices of this letter.")
    credit = fields.Monetary(
        string="Not Matched Yet", readonly=True, help="Money and credit notes of the customer not used for an invoice."
    )
    amount_to_pay = fields.Monetary(
        string="To Pay", compute="_compute_amount_to_pay", store=True, help="Open, less what is not matched yet."
    )
    text = fields.Html(string="Letter", help="What it says. Finance may change it as long as it is a draft.")
    state = fields.Selection(
        [("draft", "To Send"), ("sent", "Sent"), ("cancelled", "Cancelled")], required=True, readonly=True, default="draft", index=True
    )
    problem = fields.Char(string="Could Not Be Sent", readonly=True, help="Why it was not sent when it was to be.")
    reason = fields.Char(string="Cancelled Because", readonly=True)
    sent_on = fields.Datetime(readonly=True)
    sent_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    mailed_to = fields.Char(readonly=True)
    to_print = fields.Boolean(string="To Be Printed", readonly=True, help="Sent by post, and not printed yet.")
    printed_on = fields.Datetime(readonly=True)

    _name_uniq = models.UniqueIndex("(company_id, name)", "Another letter of this company has that number already.")

    @api.depends("amount", "credit")
    def _compute_amount_to_pay(self):
        for letter in self:
            letter.amount_to_pay = max(letter.amount - letter.credit, 0.0)

    @api.depends("name", "level_id")
    def _compute_display_name(self):
        for letter in self:
            letter.display_name = f"{letter.name} {letter.level_id.name or ''}".strip()

    # ------------------------------------------------------------------
    # Guard: the engine writes letters; finance the text of a draft
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._kehu_check_engine()
        return super().create(vals_list)

    def write(self, vals):
        if not is_engine(self.env, ENGINE):
            if vals.keys() - EDITABLE:
                self._kehu_check_engine()
            check_types(self, vals, KehuDunningError)
            self._kehu_check_may_send()
            for letter in self:
                if letter.state != "draft":
                    raise KehuDunningError(
                        self.env._("Letter %(letter)s is not a draft any more, so its text stays as it is.", letter=letter.name)
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_by_engine(self):
        if not is_uninstalling(self.env):
            self._kehu_check_engine()

    def _kehu_check_engine(self):
        """:raises KehuEngineOnlyError: unless the room itself writes"""
        if not is_engine(self.env, ENGINE):
            raise KehuEngineOnlyError(
                self.env._("Dunning letters are made by the system and kept as a log. Use their buttons to send or to cancel them.")
            )

    def _kehu_check_may_send(self):
        """Finance sends and cancels all letters, salespeople those to customers they look after.

        :raises KehuDunningRightError: otherwise
        """
        self.check_access("read")
        if self.env.su or self.env.user.has_groups(SENDERS):
            return
        mine = self.env["res.partner"]
        if self.env.user.has_group("kehu_crm.group_kehu_user"):
            mine = self.partner_id._filtered_access("write")
        for letter in self:
            if letter.partner_id not in mine:
                raise KehuDunningRightError(
                    self.env._(
                        "Letter %(letter)s is to a customer you do not look after. Ask finance to send or cancel it.", letter=letter.name
                    )
                )

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def action_send(self):
        """Send drafts, each as it stands today, and tell which were not sent and why.

        :return: the dialog with the report
        """
        self._kehu_check_may_send()
        # sudo: kehu.dunning.letter, account.move.line - the right was checked; amounts are read from the ledger
        letters = self.sudo()
        sent = letters._kehu_send_all()
        skipped = letters - sent
        report = (
            self.env["kehu.dunning.report"]
            # sudo: kehu.dunning.report - only sending writes it, and it names only letters the sender may see
            .sudo()
            .create(
                {
                    "sent_ids": [Command.set(sent.ids)],
                    "line_ids": [
                        Command.create({"letter_id": letter.id, "reason": letter.problem or letter.reason or letter._kehu_state_text()})
                        for letter in skipped
                    ],
                }
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dunning Letters"),
            "res_model": report._name,
            "res_id": report.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _kehu_send_all(self):
        """Send each of these letters by itself; one that fails keeps its reason and hinders no other. Superuser.

        :return: those that were sent
        """
        sent = self.browse()
        for letter in self.filtered(lambda letter: letter.state == "draft"):
            locked = letter.try_lock_for_update()
            if not locked:
                continue
            try:
                with self.env.cr.savepoint():
                    problem = locked._kehu_send()
            except (UserError, QWebError) as error:  # a template that somebody has changed
                problem = str(error)
            if problem:
                as_engine(locked, ENGINE).write({"problem": problem[:500]})
            elif locked.state == "sent":
                sent |= letter
        return sent

    def _kehu_send(self):
        """Send this one letter.

        :return: why it was not sent, as a sentence; False when it was sent, or cancelled because nothing is open any more
        """
        self.ensure_one()
        held = self._kehu_held_text()
        if held:
            return held
        # they come again on a letter of their own once the hold is over
        as_engine(self, ENGINE).line_ids.filtered(lambda line: line._kehu_held_orders()).unlink()
        self._kehu_refresh()
        if self.state != "draft":
            return False
        level, customer = self.level_id, self.partner_id
        values = {
            "state": "sent",
            "sent_on": fields.Datetime.now(),
            "sent_by_id": self.env.uid,
            "problem": False,
            "to_print": level.to_print,
        }
        if level.mail_template_id:
            contact = customer._kehu_money_contact()
            if not contact and not level.to_print:
                return self.env._(
                    "%(customer)s has no e-mail address. Enter one at the customer or at its invoice address.",
                    customer=customer.display_name,
                )
            if contact:
                self._kehu_mail(contact)
                values["mailed_to"] = contact.email_normalized or contact.email
        as_engine(self, ENGINE).write(values)
        if level.make_activity and customer.user_id.active:
            customer.with_context(mail_activity_quick_update=True, lang=customer.user_id.lang).activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=self.company_id._kehu_today(),
                summary=self.with_context(lang=customer.user_id.lang).env._("Overdue: %(level)s, letter %(letter)s", **self._kehu_words()),
                user_id=customer.user_id.id,
            )
        customer._message_log(
            author_id=self.env.user.partner_id.id,
            body=self.env._("Dunning letter %(letter)s sent: %(level)s", **self._kehu_words()),
        )
        return False

    def _kehu_words(self):
        return {"letter": self.name, "level": self.level_id.name}

    def _kehu_state_text(self):
        """Why a letter that is no draft is not sent again."""
        if self.state == "draft":
            return self.env._("Somebody else is sending it at this moment.")
        return self.env._("It was sent or cancelled before.")

    def _kehu_held_text(self):
        """Why this one letter must wait, as a sentence: its customer is held, or all that is on it; False when it need not."""
        today = self.company_id._kehu_today()
        customer = self.partner_id
        held = customer.kehu_dunning_hold_until and customer.kehu_dunning_hold_until >= today and customer
        if not held and self.line_ids and all(line._kehu_held_orders() for line in self.line_ids):
            held = self.line_ids[0]._kehu_held_orders()[0]
        return bool(held) and self.env._(
            "%(name)s is on hold until %(day)s: %(reason)s",
            name=held.display_name,
            day=format_date(self.env, held.kehu_dunning_hold_until),
            reason=held.kehu_dunning_hold_reason or "",
        )

    def _kehu_refresh(self):
        """Take off this one draft what was paid meanwhile, and bring the amounts up to today; with nothing left it is cancelled."""
        letter = as_engine(self, ENGINE)
        today = self.company_id._kehu_today()
        for line in letter.line_ids:
            item = line.move_line_id
            if not item or item.parent_state != "posted" or item.currency_id.compare_amounts(item.amount_residual_currency, 0.0) <= 0:
                line.unlink()
            else:
                line.write({"amount": item.amount_residual_currency, "days": (today - line.date_due).days})
        amount = sum(letter.line_ids.mapped("amount"))
        position = self._kehu_positions(self.company_id, self.partner_id.ids).get((self.partner_id.id, self.currency_id.id), (0.0, 0.0))
        pairs = [(line.amount, line.date_due) for line in letter.line_ids]
        credit = min(self._kehu_credit_left(position, pairs, today), amount)
        if not letter.line_ids or self.currency_id.compare_amounts(credit, amount) >= 0:
            letter._kehu_cancel(self.env._("Paid meanwhile: nothing on it is open any more."))
        else:
            letter.write({"amount": amount, "credit": credit, "date": today})

    def _kehu_mail(self, contact):
        """Mail this one letter, its print attached."""
        lang = contact.lang or self.partner_id.lang or self.env.lang
        reports = self.env["ir.actions.report"]
        content, kind = reports._render_qweb_pdf("kehu_crm.print_dunning", self.ids)
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{self.with_context(lang=lang)._kehu_print_name()}.{kind}",
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.level_id.mail_template_id.with_context(lang=lang).send_mail(
            self.id,
            email_values={
                "recipient_ids": [Command.set(contact.ids)],
                "email_to": False,
                "attachment_ids": [Command.link(attachment.id)],
            },
        )

    # ------------------------------------------------------------------
    # Printing
    # ------------------------------------------------------------------

    def action_print(self):
        """Print these letters; those that were to be printed are done with that."""
        self.check_access("read")
        waiting = self.filtered("to_print")
        if waiting:
            waiting._kehu_check_may_send()
            # sudo: kehu.dunning.letter - the right was checked
            as_engine(waiting.sudo(), ENGINE).write({"to_print": False, "printed_on": fields.Datetime.now()})
        return self.env.ref("kehu_crm.print_dunning_report").report_action(self, config=False)

    # ------------------------------------------------------------------
    # Cancelling
    # ------------------------------------------------------------------

    def action_cancel(self, reason=None):
        """Cancel letters: drafts are not sent, and what was sent does not count, so that the next night may write again.

        :param str reason: kept on the letter
        """
        self._kehu_check_may_send()
        for letter in self:
            if letter.state == "cancelled":
                raise KehuDunningError(self.env._("Letter %(letter)s is cancelled already.", letter=letter.name))
        text = str(reason or "").strip()[:500] or self.env._("Cancelled by %(user)s.", user=self.env.user.name)
        as_engine(self.sudo(), ENGINE)._kehu_cancel(text)  # sudo: kehu.dunning.letter - the right was checked
        return True

    def _kehu_cancel(self, reason):
        """Cancel these letters, as the engine."""
        self.write({"state": "cancelled", "reason": reason, "to_print": False, "problem": False})
        self.line_ids.write({"cancelled": True})


class KehuDunningLine(models.Model):
    """One open invoice, or one part of it with a due date of its own, on a letter."""

    _name = "kehu.dunning.line"
    _description = "Dunning Line"
    _inherit = ["kehu.engine.log.mixin"]
    _order = "letter_id, date_due, id"
    _kehu_engine = ENGINE

    letter_id = fields.Many2one("kehu.dunning.letter", required=True, index=True, ondelete="cascade")
    level_id = fields.Many2one(related="letter_id.level_id", store=True)
    currency_id = fields.Many2one(related="letter_id.currency_id")
    # the invoice may go back to draft and be deleted; the letter says what it said
    move_line_id = fields.Many2one("account.move.line", string="Journal Item", index="btree_not_null", ondelete="set null")
    name = fields.Char(string="Invoice", required=True)
    order_names = fields.Char(string="Orders")
    date = fields.Date(string="Invoice Date")
    date_due = fields.Date(string="Due On", required=True)
    days = fields.Integer(
        string="Days Overdue", aggregator="max", help="On the day of the letter; negative: so many days before it is due."
    )
    amount_total = fields.Monetary(string="Invoiced")
    amount = fields.Monetary(string="Open")
    cancelled = fields.Boolean(help="The letter was cancelled: the item may come on another one of this level.")

    _once = models.UniqueIndex("(move_line_id, level_id) WHERE cancelled IS NOT TRUE", "This item was dunned at this level already.")

    def _kehu_held_orders(self):
        """:return: the orders of this one line's invoice whose dunning is on hold today"""
        self.ensure_one()
        today = self.letter_id.company_id._kehu_today()
        return self.move_line_id.move_id.line_ids.sale_line_ids.order_id.filtered(
            lambda order: order.kehu_dunning_hold_until and order.kehu_dunning_hold_until >= today
        )
