import { _t } from "@web/core/l10n/translation";
import { panelRegistry } from "../panel_registry";
import { RowsPanel } from "../panel_helpers";

const REQUEST = "kehu.approval.request";
export const APPROVAL_PANELS = ["orders_to_approve", "receipts_to_approve", "others_to_approve"];

export class ToApprovePanel extends RowsPanel {
    static template = "kehu_crm.ToApprovePanel";
    static empty = _t("Nothing waits for you. Documents that are submitted to you appear here at once.");
    static all = { action: "kehu_crm.kehu_approval_request_action_decide" };

    get figures() {
        const { late } = this.props.data;
        return late ? [{ text: _t("%s past their time limit", late), danger: true }] : [];
    }

    async openDocument(row) {
        await this.action.doAction(await this.orm.call(REQUEST, "action_open_document", [[row.id]]));
    }

    async decide(row, result, text) {
        await this.props.act(async () => {
            const outcome = await this.orm.call(REQUEST, "kehu_decide", [[row.id], result, text || false]);
            for (const refused of outcome.refused) {
                this.notification.add(refused.reason, { title: refused.name, type: "danger", sticky: true });
            }
        }, [...APPROVAL_PANELS, "applications"]);
        this.close();
    }

    approveLabel(row) {
        return _t("Approve %s", row.name);
    }

    rejectLabel(row) {
        return _t("Reject %s", row.name);
    }
}

export class ApplicationsPanel extends RowsPanel {
    static template = "kehu_crm.ApplicationsPanel";
    static empty = _t("Nothing of yours is under way. Submit an order or a receipt, and follow it here.");
    static all = { action: "kehu_crm.kehu_approval_request_action_my" };

    get figures() {
        const { rejected } = this.props.data;
        return rejected ? [{ text: _t("%s rejected this week", rejected), danger: true }] : [];
    }

    async openDocument(row) {
        await this.action.doAction(await this.orm.call(REQUEST, "action_open_document", [[row.id]]));
    }

    fact(row) {
        const when = this.momentText(row.since);
        return row.waiting_for ? _t("waiting for %(names)s, %(when)s", { names: row.waiting_for, when }) : when;
    }

    tone(row) {
        return { pending: "text-bg-secondary", approved: "text-bg-success", rejected: "text-bg-danger" }[row.state];
    }
}

panelRegistry.add("orders_to_approve", ToApprovePanel);
panelRegistry.add("receipts_to_approve", ToApprovePanel);
panelRegistry.add("others_to_approve", ToApprovePanel);
panelRegistry.add("applications", ApplicationsPanel);
