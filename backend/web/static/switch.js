/** A row of radio buttons that looks like a switch; the buttons stay while their words change, so that focus stays. */

import { element, write } from "./dom.js";

/** Draw `choices` [{value, text, title}] into a fieldset; `choose(value)` hears another choice. */
export function drawSwitch(host, name, choices, chosen, choose) {
  for (const { value, text, title = null } of choices) {
    const label = host.querySelector(`[data-choice="${value}"]`) ?? newChoice(host, name, value, choose);
    const input = label.querySelector("input");
    input.checked = value === chosen;
    if (title) label.title = title;
    write(label.querySelector("span"), text);
  }
}

function newChoice(host, name, value, choose) {
  const input = element("input", { type: "radio", name, value, class: "unseen" });
  input.addEventListener("change", () => choose(value));
  const label = element("label", { "data-choice": value }, input, element("span"));
  host.append(label);
  return label;
}
