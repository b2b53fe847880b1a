import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { downloadFile } from "@web/core/network/download";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { KehuChinaMap } from "./china_map";

// Okabe and Ito's colours: told apart by people who do not see red or green, and by their lightness on paper
const COLOR = "#0072B2";
const COLOR_BEFORE = "#E69F00";
const MOST_BARS = 20;
const MOST_BESIDE = 8; // columns of a table that stands beside the chart
const FIRST_YEAR = 1970; // days before are refused: a year that is still being typed, as 0020

const PRESETS = {
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
const COMPARISONS = {
    none: _t("No Comparison"),
    last_year: _t("Same Period Last Year"),
    last_period: _t("Period Before"),
};

/** The screen of all analyses: conditions, chart, table, drill. Which analysis it is, says the action that opens it. */
export class KehuAnalysis extends Component {
    static template = "kehu_crm.Analysis";
    static components = { KehuChinaMap, Layout, Dropdown, DropdownItem, MultiRecordSelector };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.canvas = useRef("canvas");
        this.keepLast = new KeepLast();
        this.name = this.props.action.params.analysis;
        this.display = { controlPanel: {} };
        this.presets = Object.entries(PRESETS);
        this.comparisons = Object.entries(COMPARISONS);
        this.state = useState({
            setup: null,
            conditions: {},
            dimension: "",
            measure: "",
            data: null,
            busy: false,
            open: false,
            check: null,
            saving: false,
            saveName: "",
            saveTeam: "",
            spoken: "",
            bars: false, // bars instead of the map
        });
        onWillStart(async () => {
            const [setup] = await Promise.all([
                this.orm.call("kehu.analysis", "get_setup", [this.name]),
                loadBundle("web.chartjs_lib"),
            ]);
            Object.assign(this.state, {
                setup,
                conditions: setup.conditions,
                dimension: setup.dimension,
                measure: setup.measure,
            });
            this.props.updateActionState?.({});
            this.env.config.setDisplayName(setup.title);
            try {
                await this.load();
            } catch {
                // what was used last can no longer be answered: begin anew instead of shutting the person out
                Object.assign(this.state, {
                    conditions: { ...setup.defaults },
                    dimension: setup.dimensions[0].name,
                    measure: setup.measures[0].name,
                });
                await this.load();
            }
        });
        useEffect(
            () => this.drawChart(),
            () => [this.state.data, this.canvas.el]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    // ------------------------------------------------------------
    // Loading
    // ------------------------------------------------------------

    get question() {
        return [this.name, this.state.conditions, this.state.dimension, this.state.measure];
    }

    /** Ask for the figures. When that fails, the conditions go back to those of the figures that stay on the screen. */
    async load() {
        const { conditions, dimension, measure } = this.state;
        this.state.busy = true;
        this.state.check = null;
        try {
            this.state.data = await this.keepLast.add(this.orm.call("kehu.analysis", "get_figures", this.question));
            this.shown = { conditions, dimension, measure };
        } catch (error) {
            Object.assign(this.state, this.shown);
            throw error;
        } finally {
            this.state.busy = false;
        }
    }

    /** Ask again, and remember what was asked for the next time. */
    async change(values) {
        Object.assign(this.state, values);
        await this.load();
        await this.orm.silent.call("kehu.analysis.filter", "keep_last", this.question);
    }

    setCondition(name, value) {
        const conditions = { ...this.state.conditions, [name]: value };
        if (Array.isArray(value) && !value.length) {
            delete conditions[name];
        }
        if (name === "state") {
            delete conditions.city; // cities of another province would find nothing
        }
        if (name === "preset" && value !== "custom") {
            delete conditions.date_from;
            delete conditions.date_to;
        }
        return this.change({ conditions });
    }

    setDay(name, value) {
        if (!value || Number(value.slice(0, value.indexOf("-"))) >= FIRST_YEAR) {
            return this.setCondition(name, value);
        }
    }

    reset() {
        return this.change({ conditions: { ...this.state.setup.defaults } });
    }

    get conditionCount() {
        return this.state.setup.fields.filter((field) => this.state.conditions[field.name]?.length).length;
    }

    fieldDomain(field) {
        const states = this.state.conditions.state;
        return field.name === "city" && states?.length ? [["state_id", "in", states]] : field.domain;
    }

    fieldLabel(field) {
        return _t("Choose: %s", field.label);
    }

    // ------------------------------------------------------------
    // Kept conditions
    // ------------------------------------------------------------

    useKept(kept) {
        return this.change({ conditions: kept.conditions, dimension: kept.dimension, measure: kept.measure });
    }

    async keep() {
        const team = Number(this.state.saveTeam) || false;
        const [name, ...rest] = this.question;
        const kept = await this.orm.call("kehu.analysis.filter", "keep", [name, this.state.saveName, ...rest, team]);
        this.state.setup.filters = kept;
        this.notification.add(_t("“%s” is kept.", this.state.saveName.trim()), { type: "success" });
        Object.assign(this.state, { saving: false, saveName: "", saveTeam: "" });
    }

    async forget(kept) {
        this.state.setup.filters = await this.orm.call("kehu.analysis.filter", "forget", [this.name, kept.id]);
    }

    keptLabel(kept) {
        return kept.own ? kept.name : _t("%(name)s (from %(person)s)", { name: kept.name, person: kept.person });
    }

    // ------------------------------------------------------------
    // Figures
    // ------------------------------------------------------------

    get measure() {
        return this.state.setup.measures.find((measure) => measure.name === this.state.measure);
    }

    get dimension() {
        return this.state.setup.dimensions.find((dimension) => dimension.name === this.state.dimension);
    }

    get isTime() {
        return ["day", "month", "quarter", "year"].includes(this.state.dimension);
    }

    get isWide() {
        const { measures, extra } = this.state.setup;
        return measures.length + extra.length + (this.state.data.compared ? 2 : 0) > MOST_BESIDE;
    }

    get isEmpty() {
        return !this.state.data.rows.length || this.state.data.rows.every((row) => !Object.values(row.values).some(Boolean) && !row.before);
    }

    text(value, kind) {
        if (value === null || value === undefined) {
            return "–";
        }
        if (kind === "money") {
            return formatMonetary(value, { currencyId: this.state.setup.currency_id });
        }
        if (kind === "text") {
            return value;
        }
        if (kind === "percent") {
            return `${formatFloat(value, { digits: [16, 1] })}%`;
        }
        return formatFloat(value, { digits: [16, Number.isInteger(value) ? 0 : 2] });
    }

    growthText(growth) {
        if (growth === null || growth === undefined) {
            return "–";
        }
        // arrows, not colours alone
        const arrow = growth > 0 ? "▲" : growth < 0 ? "▼" : "＝";
        const unit = this.measure.kind === "percent" ? _t("points") : "%";
        return `${arrow} ${formatFloat(Math.abs(growth), { digits: [16, 1] })}${unit === "%" ? unit : ` ${unit}`}`;
    }

    growthClass(growth) {
        return growth > 0 ? "text-success" : growth < 0 ? "text-danger" : "text-muted";
    }

    /** Open the records behind a row, or behind the total: those that count for a measure, by default the one that is looked at. */
    async openRecords(row, measure = this.state.measure) {
        if (row?.is_others) {
            return;
        }
        const of = row ? [this.state.dimension, row.key, measure] : [null, null, measure];
        await this.action.doAction(await this.orm.call("kehu.analysis", "get_records", [this.name, this.state.conditions, ...of]));
    }

    async check() {
        this.state.check = await this.orm.call("kehu.analysis", "check_total", [this.name, this.state.conditions]);
    }

    async download(method) {
        const file = await this.orm.call("kehu.analysis", method, this.question);
        const bytes = Uint8Array.from(atob(file.content), (letter) => letter.charCodeAt(0));
        downloadFile(new Blob([bytes], { type: file.mimetype }), file.filename, file.mimetype);
    }

    // ------------------------------------------------------------
    // Chart
    // ------------------------------------------------------------

    get chartRows() {
        return this.isTime ? this.state.data.rows : this.state.data.rows.filter((row) => !row.is_others).slice(0, MOST_BARS);
    }

    get chartLabel() {
        return _t("Chart: %(measure)s by %(dimension)s. Arrow keys move from bar to bar, Enter opens the records; the table has the figures.", {
            measure: this.measure.label,
            dimension: this.dimension.label,
        });
    }

    get tableLabel() {
        return _t("%(title)s: %(measure)s by %(dimension)s", {
            title: this.state.setup.title,
            measure: this.measure.label,
            dimension: this.dimension.label,
        });
    }

    get totalLabel() {
        return _t("Total %(figure)s, open the records", { figure: this.text(this.state.data.total[this.state.measure], this.measure.kind) });
    }

    /** From bar to bar by arrow keys, as by the mouse. */
    onChartKey(ev) {
        const rows = this.chartRows;
        const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -rows.length, End: rows.length };
        const active = this.chart?.getActiveElements()[0];
        if (ev.key === "Enter" && active) {
            ev.preventDefault();
            return this.openRecords(rows[active.index]);
        }
        if (!(ev.key in steps) || !this.chart) {
            return;
        }
        ev.preventDefault();
        const index = Math.min(Math.max((active ? active.index : -1) + steps[ev.key], 0), rows.length - 1);
        const elements = this.chart.data.datasets.map((_set, datasetIndex) => ({ datasetIndex, index }));
        const { x, y } = this.chart.getDatasetMeta(0).data[index];
        this.chart.setActiveElements(elements);
        this.chart.tooltip.setActiveElements(elements, { x, y });
        this.chart.update();
        this.state.spoken = `${rows[index].label}: ${this.text(rows[index].values[this.state.measure], this.measure.kind)}`;
    }

    /** Provinces are shown on a map, unless the person wants bars. */
    get isMap() {
        return this.state.dimension === "state" && !this.state.bars;
    }

    get mapLabel() {
        return _t("Map: %(measure)s by province. Arrow keys move from province to province, Enter opens the records.", {
            measure: this.measure.label,
        });
    }

    get chartHeight() {
        return this.isTime ? 320 : Math.max(160, 48 + this.chartRows.length * (this.state.data.compared ? 34 : 24));
    }

    drawChart() {
        this.chart?.destroy();
        this.chart = null;
        if (!this.canvas.el || !this.state.data || this.isEmpty) {
            return;
        }
        const rows = this.chartRows;
        const style = getComputedStyle(this.canvas.el);
        const ink = style.color;
        const line = this.isTime && this.state.setup.chart === "line";
        const short = new Intl.NumberFormat(user.lang, { notation: "compact", maximumFractionDigits: 1 });
        const set = (label, data, color, dashed) => ({
            label,
            data,
            backgroundColor: color,
            borderColor: color,
            borderWidth: line ? 2 : 0,
            borderDash: dashed ? [6, 4] : [],
            pointStyle: dashed ? "rect" : "circle",
            pointRadius: line ? 4 : 0,
            maxBarThickness: 28,
        });
        const datasets = [
            set(
                this.state.data.compared ? this.state.data.period : this.measure.label,
                rows.map((row) => row.values[this.state.measure]),
                COLOR,
                false
            ),
        ];
        if (this.state.data.compared) {
            datasets.push(set(this.state.data.compared, rows.map((row) => row.before), COLOR_BEFORE, true));
        }
        const precision = this.measure.kind === "number" ? 0 : undefined;
        const values = { ticks: { color: ink, precision, callback: (value) => short.format(value) }, beginAtZero: true, grid: { color: "#8883" } };
        const names = {
            ticks: {
                color: ink,
                autoSkip: this.isTime,
                callback(value) {
                    const label = this.getLabelForValue(value);
                    return label.length > 12 ? `${label.slice(0, 11)}…` : label;
                },
            },
            grid: { display: false },
        };
        this.chart = new window.Chart(this.canvas.el, {
            type: line ? "line" : "bar",
            data: { labels: rows.map((row) => row.label), datasets },
            options: {
                indexAxis: this.isTime ? "x" : "y",
                animation: false,
                responsive: true,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false, axis: this.isTime ? "x" : "y" },
                scales: this.isTime ? { x: names, y: values } : { x: values, y: names },
                plugins: {
                    legend: { display: Boolean(this.state.data.compared), labels: { color: ink, usePointStyle: line } },
                    tooltip: {
                        callbacks: {
                            title: (items) => rows[items[0].dataIndex].label,
                            label: (item) => `${item.dataset.label}: ${this.text(item.raw, this.measure.kind)}`,
                        },
                    },
                },
                onHover: (event, items) => {
                    event.native.target.style.cursor = items.length ? "pointer" : "";
                },
                onClick: (_event, items) => items.length && this.openRecords(rows[items[0].index]),
            },
        });
    }
}

registry.category("actions").add("kehu_crm.analysis", KehuAnalysis);
