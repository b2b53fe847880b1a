from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.pdf import merge_pdf

from ...models.credit.exceptions import KehuStatementError
from ...models.credit.res_partner_statement import BUCKETS, UNUSED

TEMPLATE = "kehu_crm.kehu_statement_mail_template"
MOST_CUSTOMERS = 500  # of one run; each is printed by itself
AGES = [key for key, *_days in BUCKETS] + [UNUSED]


class KehuStatement(models.TransientModel):
    """Ask for statements of account: whose, of which period, in which currency; then print or mail them."""

    _name = "kehu.statement"
    _description = "Statement of Account"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        required=True,
        domain=[("kehu_is_customer", "=", True)],
        help="Each gets a statement of its own, with everything of its contacts and addresses.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, help="Whose ledger is shown.")
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: (self.env.company._kehu_today().replace(day=1) - timedelta(days=1)).replace(day=1),
        help="What was open before this day is the opening balance.",
    )
    date_to = fields.Date(string="To", required=True, default=lambda self: self.env.company._kehu_today())
    currency_id = fields.Many2one("res.currency", string="Only in Currency", help="Empty: a statement for each currency of the customer.")
    bilingual = fields.Boolean(string="In Chinese and English", help="Each word in both languages. Otherwise in the customer's language.")
    sheet_ids = fields.One2many("kehu.statement.sheet", "statement_id", string="Statements")
    result = fields.Text(readonly=True, help="To whom statements were mailed, and to whom not, and why.")

    # ------------------------------------------------------------------
    # What is chosen
    # ------------------------------------------------------------------

    @api.onchange("partner_ids", "company_id", "date_from", "date_to", "currency_id")
    def _onchange_choice(self):
        """Show the statements before they are made."""
        if self.partner_ids and self.company_id and self.date_from and self.date_to and self.date_from <= self.date_to:
            self.sheet_ids = [Command.clear(), *(Command.create(values) for values in self._kehu_sheets())]
        else:
            self.sheet_ids = [Command.clear()]

    @api.model_create_multi
    def create(self, vals_list):
        """The sheets follow from the choice; what a client sends of them is not taken."""
        vals_list = [{name: value for name, value in vals.items() if name not in ("sheet_ids", "result")} for vals in vals_list]
        wizards = super().create(vals_list)
        wizards._kehu_check_choice()
        return wizards

    def write(self, vals):
        vals = {name: value for name, value in vals.items() if name not in ("sheet_ids", "result") or self.env.su}
        result = super().write(vals)
        self._kehu_check_choice()
        return result

    def _kehu_check_choice(self):
        """:raises KehuStatementError: for days the wrong way round, too many customers, or a company that the person does not work for"""
        for wizard in self:
            if wizard.date_from > wizard.date_to:
                raise KehuStatementError(self.env._("The first day is after the last one. Choose a day before it."))
            if len(wizard.partner_ids) > MOST_CUSTOMERS:
                raise KehuStatementError(
                    self.env._(
                        "%(count)s customers at once are too many. Choose at most %(most)s.",
                        count=len(wizard.partner_ids),
                        most=MOST_CUSTOMERS,
                    )
                )
            if not self.env.su and wizard.company_id not in self.env.companies:
                raise KehuStatementError(self.env._("Choose a company that is active at the top of the screen."))
            wizard.partner_ids._kehu_check_may_see_account()

    def _kehu_sheets(self):
        """Values of the sheets that these choices make: a sheet per customer and currency with an account, or in the one chosen."""
        self.ensure_one()
        customers = self.partner_ids._origin.kehu_customer_id
        customers._kehu_check_may_see_account()
        # sudo: account.move.line - the customer's account, for those who look after it
        currencies = customers.sudo()._kehu_account_currencies(self.company_id, self.date_to)
        sheets = []
        for customer in customers:
            own = {self.currency_id.id} if self.currency_id else currencies[customer.id] or {self.company_id.currency_id.id}
            sheets += [{"partner_id": customer.id, "currency_id": currency_id} for currency_id in sorted(own)]
        return sheets

    def _kehu_make_sheets(self):
        """Make the sheets anew from the choice.

        :rtype: kehu.statement.sheet
        """
        self.ensure_one()
        self.check_access("write")
        self._kehu_check_choice()
        self.sheet_ids.unlink()
        return self.env["kehu.statement.sheet"].create([{**values, "statement_id": self.id} for values in self._kehu_sheets()])

    # ------------------------------------------------------------------
    # Print, mail
    # ------------------------------------------------------------------

    def _kehu_report(self):
        name = "print_statement_bilingual_report" if self.bilingual else "print_statement_report"
        return self.env.ref(f"kehu_crm.{name}")

    def action_print(self):
        """The statements as one file."""
        sheets = self._kehu_make_sheets()
        return self._kehu_report().report_action(sheets, config=False)

    def action_send(self):
        """Mail each customer its statements, and tell who could not be mailed.

        To the invoice address with an e-mail, else to the customer; the mail is kept in the log of mailed statements.
        """
        sheets = self._kehu_make_sheets()
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not template:
            raise KehuStatementError(self.env._("The mail template of statements is gone. Update the add-on, or print the statements."))
        lines = []
        for customer, mine in sheets.grouped("partner_id").items():
            contact = customer._kehu_money_contact()
            if not contact:
                lines.append(
                    self.env._(
                        "%(customer)s: not mailed, it has no e-mail address. Print it, or enter one.", customer=customer.display_name
                    )
                )
                continue
            mine._kehu_mail(template, contact, self._kehu_report())
            lines.append(
                self.env._(
                    "%(customer)s: mailed to %(email)s.", customer=customer.display_name, email=contact.email_normalized or contact.email
                )
            )
        # sudo: kehu.statement - one's own wizard; its result is told by the program alone
        self.sudo().result = "\n".join(lines)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Statements of Account"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }


