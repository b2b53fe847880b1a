import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { panelRegistry } from "../panel_registry";
import { CustomersPanel, RowsPanel } from "../panel_helpers";

export class SchedulePanel extends RowsPanel {
    static template = "kehu_crm.SchedulePanel";
    static empty = _t("Nothing is planned for today. Log a contact with a next date, or make an entry in the schedule.");
    static all = { action: "kehu_crm.calendar_event_action_kehu_schedule" };

    get figures() {
        const { overdue } = this.props.data;
        return overdue ? [{ text: _t("%s overdue", overdue), danger: true }] : [];
    }

    when(row) {
        if (!row.is_today) {
            return this.dayText(row.allday ? row.start_date : deserializeDateTime(row.start).toISODate());
        }
        return row.allday ? _t("All day") : deserializeDateTime(row.start).toLocaleString(luxon.DateTime.TIME_SIMPLE);
    }

    async complete(row, text) {
        await this.props.act(() => this.orm.call("calendar.event", "kehu_complete", [[row.id], text]));
        this.close();
    }

    completeInDialog(row) {
        this.close();
        return this.openDialog("calendar.event", "action_kehu_complete", row.id, CustomersPanel.panels);
    }

    completeLabel(row) {
        return _t("Complete “%s”", row.name);
    }
}

export class ContactsPanel extends CustomersPanel {
    static empty = _t("Nobody waits for your call this week. Look into the contact plan for those who come later.");
    static all = { action: "kehu_crm.kehu_contact_plan_action", context: { search_default_mine: 1 } };

    fact(row) {
        return { text: this.dayText(row.kehu_next_contact), danger: this.isPast(row.kehu_next_contact) };
    }

    get figures() {
        const { overdue, today, week } = this.props.data;
        return [
            ...(overdue ? [{ text: _t("%s overdue", overdue), danger: true }] : []),
            { text: _t("%s today", today) },
            { text: _t("%s later this week", week) },
        ];
    }
}

export class NewCustomersPanel extends CustomersPanel {
    static empty = _t("You have spoken with all your customers. Claim the next ones from the pool.");
    static all = { action: "kehu_crm.kehu_customer_action", context: { search_default_mine: 1, search_default_never: 1 } };

    fact(row) {
        return { text: row.kehu_assigned_on ? _t("yours since %s", this.momentText(row.kehu_assigned_on)) : "" };
    }
}

export class FallingPanel extends CustomersPanel {
    static empty = _t("No customer of yours goes back to the pool within two weeks.");
    static all = { action: "kehu_crm.kehu_customer_action_falling", context: { search_default_mine: 1 } };

    fact(row) {
        return { text: _t("back to the pool %s", this.dayText(row.kehu_fall_on)), danger: true };
    }

    hint(row) {
        return row.hint;
    }

    get figures() {
        const { week } = this.props.data;
        return week ? [{ text: _t("%s within a week", week), danger: true }] : [];
    }
}

panelRegistry.add("schedule", SchedulePanel);
panelRegistry.add("contacts", ContactsPanel);
panelRegistry.add("new_customers", NewCustomersPanel);
panelRegistry.add("falling", FallingPanel);
