import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { makeContext } from "@web/core/context";
import { evaluateBooleanExpr } from "@web/core/py_js/py";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { View } from "@web/views/view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A list on a tab of a form, read when the tab is opened and not before: the form itself stays fast, however many tabs it has and however
 * many rows they hold.
 *
 *     <widget name="kehu_tab_list" model="kehu.contact.record" list="%(view id)d" domain="[('partner_id', '=', id)]"/>
 *
 * - model, list: the model, and the id of its list view; that view's `limit` says how many rows are shown
 * - cards: id of the kanban view that shows the rows on a phone, where a table would be cut off
 * - domain, context: evaluated with the record of the form; `id` is its id
 * - source: instead of a domain, name of a method of the form's record that returns an action with the domain and opens all rows
 * - no_open: the rows are read here and cannot be opened
 * - form: id of the form view that a row opens, and that the button opens as a dialog
 * - watch: fields of the form, separated by commas; when one changes, the list is read again
 * - all: name of a method of the form's record that opens all rows
 * - string, create: text of the button that adds a row, and when it is there
 */
export class KehuTabList extends Component {
    static template = "kehu_crm.TabList";
    static components = { View };
    static props = {
        ...standardWidgetProps,
        model: { type: String },
        list: { type: Number },
        cards: { type: Number, optional: true },
        domain: { type: String, optional: true },
        source: { type: String, optional: true },
        context: { type: String, optional: true },
        form: { type: Number, optional: true },
        noOpen: { type: Boolean, optional: true },
        watch: { type: String, optional: true },
        all: { type: String, optional: true },
        label: { type: String, optional: true },
        create: { type: String, optional: true },
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ round: 0 });
        onWillStart(() => this.ask(this.props));
        onWillUpdateProps((nextProps) => this.ask(nextProps));
    }

    /** Ask the server which rows there are, where only it can tell. */
    async ask({ record, source }) {
        if (source && record.resId && this.asked !== record.resId) {
            this.asked = record.resId;
            const action = await this.orm.call(record.resModel, source, [[record.resId]]);
            this.answer = action.domain;
        }
    }

    /** What the list is drawn again for: another record, a change of a watched field, or a row that was added. */
    get key() {
        const { record, watch } = this.props;
        const watched = (watch || "").split(",").map((name) => {
            const value = record.data[name.trim()];
            return value && value.id ? value.id : String(value);
        });
        return [record.resId, this.state.round, ...watched].join("-");
    }

    get context() {
        const { record, context } = this.props;
        return makeContext([context || "{}"], record.evalContext);
    }

    get viewProps() {
        const { record, model, list, cards, domain } = this.props;
        const [viewId, type] = this.env.isSmall && cards ? [cards, "kanban"] : [list, "list"];
        return {
            resModel: model,
            type,
            viewId,
            views: [[viewId, type]],
            domain: domain ? new Domain(domain).toList(record.evalContext) : this.answer || [[0, "=", 1]],
            context: this.context,
            display: { controlPanel: false },
            ...(type === "list" ? { allowSelectors: false } : {}),
            selectRecord: (resId) => this.openRow(resId),
            createRecord: () => this.addRow(),
        };
    }

    get mayCreate() {
        const { record, create } = this.props;
        return this.props.label && evaluateBooleanExpr(create || "True", record.evalContext);
    }

    openRow(resId) {
        if (this.props.noOpen) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: this.props.model,
            views: [[this.props.form || false, "form"]],
            res_id: resId,
        });
    }

    addRow() {
        if (!this.mayCreate) {
            return;
        }
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: this.props.label,
                res_model: this.props.model,
                views: [[this.props.form || false, "form"]],
                target: "new",
                context: this.context,
            },
            { onClose: () => this.state.round++ }
        );
    }

    openAll() {
        const { record, all, source } = this.props;
        return this.action.doActionButton({
            type: "object",
            name: all || source,
            resModel: record.resModel,
            resId: record.resId,
            resIds: [record.resId],
            context: record.context,
        });
    }
}

const number = (value) => (value ? parseInt(value, 10) : undefined);

export const kehuTabList = {
    component: KehuTabList,
    extractProps: ({ attrs }) => ({
        model: attrs.model,
        list: number(attrs.list),
        cards: number(attrs.cards),
        domain: attrs.domain,
        source: attrs.source,
        context: attrs.context,
        form: number(attrs.form),
        noOpen: Boolean(attrs.no_open),
        watch: attrs.watch,
        all: attrs.all,
        label: attrs.string,
        create: attrs.create,
    }),
};

registry.category("view_widgets").add("kehu_tab_list", kehuTabList);
