import { Component, useRef, useState, onMounted } from "@odoo/owl";
import { deserializeDate, deserializeDateTime, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";

/** A day as distance from today: "today", "3 days ago". */
export function dayText(text) {
    return text ? deserializeDate(text).toRelativeCalendar({ unit: "days" }) : "";
}

export function isPast(text) {
    return Boolean(text) && deserializeDate(text) < luxon.DateTime.local().startOf("day");
}

export function momentText(text) {
    return text ? deserializeDateTime(text).toRelative() : "";
}

export function dateText(text) {
    return text ? formatDate(deserializeDate(text)) : "";
}

/** Money in its currency; a number of things without decimals. */
export function figureText(value, currencyId) {
    return currencyId ? formatMonetary(value, { currencyId }) : formatFloat(value, { digits: [16, 0] });
}

/** A box for one text below a row: what was done, an opinion. Escape closes it, Ctrl+Enter sends it. */
export class RowText extends Component {
    static props = {
        label: String,
        confirm: String,
        required: { type: Boolean, optional: true },
        danger: { type: Boolean, optional: true },
        onConfirm: Function,
        onCancel: Function,
        slots: { type: Object, optional: true },
    };
    static template = "kehu_crm.RowText";

    setup() {
        this.state = useState({ text: "", busy: false });
        this.box = useRef("box");
        onMounted(() => this.box.el.focus());
    }

    get isReady() {
        return !this.state.busy && (!this.props.required || Boolean(this.state.text.trim()));
    }

    onKeydown(event) {
        if (event.key === "Escape") {
            event.stopPropagation();
            this.props.onCancel();
        } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            this.confirm();
        }
    }

    async confirm() {
        if (!this.isReady) {
            return;
        }
        this.state.busy = true;
        try {
            await this.props.onConfirm(this.state.text.trim());
        } finally {
            this.state.busy = false;
        }
    }
}

/** What panels with rows have in common: opening records, one box open at a time. */
export class RowsPanel extends Component {
    static props = { data: Object, act: Function };
    static components = { RowText };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.dayText = dayText;
        this.isPast = isPast;
        this.momentText = momentText;
        this.dateText = dateText;
        this.figureText = figureText;
        this.open = useState({ id: false, kind: "" });
    }

    /** Open the box of a row, or close it when it is open. */
    toggle(id, kind) {
        const isOpen = this.open.id === id && this.open.kind === kind;
        Object.assign(this.open, isOpen ? { id: false, kind: "" } : { id, kind });
    }

    isOpen(row, kind) {
        return this.open.id === row.id && this.open.kind === kind;
    }

    close() {
        Object.assign(this.open, { id: false, kind: "" });
    }

    async openRecord(model, id) {
        await this.action.doAction(await this.orm.call(model, "get_formview_action", [[id]]));
    }

    /** Run a method that returns an action, open it as a dialog, and load the panels anew when it is closed. */
    async openDialog(model, method, id, panels) {
        const action = await this.orm.call(model, method, [[id]]);
        await this.action.doAction(action, { onClose: () => this.props.act(async () => {}, panels) });
    }
}

/** Panels of customers: the quick contact record in a dialog. */
export class CustomersPanel extends RowsPanel {
    static template = "kehu_crm.CustomersPanel";
    static panels = ["contacts", "new_customers", "falling", "schedule"];

    contact(row) {
        return this.openDialog("res.partner", "action_kehu_contact", row.id, CustomersPanel.panels);
    }

    /** What the panel says about a customer: {text, danger}. */
    fact(row) {
        return { text: "", danger: false };
    }

    hint(row) {
        return "";
    }

    /** Whether a contact can be logged from this row. */
    canContact(row) {
        return true;
    }

    /** Numbers above the rows: [{text, danger}]. */
    get figures() {
        return [];
    }

    contactLabel(row) {
        return _t("Log a contact with %s", row.name);
    }
}
