import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { panelRegistry } from "../panel_registry";
import { RowsPanel } from "../panel_helpers";

/** Open a list of records that a figure stands for. */
function openList(action, name, model, domain) {
    return action.doAction({
        type: "ir.actions.act_window",
        name,
        res_model: model,
        domain,
        views: [
            [false, "list"],
            [false, "form"],
        ],
    });
}

const OPEN_DEALS = [
    ["type", "=", "opportunity"],
    ["won_status", "=", "pending"],
];

export class InstalmentsPanel extends RowsPanel {
    static template = "kehu_crm.InstalmentsPanel";
    static empty = _t("No instalment is overdue, and none falls due within a week. Plans of payment are made on orders and contracts.");
    static all = { action: "kehu_crm.kehu_instalment_action", context: { search_default_open: 1 } };

    get figures() {
        const { soon } = this.props.data;
        return soon ? [{ text: _t("%s more due within a week", soon) }] : [];
    }

    fact(row) {
        return row.days_overdue ? _t("%s days overdue", row.days_overdue) : _t("due %s", this.dayText(row.date_due));
    }

    about(row) {
        return [row.document, row.name].filter(Boolean).join(" · ");
    }

    receive(row) {
        return this.openDialog("kehu.instalment", "action_receive", row.id, ["instalments", "receivables", "targets"]);
    }

    receiveLabel(row) {
        return _t("Enter a receipt for %s", this.about(row));
    }
}

export class FunnelPanel extends RowsPanel {
    static template = "kehu_crm.FunnelPanel";
    static empty = _t("You have no open opportunity. Make one on the card of a customer.");
    static all = { action: "crm.crm_lead_action_pipeline" };

    get figures() {
        const { amount, weighted, currency_id } = this.props.data;
        return [
            { text: _t("%s in all", this.figureText(amount, currency_id)) },
            ...(weighted ? [{ text: _t("%s by probability", this.figureText(weighted, currency_id)) }] : []),
        ];
    }

    openStage(row) {
        return openList(this.action, row.name, "crm.lead", [...OPEN_DEALS, ["user_id", "=", user.userId], ["stage_id", "=", row.id]]);
    }
}

export class DealsPanel extends RowsPanel {
    static template = "kehu_crm.DealsPanel";
    static empty = _t("No open opportunity has an expected amount. Enter it on the opportunity.");
    static all = { action: "crm.crm_lead_action_pipeline" };

    fact(row) {
        const parts = [row.stage, row.salesperson, row.probability ? `${Math.round(row.probability)} %` : ""];
        return parts.filter(Boolean).join(" · ");
    }

    contact(row) {
        return this.openDialog("res.partner", "action_kehu_contact", row.customer_id, ["deals", "contacts", "schedule"]);
    }

    contactLabel(row) {
        return _t("Log a contact with %s", row.customer);
    }
}

export class RankingPanel extends RowsPanel {
    static template = "kehu_crm.RankingPanel";
    static empty = _t("Nobody of those you see has sold anything this month. Confirmed orders appear here.");
    static all = { action: "kehu_crm.kehu_analysis_action_sales_ranking" };

    get figures() {
        const { amount, before, currency_id, place, people } = this.props.data;
        return [
            ...(place ? [{ text: _t("Place %(place)s of %(people)s", { place, people }) }] : []),
            { text: _t("%s this month", this.figureText(amount, currency_id)) },
            { text: _t("%s by this day last month", this.figureText(before, currency_id)) },
        ];
    }

    openOrders(row) {
        const month = luxon.DateTime.local().startOf("month").toUTC().toFormat("yyyy-MM-dd HH:mm:ss");
        const domain = [
            ["state", "=", "sale"],
            ["user_id", "=", row.id],
            ["date_order", ">=", month],
        ];
        return openList(this.action, row.name, "sale.order", domain);
    }
}

export class TeamPanel extends RowsPanel {
    static template = "kehu_crm.TeamPanel";
    static empty = _t("Nobody whom you manage has customers yet. Assign some from the pool.");

    get figures() {
        const { late, contacts } = this.props.data;
        return [
            ...(late ? [{ text: _t("%s customers overdue for contact", late), danger: true }] : []),
            { text: _t("%s contacts this week", contacts) },
        ];
    }

    openLate(row) {
        const today = luxon.DateTime.local().toISODate();
        return openList(this.action, row.name, "res.partner", [
            ["kehu_is_customer", "=", true],
            ["user_id", "=", row.id],
            ["kehu_next_contact", "<", today],
        ]);
    }

    openDeals(row) {
        return openList(this.action, row.name, "crm.lead", [...OPEN_DEALS, ["user_id", "=", row.id]]);
    }

    openContacts(row) {
        const monday = luxon.DateTime.local().startOf("week").toISODate();
        return openList(this.action, row.name, "kehu.contact.record", [
            ["user_id", "=", row.id],
            ["date", ">=", monday],
        ]);
    }
}

panelRegistry.add("instalments", InstalmentsPanel);
panelRegistry.add("funnel", FunnelPanel);
panelRegistry.add("deals", DealsPanel);
panelRegistry.add("ranking", RankingPanel);
panelRegistry.add("team", TeamPanel);
