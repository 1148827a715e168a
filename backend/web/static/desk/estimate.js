/** What the sample of households says of a county's straw, beside its filing, and the design that it rests on. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { round, shift } from "../numbers.js";
import { announce } from "./announcer.js";
import { complain, problemBox, problemText } from "./problems.js";
import { button, facts, panel, writing } from "./widgets.js";

/** The indicator whose households are drawn by the ledger's two-stage design. */
const SAMPLED = "straw_utilisation";

/** Answers that say what is lacking, and are no failure. */
const LACKING = ["no_sample_design", "no_sample_answers"];

/** Return the section of a county's filing, read when it is opened; null for what is not sampled so. */
export function estimateBox({ region, indicator, period }, isOwn) {
  if (indicator !== SAMPLED) return null;
  const host = element("div", { class: "estimate", "aria-live": "polite" });
  const box = element("details", { class: "history estimate-box" }, element("summary", { text: t("estimate.heading") }), host);
  const path = `v1/estimates/${region}/${indicator}/${period}`;
  box.addEventListener("toggle", () => box.open && !host.firstChild && fill(host, path, isOwn));
  return box;
}

async function fill(host, path, isOwn) {
  host.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
  const design = isOwn ? [designBox(host, path)] : [];
  try {
    host.replaceChildren(...answer(await readJson(path)), ...design);
  } catch (problem) {
    const said = LACKING.includes(problem.code) ? element("p", { class: "hint", text: problemText(problem) }) : problemBox(problem, () => fill(host, path, isOwn));
    host.replaceChildren(said, ...design);
  }
}

const percent = (share) => (share === null ? "—" : `${round(shift(share, 2), 1)}%`);

function interval({ value, lower, upper }) {
  return lower === null ? t("estimate.alone", { value: percent(value) }) : t("estimate.interval", { value: percent(value), lower: percent(lower), upper: percent(upper) });
}

function answer(found) {
  const said = [
    [t("estimate.rate"), found.rate ? interval(found.rate) : t("estimate.no.statement")],
    [t("estimate.households"), interval(found.households)],
    [t("estimate.counted"), percent(found.counted)],
  ];
  if (found.goal && found.verdict) said.push([t("estimate.goal", { goal: percent(found.goal.value) }), t(`estimate.${found.verdict}`)]);
  const notes = [];
  if (!found.meets_minimum) notes.push(t("estimate.small"));
  if (found.households_left_out) notes.push(t("estimate.left_out", { count: found.households_left_out }));
  return [facts(said), strata(found.strata), ...notes.map((text) => element("p", { class: "hint", text: `⚑ ${text}` }))];
}

function strata(rows) {
  const head = ["stratum", "villages", "drawn", "answered", "households_asked"];
  const cells = rows.map((row) =>
    element("tr", {}, element("th", { scope: "row", text: row.stratum }), ...head.slice(1).map((name) => element("td", { class: "number", text: String(row[name]) }))),
  );
  const titles = head.map((name, k) => element("th", { scope: "col", class: k ? "number" : null, text: t(`estimate.column.${name}`) }));
  return element("div", { class: "answers" }, element("table", {}, element("caption", { text: t("estimate.strata") }), element("thead", {}, element("tr", {}, ...titles)), element("tbody", {}, ...cells)));
}

/** Return the way to put a design: rows as they are copied from a spreadsheet. */
function designBox(host, path) {
  const holder = element("div", {});
  const open = button(t("estimate.design"), async () => {
    const rows = writing(t("estimate.design.rows"), { rows: 8, max: 200_000, hint: t("estimate.design.hint") });
    const { villages } = await readJson(`${path}/design`).catch(() => ({ villages: [] }));
    rows.area.value = villages.map((one) => [one.village_code, one.stratum, one.stratum_villages, one.households].join("\t")).join("\n");
    const send = async () => {
      await sendJson(`${path}/design`, { villages: villagesOf(rows.area.value) }, "PUT");
      announce(t("estimate.design.done"));
      await fill(host, path, true);
    };
    holder.replaceChildren(panel(t("estimate.design"), [rows.holder], send, () => holder.replaceChildren(open), { submit: t("estimate.design.send"), complain }));
    rows.area.focus();
  });
  holder.append(open);
  return holder;
}

/** Return the villages of lines of four columns. Throws what names the first line that is none. */
function villagesOf(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  return lines.map((line, k) => {
    const [village_code, stratum, villages, households, ...more] = line.trim().split(/[\t,，\s]+/);
    if (more.length || !/^\d+$/.test(villages ?? "") || !/^\d+$/.test(households ?? "")) {
      const said = t("estimate.design.line", { line: k + 1 });
      throw { zh: said, en: said };
    }
    return { village_code, stratum, stratum_villages: Number(villages), households: Number(households) };
  });
}
