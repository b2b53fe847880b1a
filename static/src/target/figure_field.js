import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/** The figure of a target: money with its currency, or a count, which has no currency and no decimals. */
export class KehuFigureField extends MonetaryField {
    get currencyDigits() {
        return this.currency ? super.currencyDigits : [16, 0];
    }
}

registry.category("fields").add("kehu_figure", { ...monetaryField, component: KehuFigureField });
