import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";

// Okabe and Ito's colours: told apart by people who do not see red or green
const COLORS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6D1F", "#666666", "#F0E442", "#000000"];
const MOST_BARS = 20;
const MOST_SLICES = 10;
const MOST_BESIDE = 5; // columns of a table that stands beside the chart

/** The series of a chart: one of the whole rows, or one for each column. */
export function chartSeries(figures, place) {
    const isLong = !figures.row.time;
    const rows = isLong ? figures.rows.filter((row) => !row.is_others).slice(0, MOST_BARS) : figures.rows;
    if (!figures.columns.length) {
        return { rows, series: [{ label: figures.measures[place].label, column: null, values: rows.map((row) => row.values[place]) }] };
    }
    const series = figures.columns.map((column, number) => ({
        label: column.label,
        column,
        values: rows.map((row) => row.cells[number][place]),
    }));
    return { rows, series };
}

/** The slices of a circle: the largest, the others as one; of figures that make a whole only. */
export function chartSlices(figures, place) {
    const rows = figures.rows.filter((row) => (row.values[place] || 0) > 0);
    if (rows.length <= MOST_SLICES) {
        return rows.map((row) => ({ label: row.label, row, value: row.values[place] }));
    }
    const large = [...rows].sort((a, b) => a.is_others - b.is_others || b.values[place] - a.values[place]).slice(0, MOST_SLICES - 1);
    const rest = rows.filter((row) => !large.includes(row));
    return [
        ...large.map((row) => ({ label: row.label, row, value: row.values[place] })),
        { label: _t("All others"), row: null, value: rest.reduce((sum, row) => sum + row.values[place], 0) },
    ];
}

/** One report worked out: chart and table side by side. What it shows comes from `kehu.report.get_figures`. */
export class KehuReportFigures extends Component {
    static template = "kehu_crm.ReportFigures";
    static props = { figures: Object, open: { type: Function, optional: true } };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ place: 0 });
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.drawChart(),
            () => [this.props.figures, this.state.place, this.canvas.el]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get figures() {
        return this.props.figures;
    }

    get place() {
        return Math.min(this.state.place, this.figures.measures.length - 1);
    }

    get measure() {
        return this.figures.measures[this.place];
    }

    get isEmpty() {
        return !this.figures.rows.length;
    }

    get hasChart() {
        return this.figures.chart !== "none";
    }

    get isWide() {
        const { columns, measures } = this.figures;
        return (columns.length + 1) * measures.length > MOST_BESIDE;
    }

    get totalWord() {
        return _t("Total");
    }

    get factsText() {
        return this.figures.facts.map(([label, text]) => `${label}: ${text}`).join(" · ");
    }

    get chartLabel() {
        return _t("Chart: %(measure)s by %(row)s; the table has the figures.", { measure: this.measure.label, row: this.figures.row.label });
    }

    get chartHeight() {
        if (this.figures.row.time || this.figures.chart !== "bar") {
            return 300;
        }
        const { rows, series } = chartSeries(this.figures, this.place);
        return Math.max(180, (series.length > 1 ? 80 : 48) + rows.length * 24);
    }

    text(value, measure) {
        if (value === null || value === undefined) {
            return "–";
        }
        if (measure.kind === "money") {
            return formatMonetary(value, { currencyId: this.figures.currency_id });
        }
        return formatFloat(value, { digits: [16, Number.isInteger(value) ? 0 : 2] });
    }

    canOpen(row, column) {
        return Boolean(this.props.open) && !row?.is_others && !column?.is_others;
    }

    open(row, column) {
        if (this.canOpen(row, column)) {
            return this.props.open(row ? [row.key] : null, column ? [column.key] : null);
        }
    }

    drawChart() {
        this.chart?.destroy();
        this.chart = null;
        if (!this.canvas.el || this.isEmpty || !this.hasChart) {
            return;
        }
        const ink = getComputedStyle(this.canvas.el).color;
        this.chart = new window.Chart(this.canvas.el, this.figures.chart === "pie" ? this.circle(ink) : this.bars(ink));
    }

    circle(ink) {
        const slices = chartSlices(this.figures, this.place);
        return {
            type: "doughnut",
            data: {
                labels: slices.map((slice) => slice.label),
                datasets: [
                    {
                        data: slices.map((slice) => slice.value),
                        backgroundColor: slices.map((_slice, number) => COLORS[number % COLORS.length]),
                        borderWidth: 1,
                    },
                ],
            },
            options: {
                ...this.options((number) => slices[number].row && this.open(slices[number].row)),
                plugins: {
                    legend: { position: "right", labels: { color: ink } },
                    tooltip: { callbacks: { label: (item) => `${item.label}: ${this.text(item.raw, this.measure)}` } },
                },
            },
        };
    }

    bars(ink) {
        const { rows, series } = chartSeries(this.figures, this.place);
        const line = this.figures.chart === "line" && this.figures.row.time;
        const upright = this.figures.row.time;
        const stacked = !line && series.length > 1 && !this.measure.name.endsWith(":avg");
        const short = new Intl.NumberFormat(user.lang, { notation: "compact", maximumFractionDigits: 1 });
        const values = { stacked, ticks: { color: ink, callback: (value) => short.format(value) }, beginAtZero: true, grid: { color: "#8883" } };
        const names = {
            stacked,
            ticks: {
                color: ink,
                autoSkip: upright,
                callback(value) {
                    const label = this.getLabelForValue(value);
                    return label.length > 12 ? `${label.slice(0, 11)}…` : label;
                },
            },
            grid: { display: false },
        };
        return {
            type: line ? "line" : "bar",
            data: {
                labels: rows.map((row) => row.label),
                datasets: series.map((one, number) => ({
                    label: one.label,
                    data: one.values,
                    backgroundColor: COLORS[number % COLORS.length],
                    borderColor: COLORS[number % COLORS.length],
                    borderWidth: line ? 2 : 0,
                    borderDash: line && number >= COLORS.length / 2 ? [6, 4] : [],
                    pointRadius: line ? 4 : 0,
                    maxBarThickness: 28,
                })),
            },
            options: {
                ...this.options((number, set) => this.open(rows[number], series[set].column)),
                indexAxis: upright ? "x" : "y",
                scales: upright ? { x: names, y: values } : { x: values, y: names },
                plugins: {
                    legend: { display: series.length > 1, position: "bottom", labels: { color: ink } },
                    tooltip: {
                        callbacks: {
                            title: (items) => rows[items[0].dataIndex].label,
                            label: (item) => `${item.dataset.label}: ${this.text(item.raw, this.measure)}`,
                        },
                    },
                },
            },
        };
    }

    options(onSelect) {
        return {
            animation: false,
            responsive: true,
            maintainAspectRatio: false,
            onHover: (event, items) => {
                event.native.target.style.cursor = items.length && this.props.open ? "pointer" : "";
            },
            onClick: (_event, items) => items.length && onSelect(items[0].index, items[0].datasetIndex),
        };
    }
}
