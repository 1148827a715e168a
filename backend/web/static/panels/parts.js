/** Parts that the panels share: facts in a row, and regions named in a list. */

import { element } from "../dom.js";
import { regionName } from "../i18n.js";

/** Return a list of facts [label, value (text or element), note]. */
export function facts(all) {
  const items = all.map(([label, value, note]) =>
    element(
      "div",
      {},
      element("dt", { text: label }),
      element("dd", {}, element("span", { class: "fact-value" }, value), element("span", { class: "fact-note", text: note })),
    ),
  );
  return element("dl", { class: "facts facts-even" }, ...items);
}

/** Return a region's name as a button that opens it. */
export function regionButton(region, on) {
  const button = element("button", { type: "button", class: "link", text: regionName(region) });
  button.addEventListener("click", () => on.open(region));
  return button;
}
