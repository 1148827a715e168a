/** Building blocks of the drawing: SVG elements, and the textures that tell classes apart without colour. */

const NAMESPACE = "http://www.w3.org/2000/svg";

/** Return a new SVG element with `attributes` and `children`. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const TEXTURED = { "below-1": dots, "below-2": dots, "below-3": dots, "no-data": hatch };

function dots(fill) {
  return svg(
    "pattern",
    { id: `texture-${fill}`, width: 7, height: 7, patternUnits: "userSpaceOnUse" },
    svg("rect", { width: 7, height: 7, class: `fill-${fill}` }),
    svg("circle", { cx: 1.75, cy: 1.75, r: 0.85, class: "texture-ink" }),
    svg("circle", { cx: 5.25, cy: 5.25, r: 0.85, class: "texture-ink" }),
  );
}

function hatch(fill) {
  return svg(
    "pattern",
    { id: `texture-${fill}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 6, height: 6, class: `fill-${fill}` }),
    svg("rect", { width: 1, height: 6, class: "hatch-ink" }),
  );
}

/** Return the definitions that `paint` refers to; a document needs them once. */
export function textures() {
  return svg("defs", {}, ...Object.entries(TEXTURED).map(([fill, draw]) => draw(fill)));
}

/** Give `element` the look of a class; a class below its goal, or without data, is textured. */
export function paint(element, fill) {
  if (element.dataset.fill === fill) return;
  element.classList.remove(`fill-${element.dataset.fill}`);
  element.dataset.fill = fill;
  if (fill in TEXTURED) element.setAttribute("fill", `url(#texture-${fill})`);
  else element.classList.add(`fill-${fill}`);
}
