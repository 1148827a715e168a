/** Small moves on the document that keep it still: nothing is written that is not different. */

/** Return a new element with `properties` (class, text, attributes by their name) and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "text") made.textContent = value;
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Set the text of an element if it differs; return whether it did. */
export function write(target, text) {
  if (target.textContent === text) return false;
  target.textContent = text;
  return true;
}

/** Replace the children of `target` unless they would look the same. */
export function redraw(target, ...children) {
  const next = element(target.localName, {}, ...children);
  if (next.innerHTML !== target.innerHTML) target.replaceChildren(...next.childNodes);
}

/** Return the badge of a state: a sign and a word, never a colour alone. */
export function badge(state, word) {
  const signs = { met: "✓", below: "▼", not_due: "○", no_goal: "·", no_data: "–", open: "?" };
  return element(
    "span",
    { class: `badge badge-${state}` },
    element("i", { "aria-hidden": "true", text: signs[state] }),
    word,
  );
}
