import { _t } from "@web/core/l10n/translation";
import { panelRegistry } from "../panel_registry";
import { RowsPanel } from "../panel_helpers";

export class TargetsPanel extends RowsPanel {
    static template = "kehu_crm.TargetsPanel";
    static empty = _t("You have no target for today. Your manager sets them under Targets.");
    static all = { action: "kehu_crm.kehu_target_action", context: { search_default_mine: 1, search_default_current: 1 } };

    get figures() {
        const { behind } = this.props.data;
        return behind ? [{ text: _t("%s behind", behind), danger: true }] : [];
    }

    width(share) {
        return `width: ${Math.max(0, Math.min(100, share))}%`;
    }

    pace(row) {
        if (row.status === "reached" || !row.pace_needed) {
            return row.label;
        }
        return _t("%(pace)s needed on each of %(days)s working days", {
            pace: this.figureText(row.pace_needed, row.currency_id),
            days: row.days_left,
        });
    }
}

export class ReceivablesPanel extends RowsPanel {
    static template = "kehu_crm.ReceivablesPanel";
    static empty = _t("Nothing is overdue, and nothing falls due within a week.");
    static all = { action: "kehu_crm.kehu_receivable_action", context: { search_default_open: 1 } };

    get figures() {
        const { amount, currency_id, soon } = this.props.data;
        return [
            ...(amount ? [{ text: _t("%s overdue", this.figureText(amount, currency_id)), danger: true }] : []),
            ...(soon ? [{ text: _t("%s more due within a week", soon) }] : []),
        ];
    }

    fact(row) {
        return row.days_overdue ? _t("%s days overdue", row.days_overdue) : _t("due %s", this.dayText(row.date_due));
    }

    receive(row) {
        return this.openDialog("kehu.receivable", "action_receive", row.id, ["receivables", "targets"]);
    }

    receiveLabel(row) {
        return _t("Enter a receipt for %s", row.order);
    }
}

panelRegistry.add("targets", TargetsPanel);
panelRegistry.add("receivables", ReceivablesPanel);
