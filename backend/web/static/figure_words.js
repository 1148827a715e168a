/** How the sheet of a figure says words and numbers in the language in use. */

import { UNITS, WORDS } from "./figure_texts.js";
import { language } from "./i18n.js";
import { grouped, round, shift, signed, trim } from "./numbers.js";

const side = () => (language() === "zh" ? 0 : 1);

/** Return a text with its `{placeholders}` filled. */
export function word(key, params = {}) {
  return WORDS[key][side()].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

/** Return a unit in words. */
export const unitOf = (unit) => (UNITS[unit] ?? [unit, unit])[side()];

/** Return an exact amount for reading: at most four decimals, thousands grouped; a dash for none. */
export const amount = (text, places = 4) => (text === null ? "—" : grouped(trim(round(text, places))));

/** Return a share as percent with two decimals, or a dash. */
export const percent = (text) => (text === null ? "—" : `${text}%`);

/** Return a share's difference in percentage points with its sign. */
export const points = (text) => (text === null ? "—" : word("points", { value: signed(round(shift(text, 2), 2)) }));

/** Return an amount's difference with its sign and unit. */
export const change = (text, unit) => `${signed(amount(text))} ${unitOf(unit)}`;

/** Return a moment in China Standard Time. */
export function momentOf(text, withSeconds = false) {
  const options = { timeZone: "Asia/Shanghai", hour12: false, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  if (withSeconds) options.second = "2-digit";
  return new Intl.DateTimeFormat("sv-SE", options).format(new Date(text));
}
