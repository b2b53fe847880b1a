import re

from markupsafe import Markup
from odoo import models

CHINESE, ENGLISH = "zh_CN", "en_US"


class KehuPrint(models.AbstractModel):
    """What the templates of the business layout ask for: words in one language or two, addresses, amounts in capitals."""

    _name = "kehu.print"
    _description = "Business Print"

    def _get_words(self):
        """{key: word} for everything printed besides the data, in the language of `self`; another room adds its own by ``super()``."""
        return {
            # titles
            "quote": self.env._("Quotation"),
            "order": self.env._("Sales Order"),
            "opportunity": self.env._("Sales Opportunity"),
            "delivery_note": self.env._("Delivery Note"),
            # parties
            "seller": self.env._("Seller"),
            "buyer": self.env._("Buyer"),
            "address": self.env._("Address"),
            "tax_number": self.env._("Tax No."),
            "bank": self.env._("Bank"),
            "account": self.env._("Account No."),
            "contact": self.env._("Contact"),
            "phone": self.env._("Phone"),
            "email": self.env._("E-mail"),
            # head
            "number": self.env._("No."),
            "date": self.env._("Date"),
            "valid_until": self.env._("Valid until"),
            "reference": self.env._("Your Reference"),
            "salesperson": self.env._("Salesperson"),
            "ship_to": self.env._("Deliver to"),
            # lines
            "product": self.env._("Product"),
            "specification": self.env._("Specification"),
            "unit": self.env._("Unit"),
            "quantity": self.env._("Quantity"),
            "price": self.env._("Unit Price"),
            "discount": self.env._("Disc. %"),
            "tax": self.env._("Tax"),
            "amount": self.env._("Amount"),
            "amount_taxed": self.env._("Amount with Tax"),
            "delivery_date": self.env._("Delivery Date"),
            # totals
            "untaxed": self.env._("Untaxed Amount"),
            "rounding": self.env._("Rounding"),
            "total": self.env._("Total"),
            "in_capitals": self.env._("Total in capitals"),
            # end
            "terms": self.env._("Terms"),
            "payment_terms": self.env._("Payment Terms"),
            "sale_type": self.env._("Sale Type"),
            "delivery_terms": self.env._("Delivery Terms"),
            "seal": self.env._("(company seal)"),
            "signatory": self.env._("Authorised Signature"),
            "signed_on": self.env._("Date of Signature"),
            # opportunity
            "customer": self.env._("Customer"),
            "stage": self.env._("Stage"),
            "probability": self.env._("Probability"),
            "expected_revenue": self.env._("Expected Revenue"),
            "expected_closing": self.env._("Expected Closing"),
            "team": self.env._("Sales Team"),
            "tags": self.env._("Tags"),
            "notes": self.env._("Notes"),
            "quotes": self.env._("Quotes and Orders"),
            "contacts_made": self.env._("Latest Contacts"),
            "content": self.env._("Content"),
            "state": self.env._("State"),
            # delivery note
            "order_number": self.env._("Order No."),
            "ordered": self.env._("Ordered"),
            "shipped_before": self.env._("Shipped before"),
            "shipped_now": self.env._("Shipped now"),
            "still_to_ship": self.env._("Still to ship"),
            "carrier": self.env._("Carrier"),
            "waybill": self.env._("Waybill No."),
            "shipped_by": self.env._("Shipped by"),
            "received_by": self.env._("Received by"),
            "received_on": self.env._("Received on"),
            "remarks": self.env._("Remarks"),
        }

    def _get_print(self, bilingual):
        """Return what a template calls as ``kehu_print``, a :class:`Print` for documents in one language or two."""
        return Print(self, bilingual)

    def _kehu_phone_of(self, partner):
        """Return the phone that is printed of a party; a later room hides it.

        :rtype: str
        """
        return partner.phone or partner.commercial_partner_id.phone or ""


class Print:
    """The helper of one printing; it reads with the rights of who prints."""

    def __init__(self, model, bilingual):
        self.model = model
        self.bilingual = bilingual and bool(model.env["res.lang"]._get_data(code=CHINESE))

    def document(self, record, lang=None):
        """The record in the language in which it is printed: Chinese for two, else ``lang``, or the reader's."""
        return record.with_context(lang=CHINESE if self.bilingual else lang or record.env.lang)

    def words(self, document):
        """{key: Markup} for this document, English below Chinese where both are wanted; "colon" stands behind each of them."""
        words = self.model.with_context(lang=document.env.lang)._get_words()
        if not self.bilingual:
            colon = "：" if (document.env.lang or "").startswith("zh") else ":"
            return {"colon": colon, **{key: Markup("%s") % word for key, word in words.items()}}
        english = self.model.with_context(lang=ENGLISH)._get_words()
        both = {key: Markup('%s <span class="kehu_en">%s</span>') % (word, english[key]) for key, word in words.items()}
        return {"colon": ":", **both}

    def address(self, partner):
        """One line, from the province down for an address in China read in Chinese, else as the country writes it."""
        if (partner.env.lang or "").startswith("zh") and partner.country_id.code in ("CN", False):
            parts = [partner.state_id.name or "", partner.city or "", partner.street or "", partner.street2 or ""]
            if parts[1] and parts[0].startswith(parts[1].removesuffix("市")):
                parts[0] = ""  # 上海市 is province and city
            text = "".join(part for index, part in enumerate(parts) if part and not any(part in other for other in parts[index + 1 :]))
            return f"{text} {partner.zip}" if partner.zip else text
        parts = re.split(r"[,\n]", partner._display_address(without_company=True))
        return ", ".join(part.strip() for part in parts if part.strip())

    def party(self, partner, contact=None, phone=None):
        """What is printed of one side, as {key of a word: text}; what is not known is left to be filled in by hand.

        :param partner: res.partner of the side or a person of it
        :param str contact: name of the person, by default the partner when it is one
        """
        company = partner.commercial_partner_id
        account = company.bank_ids[:1]
        person = partner if partner != company else partner.browse()
        return {
            "address": self.address(partner) or self.address(company),
            "tax_number": company.vat or "",
            "bank": account.bank_id.name or "",
            "account": account.acc_number or "",
            "contact": contact or person.name or "",
            "phone": phone or self.model._kehu_phone_of(partner),
        }

    def place(self, partner, contact=None, phone=None):
        """What of a party tells where goods go: as :meth:`party`, without taxes and bank."""
        facts = self.party(partner, contact=contact, phone=phone)
        return {key: facts[key] for key in ("address", "contact", "phone")}

    def quantity(self, quantity):
        """A quantity with no more decimals than it has: 3, 2.5."""
        return self.model.env["sale.order.line"]._kehu_print_quantity(quantity)

    def capitals(self, currency, amount):
        """See `res.currency._kehu_in_capitals`; nothing for a document that is in English alone."""
        return currency._kehu_in_capitals(amount) if (currency.env.lang or "").startswith("zh") else ""
