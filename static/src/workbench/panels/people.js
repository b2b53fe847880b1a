import { _t } from "@web/core/l10n/translation";
import { panelRegistry } from "../panel_registry";
import { CustomersPanel, RowsPanel } from "../panel_helpers";

export class NoticesPanel extends RowsPanel {
    static template = "kehu_crm.NoticesPanel";
    static empty = _t("No notice for you today. Administrators write them under Configuration, Notices.");

    async read(row) {
        this.close();
        await this.props.act(() => this.orm.call("kehu.notice", "kehu_mark_read", [[row.id]]));
    }
}

export class BirthdaysPanel extends CustomersPanel {
    static empty = _t("No birthday within a week. Enter birthdays on your contacts to be told in time.");
    static all = { action: "kehu_crm.kehu_contact_action", context: { search_default_mine: 1 } };

    fact(row) {
        return { text: [this.dayText(row.day), row.customer].filter(Boolean).join(" · ") };
    }

    canContact(row) {
        return row.can_contact;
    }
}

export class RecentPanel extends CustomersPanel {
    static empty = _t("You have opened no customer yet. The cards that you open appear here, for you alone.");

    fact(row) {
        return { text: this.momentText(row.date) };
    }

    canContact(row) {
        return row.can_contact;
    }
}

export class ClaimPanel extends RowsPanel {
    static template = "kehu_crm.ClaimPanel";
    static empty = _t("No customer waits in your pools. Customers that fall back, or are returned, appear here.");
    static all = { action: "kehu_crm.kehu_pool_customer_action" };

    fact(row) {
        const last = row.last ? _t("last contact %s", this.dayText(row.last)) : _t("never contacted");
        return [row.place, row.pool, last].filter(Boolean).join(" · ");
    }

    async claim(row) {
        await this.props.act(async () => {
            await this.orm.call("res.partner", "kehu_claim", [[row.id]]);
            this.notification.add(_t("%s is yours now.", row.name), { type: "success" });
        }, CustomersPanel.panels);
    }

    claimLabel(row) {
        return _t("Claim %s", row.name);
    }
}

panelRegistry.add("notices", NoticesPanel);
panelRegistry.add("birthdays", BirthdaysPanel);
panelRegistry.add("recent", RecentPanel);
panelRegistry.add("claim", ClaimPanel);
