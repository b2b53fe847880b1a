import { registry } from "@web/core/registry";

/** Asks in which layout papers of the CRM are printed, where the server says that there is more than one. */
async function askLayout(action, options, env) {
    const context = action.context || {};
    const ids = context.active_ids || (context.active_id ? [context.active_id] : []);
    if (!/^kehu_crm\.print_/.test(action.report_name) || "kehu_print_template" in context || !ids.length) {
        return false;
    }
    const dialog = await env.services.orm.call("kehu.print.choose", "get_dialog", [action.report_name, ids]);
    if (dialog) {
        await env.services.action.doAction(dialog);
    }
    return Boolean(dialog);
}

registry.category("ir.actions.report handlers").add("kehu_ask_layout", askLayout);
