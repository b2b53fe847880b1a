import { describe, expect, test } from "@odoo/hoot";
import { isWithin, landing, neighbour, plant, rowsOf } from "@kehu_crm/organisation/tree";

describe.current.tags("headless");

const node = (kind, id, parent, more = {}) => ({ kind, id, name: `${kind} ${id}`, parent, company_id: 1, detail: "", ...more });
const grown = () =>
    plant([
        node("company", 1, false),
        node("company", 2, false, { company_id: 2 }),
        node("department", 1, ["company", 1]),
        node("department", 2, ["company", 1]),
        node("department", 3, ["department", 2]),
        node("department", 4, ["company", 2], { company_id: 2 }),
        node("person", 1, ["department", 3], { name: "Zhang Wei", detail: "Sales" }),
        node("person", 2, ["department", 99]),
        node("login", 7, ["company", 1]),
    ]);
const keys = (rows) => rows.map((row) => row.node.key);

test("people stand above departments, and are counted upwards", () => {
    const { roots, byKey } = grown();
    expect(keys(rowsOf(roots, new Set()))).toEqual([
        "company-1",
        "login-7",
        "department-1",
        "department-2",
        "department-3",
        "person-1",
        "company-2",
        "department-4",
        "person-2",
    ]);
    expect(byKey.get("company-1").people).toBe(1);
    expect(byKey.get("department-1").people).toBe(0);
    expect(isWithin(byKey.get("person-1"), byKey.get("department-2"))).toBe(true);
});

test("folding hides what is below, searching shows the way to what fits", () => {
    const { roots } = grown();
    expect(keys(rowsOf(roots, new Set(["company-1", "company-2"])))).toEqual(["company-1", "company-2", "person-2"]);
    const found = ["company-1", "department-2", "department-3", "person-1"];
    expect(keys(rowsOf(roots, new Set(["department-2"]), " zhang"))).toEqual(found);
    expect(keys(rowsOf(roots, new Set(), "sales"))).toEqual(found);
    expect(keys(rowsOf(roots, new Set(), "nobody"))).toEqual([]);
});

test("where a department may land", () => {
    const { byKey } = grown();
    const [one, two, three, four] = [1, 2, 3, 4].map((id) => byKey.get(`department-${id}`));
    expect(landing(one, two, true)).toEqual({ target: byKey.get("company-1"), before: two });
    expect(landing(one, two, false)).toEqual({ target: two, before: null });
    expect(landing(one, byKey.get("person-1"), false)).toEqual({ target: three, before: null });
    expect(landing(two, three, false)).toBe(null);
    expect(landing(two, three, true)).toBe(null);
    expect(landing(two, two, false)).toBe(null);
    expect(landing(one, four, false)).toBe(null);
    expect(landing(one, four, true)).toBe(null);
});

test("where people, logins and companies may land", () => {
    const { byKey } = grown();
    const person = byKey.get("person-1");
    expect(landing(person, byKey.get("department-1"), true)).toEqual({ target: byKey.get("department-1"), before: null });
    expect(landing(person, byKey.get("department-3"), false)).toBe(null);
    expect(landing(person, byKey.get("department-4"), false)).toBe(null);
    expect(landing(byKey.get("login-7"), byKey.get("company-1"), false)).toEqual({ target: byKey.get("company-1"), before: null });
    expect(landing(byKey.get("company-2"), byKey.get("company-1"), false)).toEqual({ target: null, before: byKey.get("company-1") });
    expect(landing(byKey.get("company-2"), byKey.get("department-1"), false)).toBe(null);
});

test("one step up or down among one's like", () => {
    const { roots, byKey } = grown();
    const [one, two] = [1, 2].map((id) => byKey.get(`department-${id}`));
    expect(neighbour(two, roots, -1)).toEqual({ target: byKey.get("company-1"), before: one });
    expect(neighbour(one, roots, 1)).toEqual({ target: byKey.get("company-1"), before: null });
    expect(neighbour(two, roots, 1)).toBe(null);
    expect(neighbour(byKey.get("company-2"), roots, -1)).toEqual({ target: null, before: byKey.get("company-1") });
});
