import { useDiscussSystray } from "@mail/utils/common/hooks";
import { RelativeTime } from "@mail/core/common/relative_time";
import { Component, useEffect, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** The bell of approvers: what waits for them, the latest five, and the way to all. */
export class WaitingMenu extends Component {
    static components = { Dropdown, RelativeTime };
    static props = [];
    static template = "kehu_crm.WaitingMenu";

    setup() {
        this.systray = useDiscussSystray();
        this.action = useService("action");
        this.orm = useService("orm");
        this.waiting = useService("kehu_crm.waiting");
        this.dropdown = useDropdownState();
        this.number = useState(this.waiting.state);
        this.state = useState({ requests: [] });
        // an open list follows the number
        useEffect(
            () => {
                if (this.dropdown.isOpen) {
                    this.load();
                }
            },
            () => [this.number.count]
        );
    }

    get badge() {
        return this.number.count > 99 ? "99+" : `${this.number.count}`;
    }

    async load() {
        const requests = await this.waiting.latest();
        const now = luxon.DateTime.now();
        this.state.requests = requests.map((request) => {
            const due = request.due && deserializeDateTime(request.due);
            return { ...request, since: deserializeDateTime(request.since), due, isLate: Boolean(due && due < now) };
        });
    }

    dueText(request) {
        return _t("due %s", request.due.toRelative());
    }

    async openDocument(request) {
        this.dropdown.close();
        const action = await this.orm.call("kehu.approval.request", "action_open_document", [[request.id]]);
        await this.action.doAction(action);
    }

    openAll() {
        this.dropdown.close();
        this.action.doAction("kehu_crm.kehu_approval_request_action_decide", { clearBreadcrumbs: true });
    }
}

registry.category("systray").add("kehu_crm.waiting_menu", { Component: WaitingMenu }, { sequence: 22 });
