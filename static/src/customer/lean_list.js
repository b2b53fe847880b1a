import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { extractFieldsFromArchInfo } from "@web/model/relational_model/utils";
import { ListArchParser } from "@web/views/list/list_arch_parser";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/**
 * A list that reads the columns it shows. The host's list reads the columns that wait behind the button of optional columns as well, and a
 * list of customers has many of those, each with a query or two of its own. A column that is switched on is read then.
 */

const viewKey = (resModel, viewId) => `kehu_lean_list,${resModel},${viewId}`;

/** Names of the optional columns that are switched off and that no other part of the view speaks of. */
function columnsOff({ columns, kehuArch }, key) {
    const kept = browser.localStorage.getItem(`optional_fields,${key}`);
    const on = kept === null ? null : new Set(kept.split(","));
    const off = columns.filter(
        ({ type, name, optional }) => type === "field" && optional && !(on ? on.has(name) : optional === "show")
    );
    return new Set(off.map(({ name }) => name).filter((name) => kehuArch.match(new RegExp(`\\b${name}\\b`, "g")).length === 1));
}

/** What is read when these columns are not. */
function activeFieldsWithout(off, archInfo, fields) {
    const fieldNodes = Object.fromEntries(Object.entries(archInfo.fieldNodes).filter(([, node]) => !off.has(node.name)));
    return extractFieldsFromArchInfo({ ...archInfo, fieldNodes }, fields).activeFields;
}

export class KehuLeanListArchParser extends ListArchParser {
    parse(xmlDoc, models, modelName) {
        return { ...super.parse(xmlDoc, models, modelName), kehuArch: xmlDoc.outerHTML };
    }
}

export class KehuLeanListController extends ListController {
    get modelParams() {
        const params = super.modelParams;
        const off = columnsOff(this.archInfo, viewKey(this.props.resModel, this.env.config.viewId));
        params.config.activeFields = activeFieldsWithout(off, this.archInfo, this.props.fields);
        return params;
    }
}

export class KehuLeanListRenderer extends ListRenderer {
    createViewKey() {
        return viewKey(this.props.list.resModel, this.env.config.viewId);
    }

    async toggleOptionalField(fieldName) {
        const { archInfo, list } = this.props;
        const { activeFields } = list.model.config;
        if (!(fieldName in activeFields)) {
            const off = columnsOff(archInfo, this.createViewKey());
            off.delete(fieldName);
            Object.assign(activeFields, { ...activeFieldsWithout(off, archInfo, list.fields), ...activeFields });
            await list.model.load();
        }
        return super.toggleOptionalField(fieldName);
    }
}

registry.category("views").add("kehu_lean_list", {
    ...listView,
    ArchParser: KehuLeanListArchParser,
    Controller: KehuLeanListController,
    Renderer: KehuLeanListRenderer,
});
