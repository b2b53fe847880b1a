import { registry } from "@web/core/registry";
import { saleOrderLineProductField } from "@sale/js/sale_product_field";

/**
 * The host's product on a line of an order, content with less room: beside the chatter, specification, discount, delivery date and amount
 * have to fit into the same line.
 */
registry.category("fields").add("kehu_line_product", { ...saleOrderLineProductField, listViewWidth: [165, 400] });
