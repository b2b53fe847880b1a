import { Component, onWillStart, useState } from "@odoo/owl";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const SIZE = 64; // of a tile, in units of the drawing
const GAP = 4;
// one tile for each of the 34, by its usual abbreviation (the code of the host): column, row, roughly as on a map
const TILES = {
    黑: [9, 0],
    蒙: [5, 1], 京: [7, 1], 辽: [8, 1], 吉: [9, 1],
    新: [1, 2], 甘: [3, 2], 宁: [4, 2], 晋: [5, 2], 冀: [6, 2], 津: [7, 2],
    藏: [1, 3], 青: [2, 3], 陕: [4, 3], 豫: [5, 3], 鲁: [6, 3],
    蜀: [3, 4], 渝: [4, 4], 鄂: [5, 4], 皖: [6, 4], 苏: [7, 4], 沪: [8, 4],
    滇: [3, 5], 黔: [4, 5], 湘: [5, 5], 赣: [6, 5], 浙: [7, 5],
    桂: [4, 6], 粤: [5, 6], 闽: [6, 6], 台: [8, 6],
    琼: [4, 7], 澳: [5, 7], 港: [6, 7],
}; // prettier-ignore
// from light to dark in one hue: told apart by lightness alone, also by those who see no colours, and on paper
const STEPS = ["#deebf7", "#9ecae1", "#6baed6", "#2171b5", "#08519c"];
const DARK_FROM = 3; // steps with white letters
const ENDING = /(省|市|(壮族|回族|维吾尔)?自治区|特别行政区)$/;

/** Where the figures of some rows stand among each other, in steps with about as many rows each; no step for nothing or less. */
export function stepsOf(values) {
    const sorted = [...new Set(values.filter((value) => value > 0))].sort((one, two) => one - two);
    const limits = STEPS.map((_color, step) => sorted[Math.floor((step * sorted.length) / STEPS.length)]);
    return sorted.length ? [...new Set(limits)] : [];
}

/** The provinces as tiles, coloured by a figure. Each can be reached by Tab or the arrow keys and opened with Enter or a click. */
export class KehuChinaMap extends Component {
    static template = "kehu_crm.AnalysisChinaMap";
    static props = {
        rows: Array, // of the analysis by province: key (id of the province), label, values, is_others
        measure: Object, // name, label, kind
        text: Function, // (figure, kind) → text
        label: String,
        open: Function, // (row)
    };

    setup() {
        this.state = useState({ active: null });
        this.orm = useService("orm");
        this.short = new Intl.NumberFormat(user.lang, { notation: "compact", maximumFractionDigits: 1 });
        onWillStart(async () => {
            this.provinces = await this.orm.searchRead("res.country.state", [["country_id.code", "=", "CN"]], ["code", "name"]);
        });
    }

    get viewBox() {
        const columns = 1 + Math.max(...Object.values(TILES).map(([column]) => column));
        const lines = 1 + Math.max(...Object.values(TILES).map(([, line]) => line));
        return `${SIZE} 0 ${(columns - 1) * SIZE} ${lines * SIZE}`;
    }

    figure(row) {
        return row?.values[this.props.measure.name] || 0;
    }

    get tiles() {
        const rows = Object.fromEntries(this.props.rows.filter((row) => !row.is_others).map((row) => [row.key, row]));
        const limits = this.limits;
        return this.provinces
            .filter((province) => TILES[province.code])
            .map((province) => {
                const [column, line] = TILES[province.code];
                const row = rows[province.id];
                const value = this.figure(row);
                const step = value > 0 ? limits.filter((limit) => value >= limit).length - 1 : -1;
                const shade = this.shade(step, limits.length);
                return {
                    ...province,
                    row,
                    short: /^[\u4e00-\u9fff]+$/.test(province.name) ? province.name.replace(ENDING, "") : province.code,
                    x: column * SIZE + GAP / 2,
                    y: line * SIZE + GAP / 2,
                    line,
                    column,
                    color: step < 0 ? null : STEPS[shade],
                    dark: shade >= DARK_FROM,
                    figure: row ? this.short.format(value) : "",
                    title: `${province.name}: ${row ? this.props.text(row.values[this.props.measure.name], this.props.measure.kind) : "–"}`,
                };
            })
            .sort((one, two) => one.line - two.line || one.column - two.column);
    }

    /** With fewer steps than colours, they are spread from light to dark. */
    shade(step, count) {
        return step < 0 ? -1 : count === 1 ? STEPS.length - 2 : Math.round((step * (STEPS.length - 1)) / (count - 1));
    }

    get limits() {
        const known = new Set(this.provinces.map((province) => province.id));
        return stepsOf(this.props.rows.filter((row) => known.has(row.key)).map((row) => this.figure(row)));
    }

    get legend() {
        const limits = this.limits;
        return limits.map((limit, step) => ({ color: STEPS[this.shade(step, limits.length)], text: `≥ ${this.short.format(limit)}` }));
    }

    /** Rows that no tile shows: without a province, abroad, and those that are added up as others. */
    get elsewhere() {
        const known = new Set(this.provinces.filter((province) => TILES[province.code]).map((province) => province.id));
        return this.props.rows.filter((row) => !known.has(row.key) && this.figure(row));
    }

    onKey(ev, tile) {
        if (["Enter", " "].includes(ev.key)) {
            ev.preventDefault();
            return tile.row && this.props.open(tile.row);
        }
        const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
        const step = steps[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        // the nearest tile in that direction
        const distance = (other) => {
            const [x, y] = [other.column - tile.column, other.line - tile.line];
            const ahead = x * step[0] + y * step[1];
            return ahead > 0 ? ahead + 3 * Math.abs(x * step[1] + y * step[0]) : Infinity;
        };
        const next = this.tiles.reduce((best, other) => (distance(other) < distance(best) ? other : best), tile);
        ev.currentTarget.ownerSVGElement.querySelector(`[data-code="${next.code}"]`).focus();
    }
}
