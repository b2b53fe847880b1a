import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** The public search: one box, and a list of the customers that the policy shows, whoever owns them. Nothing of it is stored. */
export class KehuLookup extends Component {
    static template = "kehu_crm.Lookup";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.input = useRef("autofocus");
        useAutofocus();
        this.display = { controlPanel: {} };
        this.state = useState({ term: "", searched: "", rows: null, refusal: "", busy: false, setup: {}, claiming: false });
        onWillStart(() => this.loadSetup());
    }

    async loadSetup() {
        this.state.setup = await this.orm.call("res.partner", "kehu_public_search_setup", []);
    }

    /** The list was cut off, or is just as long; which of both is not told. */
    get isFull() {
        return this.state.rows.length >= this.state.setup.max_hits;
    }

    get isUsedUp() {
        return this.state.setup.left === 0;
    }

    get fullText() {
        return _t("The first %s customers are shown. Type more of the name to find others.", this.state.setup.max_hits);
    }

    get leftText() {
        return _t("%s searches left today", this.state.setup.left);
    }

    get nobodyText() {
        return _t("Nobody like “%s” is known", this.state.searched);
    }

    heldText(row) {
        if (row.held === "owned") {
            return row.owner ? _t("Held by %s", row.owner) : _t("Held by a colleague");
        }
        return row.pool ? _t("In the pool “%s”", row.pool) : _t("In a pool");
    }

    async search() {
        const term = this.state.term.trim();
        if (!term || this.state.busy) {
            return;
        }
        this.state.busy = true;
        this.state.refusal = "";
        try {
            this.state.rows = await this.orm.call("res.partner", "kehu_public_search", [{ term }]);
            this.state.searched = term;
            if (this.state.setup.left) {
                this.state.setup.left -= 1;
            }
        } catch (error) {
            // a refusal of ours is one line under the box, not a dialog
            if (!(error instanceof RPCError) || !error.data?.context?.kehu_refusal) {
                throw error;
            }
            this.state.rows = null;
            this.state.refusal = error.data.message;
        } finally {
            this.state.busy = false;
            this.input.el?.focus();
        }
    }

    async claim(row) {
        if (this.state.claiming) {
            return;
        }
        this.state.claiming = true;
        try {
            await this.orm.call("res.partner", "kehu_claim", [[row.id]]);
            row.claimable = false;
            row.mine = true;
            this.notification.add(_t("“%s” is yours now.", row.name), { type: "success" });
        } finally {
            this.state.claiming = false;
        }
    }

    async openCustomer(row) {
        await this.doCustomerAction({ res_id: row.id });
    }

    async createCustomer() {
        const term = this.state.searched;
        const isPhone = /^[\d\s()+.-]{5,}$/.test(term);
        await this.doCustomerAction({}, { [term.includes("@") ? "default_email" : isPhone ? "default_phone" : "default_name"]: term });
    }

    async doCustomerAction(values, context = {}) {
        const action = await this.action.loadAction("kehu_crm.kehu_customer_action");
        const form = action.views.find(([, type]) => type === "form");
        await this.action.doAction(
            { ...action, ...values, views: [form || [false, "form"]] },
            { additionalContext: context }
        );
    }
}

registry.category("actions").add("kehu_crm.lookup", KehuLookup);
