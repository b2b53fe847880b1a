/** What can be done with an arrangement of panels: [{name, size}]. Each function returns a new one and leaves the old as it is. */

export const WIDEST = 3;

/** Put a panel at another place; places beyond the ends are the ends. */
export function movePanel(layout, name, place) {
    const panel = layout.find((panel) => panel.name === name);
    const rest = layout.filter((other) => other !== panel);
    if (!panel) {
        return layout;
    }
    const index = Math.max(0, Math.min(rest.length, place));
    return [...rest.slice(0, index), panel, ...rest.slice(index)];
}

export function addPanel(layout, { name, size = 1 }) {
    return layout.some((panel) => panel.name === name) ? layout : [...layout, { name, size }];
}

export function removePanel(layout, name) {
    return layout.filter((panel) => panel.name !== name);
}

/** One column wider; after the widest comes the narrowest. */
export function resizePanel(layout, name) {
    return layout.map((panel) => (panel.name === name ? { ...panel, size: (panel.size % WIDEST) + 1 } : panel));
}
