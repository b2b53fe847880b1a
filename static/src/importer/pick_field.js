import { registry } from "@web/core/registry";
import { FieldSelectorField, fieldSelectorField } from "@web/views/fields/field_selector/field_selector_field";

const FILLABLE = ["boolean", "char", "date", "datetime", "float", "html", "integer", "many2one", "monetary", "selection", "text"];

/** Choose a field that an import can fill: those of the record itself, and through a list of lines those of its lines. */
export class KehuPickField extends FieldSelectorField {
    filter(fieldDef) {
        return (
            super.filter(fieldDef) &&
            !fieldDef.readonly &&
            (fieldDef.store || fieldDef.type !== "one2many") &&
            (FILLABLE.includes(fieldDef.type) || fieldDef.type === "one2many")
        );
    }
}

registry.category("fields").add("kehu_pick_field", {
    ...fieldSelectorField,
    component: KehuPickField,
});
