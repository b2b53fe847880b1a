from datetime import datetime, time

from odoo import api, fields, models

from ..system.engine import is_record_id
from .exceptions import KehuWorkbenchRightsError
from .kehu_workbench import MANAGER

MOST = 20  # documents that a step names
DAY = 86400.0  # seconds


class KehuSaleTrail(models.AbstractModel):
    """One sale from the lead over the last money to the care of the customer on one page: how long each step took, and who has it now.

    Everything is read with the rights of the person who looks: documents that a manager may not see are not named and not counted.
    """

    _name = "kehu.sale.trail"
    _description = "Course of a Sale"

    @api.model
    @api.readonly
    def get_trail(self, res_model, res_id):
        """Return the course of one sale.

        :param str res_model: ``crm.lead``, or ``sale.order`` for a sale without an opportunity; an order of an opportunity leads there
        :param int res_id: its number
        :return: {"name", "customer", "salesperson", "amount", "currency_id", "days": in all, "is_over", "holder": names,
            "holding": title of the step that is under way, False at the end, "steps": [{"name", "title",
            "state": "done", "now" or "none", "since", "until": moments or False, "days", "holder": names or False,
            "documents": [{"model", "id", "name", "date", "note"}]}]}
        :rtype: dict
        :raises KehuWorkbenchRightsError: for everybody but managers, or when the sale is none that they may see
        """
        if not self.env.user.has_group(MANAGER):
            raise KehuWorkbenchRightsError(self.env._("Only managers and directors follow sales. Ask your manager."))
        known = res_model in ("crm.lead", "sale.order") and is_record_id(res_id)
        record = self.env[res_model].browse(res_id).exists() if known else None
        if not record or not record.has_access("read"):
            raise KehuWorkbenchRightsError(self.env._("This sale does not exist any more, or it is not one of those you may see."))
        lead, orders = self._kehu_trail_of(record)
        steps = self._kehu_trail_steps(lead, orders)
        now = fields.Datetime.now()
        end = self._kehu_trail_clock(steps, lead, orders, now)
        current = next((step for step in steps if step["state"] == "now"), None)
        main = orders.filtered(lambda order: order.state == "sale")[:1] or orders[:1]
        begin = min([moment for step in steps if (moment := step["since"])], default=now)
        return {
            "name": lead.name or main.name,
            "customer": self._kehu_trail_customer(lead, main),
            "salesperson": (lead.user_id or main.user_id).name or "",
            "amount": main.amount_total if main else lead.expected_revenue,
            "currency_id": (main.currency_id or self.env.company.currency_id).id,
            "days": round((end - begin).total_seconds() / DAY, 1),
            "is_over": not current,
            "holder": current["holder"] if current else False,
            "holding": current["title"] if current else False,
            "steps": [
                {**step, "since": fields.Datetime.to_string(step["since"]), "until": fields.Datetime.to_string(step["until"])}
                for step in steps
            ],
        }

    @api.model
    def _kehu_trail_customer(self, lead, order):
        # the document is this person's to read; the customer's name stands on it
        partner = (lead.partner_id or order.partner_id).sudo()  # sudo: res.partner - see above
        return partner.commercial_partner_id.name or lead.partner_name or ""

    @api.model
    def _kehu_trail_of(self, record):
        """Return (opportunity, its quotes and orders), as far as this person may see them."""
        # sudo: sale.order - the number of its opportunity, which is looked at with the rights of the person
        opportunity = record if record._name == "crm.lead" else record.sudo().opportunity_id.with_env(self.env)
        lead = opportunity._filtered_access("read")
        if lead:
            return lead, self.env["sale.order"].search([("opportunity_id", "=", lead.id)], order="id", limit=MOST)
        return lead, record

    @api.model
    def _kehu_trail_steps(self, lead, orders):
        """Return the steps in their order, each with the documents in it; moments naive and UTC, days at noon."""
        env = self.env
        live = orders.filtered(lambda order: order.state != "cancel")
        sold = live.filtered(lambda order: order.state == "sale")
        requests = env["kehu.approval.request"].search(
            [("res_model", "=", "sale.order"), ("res_id", "in", orders.ids)], order="date_submitted", limit=MOST
        )
        shipments = env["kehu.shipment"].search([("order_id", "in", sold.ids), ("state", "!=", "cancelled")], order="date, id", limit=MOST)
        # sudo: account.move - on which day the orders that this person sees were invoiced; those not readable are not named
        posted = sold.sudo().invoice_ids.filtered(lambda move: move.state == "posted").sorted("invoice_date")[:MOST]
        moves = posted.with_env(env)._filtered_access("read")
        receipts = env["kehu.receipt"].search(
            [("allocation_ids.order_id", "in", sold.ids), ("state", "in", ("pending", "approved"))], order="date, id", limit=MOST
        )

        def step(name, title, holder, documents, since=False, until=False, done=False):
            return {
                "name": name,
                "title": title,
                "state": "done" if done else "open",
                "since": since,
                "until": until if done else False,
                "days": 0.0,
                "holder": holder or False,
                "documents": documents,
            }

        def noon(day):
            return datetime.combine(day, time(12)) if day else False

        def named(record, moment, note=""):
            text = fields.Datetime.to_string(moment) if moment else False
            return {"model": record._name, "id": record.id, "name": record.display_name, "date": text, "note": note}

        seller = (lead.user_id or live[:1].user_id).name
        first_quote = min(orders.mapped("create_date"), default=False)
        confirmed = min(sold.mapped("date_order"), default=False)
        pending = requests.filtered(lambda request: request.state == "pending")
        labels = dict(env["sale.order"]._fields["state"]._description_selection(env))
        steps = []
        if lead:
            stage = {"pending": lead.stage_id.name, "lost": env._("Opportunity Lost")}.get(lead.won_status, "")
            steps.append(
                step(
                    "opportunity",
                    env._("Opportunity"),
                    seller,
                    [named(lead, lead.create_date, stage or "")],
                    since=lead.create_date,
                    until=first_quote or lead.date_closed or confirmed,
                    done=bool(first_quote) or lead.won_status != "pending",
                )
            )
        steps.append(
            step(
                "quote",
                env._("Quotes"),
                seller,
                [named(order, order.create_date, labels[order.state]) for order in orders],
                since=first_quote,
                until=min(requests.mapped("date_submitted"), default=False) or confirmed,
                done=bool(confirmed or requests),
            )
        )
        if requests:
            states = dict(requests._fields["state"]._description_selection(env))
            # sudo: res.users - names of those who may decide, as the request shows them to everybody who may read it
            deciders = ", ".join(pending.sudo().decider_ids.mapped("name")[:3])
            closed = requests.filtered("date_closed").mapped("date_closed")
            steps.append(
                step(
                    "approval",
                    env._("Approval"),
                    deciders,
                    [named(request, request.date_submitted, states[request.state]) for request in requests],
                    since=requests[:1].date_submitted,
                    until=max(closed, default=False),
                    done=not pending and bool(closed),
                )
            )
        steps.append(
            step("order", env._("Order"), seller, [named(order, order.date_order) for order in sold], until=confirmed, done=bool(confirmed))
        )
        goods = sold.filtered(lambda order: order.kehu_delivery_state)
        if goods or not sold:
            delivered = goods and all(order.kehu_delivery_state in ("delivered", "signed") for order in goods)
            shippers = ", ".join(dict.fromkeys(shipments.user_id.mapped("name"))) or seller
            steps.append(
                step(
                    "delivery",
                    env._("Delivery"),
                    shippers,
                    [named(shipment, noon(shipment.date)) for shipment in shipments],
                    until=noon(max(shipments.mapped("date"), default=False)),
                    done=bool(delivered),
                )
            )
        invoiced = sold and all(order.invoice_status in ("invoiced", "upselling") for order in sold)
        finance = env._("Finance")
        steps.append(
            step(
                "invoice",
                env._("Invoice"),
                finance,
                [named(move, noon(move.invoice_date)) for move in moves],
                until=noon(max(posted.mapped("invoice_date"), default=False)),
                done=bool(invoiced),
            )
        )
        settled = sold and all(order.kehu_receipt_state == "settled" for order in sold)
        steps.append(
            step(
                "receipt",
                env._("Receipt"),
                seller,
                [named(receipt, noon(receipt.date)) for receipt in receipts],
                until=noon(max([day for day in sold.mapped("kehu_last_receipt_date") if day], default=False)),
                done=bool(settled),
            )
        )
        fulfilled = max([*shipments.mapped("date"), *posted.mapped("invoice_date")], default=False)
        care = env["kehu.contact.record"]
        if fulfilled:
            care = care.search([("partner_id", "in", sold.kehu_customer_id.ids), ("date", ">", fulfilled)], order="date, id", limit=MOST)
        steps.append(
            step(
                "service",
                env._("After the Sale"),
                seller,
                [named(record, noon(record.date), record.user_id.name) for record in care],
                since=noon(fulfilled),
                until=noon(care[:1].date),
                done=bool(care),
            )
        )
        return steps

    @api.model
    def _kehu_trail_clock(self, steps, lead, orders, now):
        """Say when each step began and how long it took; the first that is not done is the one under way.

        What comes after the sale is told when somebody has asked; it keeps no sale open.

        :return: the moment at which the sale ended, or ``now``
        """
        over = lead.won_status == "lost" or (bool(orders) and all(order.state == "cancel" for order in orders))
        last, end, current = False, False, False
        for step in steps:
            step["since"] = step["since"] or last
            if step["state"] == "done":
                step["until"] = max([moment for moment in (step["since"], step["until"]) if moment], default=False)
                last = end = step["until"] or last
            elif over or current or not step["since"] or step["name"] == "service":  # nobody waits for the care of a customer
                step["state"] = "none"
                step["since"], step["holder"] = False, False
                continue
            else:
                step["state"] = "now"
                current = True
            if step["since"]:
                step["days"] = round(((step["until"] or now) - step["since"]).total_seconds() / DAY, 1)
        return now if current else end or now


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_kehu_trail(self):
        """Open the course of this sale on one page."""
        return self.env["kehu.workbench"]._kehu_open_trail(self)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_kehu_trail(self):
        """Open the course of this sale on one page."""
        return self.env["kehu.workbench"]._kehu_open_trail(self)


class KehuWorkbench(models.AbstractModel):
    _inherit = "kehu.workbench"

    @api.model
    def _kehu_open_trail(self, record):
        record.ensure_one()
        record.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id("kehu_crm.kehu_sale_trail_action")
        return {**action, "params": {"res_model": record._name, "res_id": record.id}, "name": record.display_name}