class KehuStatementSheet(models.TransientModel):
    """The account of one customer in one currency over a period, read from the ledger each time it is looked at."""

    _name = "kehu.statement.sheet"
    _description = "Statement of Account of a Customer"

    statement_id = fields.Many2one("kehu.statement", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="statement_id.company_id")
    date_from = fields.Date(related="statement_id.date_from")
    date_to = fields.Date(related="statement_id.date_to")
    opening = fields.Monetary(string="Opening Balance", compute="_compute_account")
    debit = fields.Monetary(string="Charged", compute="_compute_account", help="Invoices and everything else that raised the debt.")
    credit = fields.Monetary(
        string="Settled", compute="_compute_account", help="Receipts, credit notes and everything else that lowered it."
    )
    closing = fields.Monetary(string="Closing Balance", compute="_compute_account", help="Positive: the customer owes us.")
    due_current = fields.Monetary(string="Not Due Yet", compute="_compute_account")
    due_1_30 = fields.Monetary(string="1-30 Days", compute="_compute_account")
    due_31_60 = fields.Monetary(string="31-60 Days", compute="_compute_account")
    due_61_90 = fields.Monetary(string="61-90 Days", compute="_compute_account")
    due_over_90 = fields.Monetary(string="Over 90 Days", compute="_compute_account")
    unused = fields.Monetary(
        string="Credit Not Used", compute="_compute_account", help="Advances and credit notes not matched with anything."
    )

    @api.depends("partner_id", "currency_id", "statement_id.company_id", "statement_id.date_from", "statement_id.date_to")
    @api.depends_context("uid")
    def _compute_account(self):
        accounts = self._kehu_accounts()
        for sheet in self:
            account = accounts.get(sheet, {})
            amounts = [amount for *_facts, amount in account.get("entries", ())]
            sheet.opening, sheet.closing = account.get("opening", 0.0), account.get("closing", 0.0)
            sheet.debit = sum(amount for amount in amounts if amount > 0)
            sheet.credit = -sum(amount for amount in amounts if amount < 0)
            for key in AGES:
                sheet[key] = account.get("ages", {}).get(key, 0.0)

    def _kehu_accounts(self):
        """{sheet: its account, see ``res.partner._kehu_account``}; nothing where the dates are missing

        :raises AccessError: for a customer whose account the person may not see
        """
        found = {}
        complete = self.filtered(lambda sheet: sheet.partner_id and sheet.company_id and sheet.date_from and sheet.date_to)
        for (company, first, last), sheets in complete.grouped(lambda sheet: (sheet.company_id, sheet.date_from, sheet.date_to)).items():
            customers = sheets.partner_id._origin
            customers._kehu_check_may_see_account()
            # sudo: account.move.line - the customer's account, for those who look after it
            accounts = customers.sudo()._kehu_account(company._origin, first, last)
            for sheet in sheets:
                found[sheet] = accounts.get((sheet.partner_id._origin.id, sheet.currency_id._origin.id), {})
        return found

    @api.depends("partner_id", "currency_id")
    def _compute_display_name(self):
        for sheet in self:
            sheet.display_name = f"{sheet.partner_id.display_name} ({sheet.currency_id.name})"

    # ------------------------------------------------------------------
    # Mail
    # ------------------------------------------------------------------

    def _kehu_mail(self, template, contact, report):
        """Mail these sheets of one customer to a contact of it."""
        customer = self.partner_id
        lang = contact.lang or customer.lang or self.env.lang
        files = []
        for sheet in self:
            content, kind = self.env["ir.actions.report"]._render_qweb_pdf(report, sheet.ids)
            files.append((f"{sheet.with_context(lang=lang)._kehu_print_name()}.{kind}", content))
        if len(files) > 1 and all(name.endswith(".pdf") for name, _content in files):
            files = [(files[0][0], merge_pdf([content for _name, content in files]))]
        # sudo: mail.template, ir.attachment - the house's letter, to a customer that the person looks after
        letter = template.sudo().with_context(
            lang=lang,
            kehu_first=format_date(self.env, self[0].date_from, lang_code=lang),
            kehu_last=format_date(self.env, self[0].date_to, lang_code=lang),
            kehu_company=self[0].company_id.name,
        )
        log = self.env["kehu.statement.letter"]._kehu_log(customer, self[0].company_id, self[0].date_from, self[0].date_to, contact)
        attachments = self.env["ir.attachment"].sudo()  # sudo: see above
        attachments = attachments.create(
            [{"name": name, "raw": content, "res_model": log._name, "res_id": log.id} for name, content in files]
        )
        letter.send_mail(
            customer.id,
            email_values={
                # in the log: all who see the customer see its messages
                "model": log._name,
                "res_id": log.id,
                "recipient_ids": [Command.set(contact.ids)],
                "email_to": False,
                "email_from": self[0].company_id.email_formatted or self.env.user.email_formatted,
                "author_id": self.env.user.partner_id.id,
                "attachment_ids": [Command.link(attachment.id) for attachment in attachments],
            },
        )
