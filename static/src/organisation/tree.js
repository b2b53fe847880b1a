// The tree of the organisation as plain data: what is shown, in which order, and what may be dropped where. No component, no server.

export const keyOf = (kind, id) => `${kind}-${id}`;

/** Add to each node its key, its children and how many people work at or below it. */
export function plant(nodes) {
    const byKey = new Map();
    for (const node of nodes) {
        byKey.set(keyOf(node.kind, node.id), { ...node, key: keyOf(node.kind, node.id), children: [], people: 0, up: null });
    }
    const roots = [];
    for (const node of byKey.values()) {
        const parent = node.parent && byKey.get(keyOf(...node.parent));
        if (parent && parent !== node) {
            node.up = parent;
            parent.children.push(node);
        } else {
            roots.push(node);
        }
    }
    const RANK = { person: 0, login: 1, department: 2, company: 3 };
    const count = (node) => {
        node.children.sort((one, other) => RANK[one.kind] - RANK[other.kind]); // stable: the server's order within a kind
        node.people = node.children.reduce((sum, child) => sum + (child.kind === "person" ? 1 : count(child)), 0);
        return node.people;
    };
    roots.forEach(count);
    return { roots, byKey };
}

/** The rows on the screen: [{node, level, open, leaf}], without what is folded or does not fit the words searched for. */
export function rowsOf(roots, folded, words = "") {
    const wanted = words.trim().toLowerCase();
    const fits = (node) => `${node.name} ${node.detail || ""}`.toLowerCase().includes(wanted);
    const rows = [];
    const walk = (node, level, shown) => {
        const whole = shown || (wanted && fits(node));
        const index = rows.length;
        const open = Boolean(wanted) || !folded.has(node.key);
        const like = node.up ? node.up.children : roots;
        rows.push({ node, level, open, leaf: !node.children.length, place: like.indexOf(node) + 1, size: like.length });
        let kept = !wanted || whole;
        if (open) {
            for (const child of node.children) {
                kept = walk(child, level + 1, whole) || kept;
            }
        }
        if (!kept) {
            rows.length = index;
        }
        return kept;
    };
    roots.forEach((root) => walk(root, 1, false));
    return rows;
}

/** Whether a node stands at or below another one. */
export function isWithin(node, other) {
    for (let one = node; one; one = one.up) {
        if (one === other) {
            return true;
        }
    }
    return false;
}

/**
 * Where a node lands when it is dropped on another one.
 * @param {boolean} edge whether the pointer is at the upper edge of the row
 * @returns {{target: Object|null, before: Object|null}|null} new parent and the one before which it stands; null: not there
 */
export function landing(node, over, edge) {
    if (!node || !over || node === over) {
        return null;
    }
    if (node.kind === "company") {
        return over.kind === "company" && over.up === node.up ? { target: node.up, before: over } : null;
    }
    const inCompany = !node.company_id || !over.company_id || node.company_id === over.company_id;
    if (node.kind === "department") {
        if (edge && over.kind === "department" && over.up && !isWithin(over, node) && inCompany) {
            return { target: over.up, before: over };
        }
        const target = ["person", "login"].includes(over.kind) ? over.up : over;
        return target && inCompany && !isWithin(target, node) ? { target, before: null } : null;
    }
    const target = ["person", "login"].includes(over.kind) ? over.up : over;
    if (!target || (target === node.up && node.kind === "person") || (!inCompany && node.kind === "person")) {
        return null;
    }
    return { target, before: null };
}

/** Where a department or company lands when it goes one up (-1) or down (1) among its like; null at the end. */
export function neighbour(node, roots, step) {
    const like = (node.up ? node.up.children : roots).filter((other) => other.kind === node.kind);
    const place = like.indexOf(node) + step;
    if (place < 0 || place >= like.length) {
        return null;
    }
    return { target: node.up, before: (step < 0 ? like[place] : like[place + 1]) || null };
}
