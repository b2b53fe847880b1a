import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a layout can print, to be clicked: the words go to where the cursor stands in the layout, or else to the clipboard. */
export class KehuPlaceholders extends Component {
    static template = "kehu_crm.Placeholders";
    static props = { ...standardFieldProps };

    setup() {
        this.notification = useService("notification");
    }

    get sets() {
        return this.props.record.data[this.props.name] || [];
    }

    /** The press must not take the cursor out of the layout. */
    onPress(ev) {
        ev.preventDefault();
    }

    async onClick(text) {
        const place = document.activeElement;
        const typing = place && (place.isContentEditable || place.matches("textarea")) && place.closest("[name='layout']");
        if (typing && document.execCommand("insertText", false, text)) {
            return;
        }
        await navigator.clipboard?.writeText(text);
        this.notification.add(_t("Copied: %s. Put the cursor into the layout to insert it there.", text), { type: "info" });
    }
}

registry.category("fields").add("kehu_placeholders", { component: KehuPlaceholders, supportedTypes: ["json"] });

/** The printed page, in a frame in which nothing runs. */
export class KehuPrintPreview extends Component {
    static template = "kehu_crm.PrintPreview";
    static props = { ...standardFieldProps };

    get page() {
        return (this.props.record.data[this.props.name] || "").toString();
    }
}

registry.category("fields").add("kehu_print_preview", { component: KehuPrintPreview, supportedTypes: ["html"] });
