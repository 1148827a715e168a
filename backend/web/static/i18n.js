/** The language of the page: zh first, en at a switch. Texts live in texts.js. */

import { TEXTS } from "./texts.js";
import { PROVINCES_EN, TERMS } from "./texts_names.js";

const STORE = "qingtian.language";
let current = localStorage.getItem(STORE) === "en" ? "en" : "zh";

/** Return the language in use: "zh" or "en". */
export function language() {
  return current;
}

/** Use `code` from now on, and remember it. */
export function setLanguage(code) {
  current = code;
  localStorage.setItem(STORE, code);
  document.documentElement.lang = code === "zh" ? "zh-CN" : "en";
}

/** Return the text `key` with its `{placeholders}` filled. */
export function t(key, params = {}) {
  const text = TEXTS[key][current === "zh" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

/** Return the member of {zh, en} in use. */
export function pick({ zh, en }) {
  return current === "zh" ? zh : en || zh;
}

/** Return the name of a region {code, name}; counties have official Chinese names only. */
export function regionName({ code, name }) {
  return current === "en" ? (PROVINCES_EN[code] ?? name) : name;
}

const SUFFIX = /(维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区|省|市)$/;

/** Return a region's name as it stands on a map: 湖南 for 湖南省; counties keep their name. */
export function mapName({ code, name }) {
  if (!code.endsWith("0000")) return name;
  return current === "en" ? (PROVINCES_EN[code] ?? name) : name.replace(SUFFIX, "");
}

/** Return the name of a basin {name, name_en}. */
export function basinName(basin) {
  return pick({ zh: basin.name, en: basin.name_en });
}

/** Return [numerator, denominator, unit] in words for an indicator, or null for one that has no words yet. */
export function termsOf(indicator) {
  const terms = TERMS[indicator];
  return terms ? terms[current === "zh" ? 0 : 1] : null;
}

/** Write the texts that `data-text` and `data-label` name below `root`. */
export function writeTexts(root = document) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
  }
}
