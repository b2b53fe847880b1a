import { Component, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { KehuReportFigures } from "./report_figures";

const QUESTION = ["name", "source", "domain", "period", "row", "column", "measures", "chart", "sort", "most"];
const WAIT = 300; // milliseconds after a change

const NOTHING = { groups: [], measures: [], units: [] };

/** What rows or columns tell apart: a field of the source, of dates with a step. */
export class KehuReportGroup extends Component {
    static template = "kehu_crm.ReportGroup";
    static props = { ...standardFieldProps };

    get choices() {
        return this.props.record.data.choices || NOTHING;
    }

    get chosen() {
        const [name, unit] = (this.props.record.data[this.props.name] || "").split(":");
        return { name, unit, group: this.choices.groups.find((group) => group.name === name) };
    }

    get text() {
        const { name, unit, group } = this.chosen;
        const step = this.choices.units.find((one) => one.name === unit);
        return [group?.label || name, step?.label].filter(Boolean).join(" ");
    }

    get isRequired() {
        return this.props.name === "row";
    }

    update(name, unit) {
        const group = this.choices.groups.find((one) => one.name === name);
        const value = group?.time ? `${name}:${unit || "month"}` : name || false;
        return this.props.record.update({ [this.props.name]: value });
    }
}

registry.category("fields").add("kehu_report_group", { component: KehuReportGroup, supportedTypes: ["char"] });

/** The figures of a report: the first is drawn, the others stand in the table. */
export class KehuReportMeasures extends Component {
    static template = "kehu_crm.ReportMeasures";
    static props = { ...standardFieldProps };

    get names() {
        const value = this.props.record.data[this.props.name];
        return Array.isArray(value) ? value : [];
    }

    get chosen() {
        const known = this.choices;
        return this.names.map((name) => known.find((one) => one.name === name) || { name, label: name });
    }

    get choices() {
        return (this.props.record.data.choices || NOTHING).measures;
    }

    get others() {
        return this.choices.filter((one) => !this.names.includes(one.name));
    }

    update(names) {
        return this.props.record.update({ [this.props.name]: names });
    }

    add(ev) {
        const name = ev.target.value;
        ev.target.value = "";
        return name && this.update([...this.names, name]);
    }

    remove(name) {
        return this.update(this.names.filter((one) => one !== name));
    }

    first(name) {
        return this.update([name, ...this.names.filter((one) => one !== name)]);
    }
}

registry.category("fields").add("kehu_report_measures", { component: KehuReportMeasures, supportedTypes: ["json"] });

/** What the form describes, worked out while it is being written. */
export class KehuReportPreview extends Component {
    static template = "kehu_crm.ReportPreview";
    static components = { KehuReportFigures };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ figures: null, error: "", busy: true });
        this.loadSoon = useDebounced(() => this.load(), WAIT);
        this.asked = "";
        useRecordObserver((record) => {
            const question = Object.fromEntries(QUESTION.map((name) => [name, record.data[name]]));
            const text = JSON.stringify(question);
            if (text !== this.asked) {
                this.asked = text;
                this.state.busy = true;
                this.loadSoon();
            }
        });
        onWillUnmount(() => (this.isGone = true));
    }

    async load() {
        let answer;
        try {
            answer = await this.keepLast.add(this.orm.silent.call("kehu.report", "get_figures", [JSON.parse(this.asked)]));
        } catch {
            answer = { error: _t("This report could not be loaded.") };
        }
        if (!this.isGone) {
            Object.assign(this.state, { busy: false, error: answer.error || "", figures: answer.error ? null : answer });
        }
    }
}

registry.category("view_widgets").add("kehu_report_preview", { component: KehuReportPreview });
