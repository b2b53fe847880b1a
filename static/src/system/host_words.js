import { _t } from "@web/core/l10n/translation";

// Words of the host that its own Chinese leaves in English. Named here they are among the words of this add-on, and the web client looks
// there when a module has no translation of its own.
export const HOST_WORDS = [
    _t("Missing required fields"), // saving a form with an empty required field
];
