from odoo import fields, models

# Triggers are dropped and made anew: only PostgreSQL 14 and later can replace one, the host runs on 13 too.
# Columns are compared inside the functions, not named by the triggers: a column that a trigger names could no longer change its type.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION kehu_sales_order_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state IS NOT DISTINCT FROM NEW.state OR 'sale' NOT IN (OLD.state, NEW.state))
       AND (NEW.state <> 'sale'
            OR (OLD.company_id, OLD.kehu_department_id, OLD.user_id, OLD.date_order, OLD.kehu_customer_id, OLD.currency_rate)
               IS NOT DISTINCT FROM
               (NEW.company_id, NEW.kehu_department_id, NEW.user_id, NEW.date_order, NEW.kehu_customer_id, NEW.currency_rate)) THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.state = 'sale' THEN
        INSERT INTO kehu_sales_change (company_id, department_id, moment)
        VALUES (OLD.company_id, OLD.kehu_department_id, OLD.date_order);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state = 'sale' THEN
        INSERT INTO kehu_sales_change (company_id, department_id, moment)
        VALUES (NEW.company_id, NEW.kehu_department_id, NEW.date_order);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION kehu_sales_line_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (OLD.order_id, OLD.product_id, OLD.product_uom_id, OLD.product_uom_qty, OLD.price_subtotal, OLD.price_total, OLD.margin,
            OLD.display_type, OLD.is_downpayment)
           IS NOT DISTINCT FROM
           (NEW.order_id, NEW.product_id, NEW.product_uom_id, NEW.product_uom_qty, NEW.price_subtotal, NEW.price_total, NEW.margin,
            NEW.display_type, NEW.is_downpayment) THEN
        RETURN NULL;
    END IF;
    INSERT INTO kehu_sales_change (company_id, department_id, moment)
    SELECT company_id, kehu_department_id, date_order FROM sale_order WHERE id = COALESCE(NEW.order_id, OLD.order_id) AND state = 'sale';
    IF TG_OP = 'UPDATE' AND OLD.order_id IS DISTINCT FROM NEW.order_id THEN
        INSERT INTO kehu_sales_change (company_id, department_id, moment)
        SELECT company_id, kehu_department_id, date_order FROM sale_order WHERE id = OLD.order_id AND state = 'sale';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION kehu_sales_customer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.kehu_region_id, OLD.state_id, OLD.city_id, OLD.kehu_level_id, OLD.kehu_nature_id, OLD.kehu_source_id)
       IS DISTINCT FROM
       (NEW.kehu_region_id, NEW.state_id, NEW.city_id, NEW.kehu_level_id, NEW.kehu_nature_id, NEW.kehu_source_id) THEN
        INSERT INTO kehu_sales_change (company_id, customer_id) SELECT id, NEW.id FROM res_company;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION kehu_sales_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.categ_id, OLD.uom_id) IS DISTINCT FROM (NEW.categ_id, NEW.uom_id) THEN
        INSERT INTO kehu_sales_change (company_id, template_id) SELECT id, NEW.id FROM res_company;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION kehu_sales_unit_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.factor IS DISTINCT FROM NEW.factor THEN
        INSERT INTO kehu_sales_change (company_id) SELECT id FROM res_company;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION kehu_sales_company_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.kehu_timezone, OLD.currency_id) IS DISTINCT FROM (NEW.kehu_timezone, NEW.currency_id) THEN
        INSERT INTO kehu_sales_change (company_id) VALUES (NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION kehu_sales_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kehu_sales_change (company_id) SELECT id FROM res_company;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS kehu_sales_line_emptied ON sale_order_line;
CREATE TRIGGER kehu_sales_line_emptied AFTER TRUNCATE ON sale_order_line FOR EACH STATEMENT EXECUTE FUNCTION kehu_sales_emptied();
DROP TRIGGER IF EXISTS kehu_sales_order_changed ON sale_order;
CREATE TRIGGER kehu_sales_order_changed AFTER INSERT OR UPDATE OR DELETE ON sale_order
    FOR EACH ROW EXECUTE FUNCTION kehu_sales_order_changed();
DROP TRIGGER IF EXISTS kehu_sales_line_changed ON sale_order_line;
CREATE TRIGGER kehu_sales_line_changed AFTER INSERT OR UPDATE OR DELETE ON sale_order_line
    FOR EACH ROW EXECUTE FUNCTION kehu_sales_line_changed();
DROP TRIGGER IF EXISTS kehu_sales_customer_changed ON res_partner;
CREATE TRIGGER kehu_sales_customer_changed AFTER UPDATE ON res_partner
    FOR EACH ROW EXECUTE FUNCTION kehu_sales_customer_changed();
DROP TRIGGER IF EXISTS kehu_sales_product_changed ON product_template;
CREATE TRIGGER kehu_sales_product_changed AFTER UPDATE ON product_template
    FOR EACH ROW EXECUTE FUNCTION kehu_sales_product_changed();
DROP TRIGGER IF EXISTS kehu_sales_unit_changed ON uom_uom;
CREATE TRIGGER kehu_sales_unit_changed AFTER UPDATE ON uom_uom
    FOR EACH ROW EXECUTE FUNCTION kehu_sales_unit_changed();
DROP TRIGGER IF EXISTS kehu_sales_company_changed ON res_company;
CREATE TRIGGER kehu_sales_company_changed AFTER UPDATE ON res_company
    FOR EACH ROW EXECUTE FUNCTION kehu_sales_company_changed();
"""
DROP = """
DROP FUNCTION IF EXISTS kehu_sales_emptied() CASCADE;
DROP FUNCTION IF EXISTS kehu_sales_order_changed() CASCADE;
DROP FUNCTION IF EXISTS kehu_sales_line_changed() CASCADE;
DROP FUNCTION IF EXISTS kehu_sales_customer_changed() CASCADE;
DROP FUNCTION IF EXISTS kehu_sales_product_changed() CASCADE;
DROP FUNCTION IF EXISTS kehu_sales_unit_changed() CASCADE;
DROP FUNCTION IF EXISTS kehu_sales_company_changed() CASCADE;
"""


class KehuSalesChange(models.Model):
    """Which part of the summary of sales has to be added up again.

    A part is what one department sold in one month of one company. Each row names a moment in it; without a moment, all of the company.
    A row that names a customer or a product stands for all parts in which they are sold to or sold. Which these are is looked up by who
    reads the row, not by who writes it: the writer does not see the orders that others confirm meanwhile.
    Rows are only ever added, by triggers of the database in the transaction of the change itself, and taken away when
    `kehu.sales.summary` has added up the part: two people who confirm at the same instant write two rows and never wait for each other.
    A row names the part that a line has left as well as the one that it came to; how often it is named does not matter.

    Triggers, because figures follow from columns that the host computes and flushes in its own time, and from columns that merging of
    contacts changes by SQL. There are no foreign keys: they would cost each confirmation a look at three tables.
    """

    _name = "kehu.sales.change"
    _description = "Sales to Be Added Up"
    _log_access = False

    company_id = fields.Integer(required=True, readonly=True, help="Number of the company.")
    department_id = fields.Integer(readonly=True, help="Number of the department; empty: sold by people without one.")
    moment = fields.Datetime(readonly=True, help="A moment of the month; empty: all months and departments of the company.")
    customer_id = fields.Integer(readonly=True, help="Number of a customer: all months and departments with orders of it.")
    template_id = fields.Integer(readonly=True, help="Number of a product template: all months and departments with orders of it.")

    def init(self):
        """Put the triggers in place, at each update."""
        self.env.cr.execute(FUNCTIONS)
