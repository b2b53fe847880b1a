import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { downloadFile } from "@web/core/network/download";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { KehuReportFigures } from "./report_figures";

const FIRST_YEAR = 1970; // days before are refused: a year that is still being typed, as 0020

const PRESETS = {
    "": _t("Period of the Report"),
    this_month: _t("This Month"),
    last_month: _t("Last Month"),
    this_quarter: _t("This Quarter"),
    last_quarter: _t("Last Quarter"),
    this_year: _t("This Year"),
    last_year: _t("Last Year"),
    last_12_months: _t("Last 12 Months"),
    all: _t("All Time"),
    custom: _t("From … to …"),
};

/** A report, or a page of several: each loads, and fails, on its own; the conditions at the top are common to all. */
export class KehuReportScreen extends Component {
    static template = "kehu_crm.ReportScreen";
    static components = { KehuReportFigures, Layout, MultiRecordSelector };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.model = this.props.action.params.model;
        this.id = this.props.action.context.active_id;
        this.display = { controlPanel: {} };
        this.presets = Object.entries(PRESETS);
        this.state = useState({ setup: null, failure: "", conditions: {}, items: [] });
        useSetupAction({ getLocalState: () => ({ conditions: this.state.conditions }) });
        onWillStart(async () => {
            try {
                this.state.setup = await this.orm.call(this.model, "get_screen", [this.id]);
            } catch (error) {
                this.state.failure = error.data?.message || error.message;
                return;
            }
            const { setup } = this.state;
            this.env.config.setDisplayName(setup.title);
            this.props.updateActionState?.({ active_id: this.id });
            this.state.conditions = this.props.state?.conditions || (setup.preset ? { preset: setup.preset } : {});
            this.state.items = setup.items.map((item) => ({ ...item, figures: null, error: "", busy: true, latest: new KeepLast() }));
            this.loadAll(); // the page stands at once and fills
        });
    }

    loadAll() {
        return Promise.all(this.state.items.map((item) => this.load(item)));
    }

    async load(item) {
        Object.assign(item, { busy: true, error: "" });
        let answer;
        try {
            answer = await item.latest.add(this.orm.silent.call("kehu.report", "get_figures", [item.report_id, this.state.conditions]));
        } catch {
            answer = { error: _t("This report could not be loaded.") };
        }
        Object.assign(item, { busy: false, figures: answer.error ? null : answer, error: answer.error || "" });
    }

    get notSeen() {
        return _t("Not shared with you");
    }

    get isPage() {
        return this.model === "kehu.report.page";
    }

    setCondition(name, value) {
        const conditions = { ...this.state.conditions, [name]: value };
        if (!value || (Array.isArray(value) && !value.length)) {
            delete conditions[name];
        }
        if (name === "preset" && value !== "custom") {
            delete conditions.date_from;
            delete conditions.date_to;
        }
        this.state.conditions = conditions;
        return this.loadAll();
    }

    setDay(name, value) {
        if (!value || Number(value.slice(0, value.indexOf("-"))) >= FIRST_YEAR) {
            return this.setCondition(name, value);
        }
    }

    async open(item, row, column) {
        const action = await this.orm.call("kehu.report", "get_records", [item.report_id, this.state.conditions, row, column]);
        return this.action.doAction(action);
    }

    async openView(item, kind) {
        return this.action.doAction(await this.orm.call("kehu.report", "get_view_action", [item.report_id, this.state.conditions, kind]));
    }

    edit(model, id) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: model, res_id: id, views: [[false, "form"]] });
    }

    async copy() {
        const [id] = await this.orm.call(this.model, "copy", [[this.id]]);
        return this.edit(this.model, id);
    }

    async download(method) {
        const file = await this.orm.call(this.model, method, [this.id, this.state.conditions]);
        const bytes = Uint8Array.from(atob(file.content), (letter) => letter.charCodeAt(0));
        downloadFile(new Blob([bytes], { type: file.mimetype }), file.filename, file.mimetype);
    }
}

registry.category("actions").add("kehu_crm.report", KehuReportScreen);
