import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useDebounced } from "@web/core/utils/timing";
import { TextField, textField } from "@web/views/fields/text/text_field";

const REST = 600; // milliseconds without a key

/**
 * The name of a customer: told to the server when its typing rests, so that the banner of known customers comes while somebody types.
 * Letters that an input method has not yet turned into characters, and a space at which a word goes on, wait.
 */
export class TypedNameField extends TextField {
    setup() {
        super.setup();
        this.composing = false;
        const tell = useDebounced(() => {
            const element = this.textareaRef.el;
            if (element && !this.composing && element === document.activeElement && element.value === element.value.trim()) {
                element.dispatchEvent(new Event("change"));
            }
        }, REST);
        const listeners = {
            input: tell,
            compositionstart: () => (this.composing = true),
            compositionend: () => {
                this.composing = false;
                tell();
            },
        };
        useEffect(
            (element) => {
                if (element) {
                    Object.entries(listeners).forEach(([name, listener]) => element.addEventListener(name, listener));
                    return () => Object.entries(listeners).forEach(([name, listener]) => element.removeEventListener(name, listener));
                }
            },
            () => [this.textareaRef.el]
        );
    }
}

registry.category("fields").add("kehu_typed_name", {
    ...textField,
    component: TypedNameField,
    additionalClasses: [...(textField.additionalClasses || []), "o_field_text"],
});
