import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDateTime, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { figureText } from "./panel_helpers";

/** One sale from the lead to the last money: what was done, how long it took, who has it in hand. */
export class SaleTrail extends Component {
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static template = "kehu_crm.SaleTrail";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.figureText = figureText;
        this.state = useState({ trail: null, error: "", busy: false });
        // after a reload the page knows the sale by its address alone
        const { res_model, res_id } = this.props.action.params || {};
        const kept = this.props.state || {};
        this.model = res_model || kept.model || "crm.lead";
        this.id = res_id || kept.id || false;
        onWillStart(() => this.load());
    }

    /** What happened since is shown at once; when that fails, the page stays and says so above. */
    async load() {
        if (!this.id) {
            this.state.error = _t("Choose a sale: press Course on an opportunity or an order.");
            return;
        }
        this.state.busy = true;
        try {
            this.state.trail = await this.orm.silent.call("kehu.sale.trail", "get_trail", [this.model, this.id]);
            this.state.error = "";
        } catch (error) {
            this.state.error = error.data?.message || _t("The course of the sale could not be loaded.");
        } finally {
            this.state.busy = false;
        }
    }

    daysText(days) {
        return _t("%s days", days);
    }

    dateText(moment) {
        return moment ? formatDate(deserializeDateTime(moment)) : "";
    }

    stateText(step) {
        return { done: _t("done"), now: _t("under way"), open: "", none: _t("not yet") }[step.state];
    }

    holderText(trail) {
        return trail.is_over
            ? _t("Over after %s days", trail.days)
            : _t("%(step)s: in the hands of %(who)s", { step: trail.holding, who: trail.holder || _t("nobody") });
    }

    openDocument(document) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: document.model,
            res_id: document.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("kehu_sale_trail", SaleTrail);
