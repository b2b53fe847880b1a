import { useEffect, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/**
 * A list of money whose totals at the foot are those of everything that was searched for, not of the page on the screen. They are asked for
 * after the page is shown, once per search, and only when there are further pages. Sums over several currencies are the host's.
 */
export class KehuMoneyListRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.kehuTotals = useState({ rows: null });
        this.kehuAsked = {};
        useEffect(
            () => {
                this.kehuLoadTotals();
            },
            () => [this.kehuHasMore, JSON.stringify(this.props.list.domain), this.props.list.records, this.kehuSums.join()]
        );
    }

    /** There is more than the page shows. */
    get kehuHasMore() {
        const { list } = this.props;
        return !list.isGrouped && !list.model.useSampleModel && list.count > list.records.length;
    }

    /** Columns that are added up. */
    get kehuSums() {
        return this.getActiveColumns().filter(({ type, attrs }) => type === "field" && attrs.sum).map(({ name }) => name);
    }

    async kehuLoadTotals() {
        const { list } = this.props;
        const sums = this.kehuSums;
        if (!this.kehuHasMore || !sums.length) {
            this.kehuTotals.rows = null;
            this.kehuAsked = {};
            return;
        }
        const question = JSON.stringify([list.domain, sums, list.count]);
        const turned = this.kehuAsked.question === question && this.kehuAsked.offset !== list.offset;
        this.kehuAsked = { question, offset: list.offset };
        if (turned) {
            return; // another page of the same search
        }
        this.kehuTotals.rows = null;
        const currencies = sums
            .map((name) => this.getCurrencyField({ name, attrs: {}, options: {} }))
            .filter((name, index, names) => name in list.activeFields && names.indexOf(name) === index);
        const rows = await list.model.orm.formattedReadGroup(
            list.resModel,
            list.domain,
            currencies,
            sums.map((name) => `${name}:sum`),
            { context: list.context }
        );
        if (this.kehuAsked.question === question) {
            this.kehuTotals.rows = rows.map((row) => ({
                ...Object.fromEntries(sums.map((name) => [name, row[`${name}:sum`]])),
                ...Object.fromEntries(currencies.map((name) => [name, row[name] ? [row[name][0]] : []])),
            }));
        }
    }

    computeAggregates() {
        const { list } = this.props;
        if (!this.kehuHasMore || (list.selection.length && !list.isDomainSelected)) {
            return super.computeAggregates();
        }
        if (!this.kehuTotals.rows) {
            return {}; // they come; sums of a page would mislead
        }
        // the host adds up groups as it does records: here a group is a currency
        const groups = this.kehuTotals.rows.map((aggregates) => ({ aggregates }));
        const grouped = Object.create(list, { isGrouped: { value: true }, groups: { value: groups }, selection: { value: [] } });
        const own = Object.create(this, { props: { value: { ...this.props, list: grouped } } });
        return super.computeAggregates.call(own);
    }
}

registry.category("views").add("kehu_money_list", { ...listView, Renderer: KehuMoneyListRenderer });
