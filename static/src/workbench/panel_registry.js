import { registry } from "@web/core/registry";

/**
 * The panels of the workbench: an OWL component under the name that the Python provider has. Its props:
 *
 * - data: what the provider returned, never an error
 * - act(work, panels): runs an async function, then loads these panels anew (its own when left out)
 *
 * Static fields: `empty`, what to do when there are no rows; `all`, {action, context} of the whole list, may be left out;
 * `isEmpty(data)`, may be left out. See docs/workbench.md.
 */
export const panelRegistry = registry.category("kehu_workbench_panels");
