/** The sheet of a figure drawn: head, figure, formula, sums, coefficients, contributions, history, ledgers, seal. */

import { element } from "./dom.js";
import { amount, change, momentOf, percent, points, unitOf, word } from "./figure_words.js";
import { language, pick, regionName } from "./i18n.js";
import { shift, signed, trim } from "./numbers.js";

const name = (row) => regionName({ code: row.region_code, name: row.region_name });

/** Draw the sheet with at most `rows` rows a table. `statement` is the signed one, or null. */
export function drawSheet(sheet, told, statement, rows) {
  document.title = word("title", { region: regionName(told.region), period: told.period, indicator: pick(told) });
  const few = Math.max(3, Math.ceil(rows / 2));
  const parts = [head(told), hero(told), formula(told)];
  parts.push(element("div", { class: "columns" }, sums(told, rows), contributions(told, rows)));
  parts.push(coefficients(told, few));
  parts.push(element("div", { class: "columns" }, bridge(told, few), told.pending ? review(told) : ""));
  parts.push(revisions(told, few), foot(told, statement, Math.min(few, 3)));
  if (told.demo) parts.push(element("p", { class: "watermark", "aria-hidden": "true" }, element("span", { text: word("demo") })));
  sheet.replaceChildren(...parts);
}

function head(told) {
  const title = element("h1", { text: word("heading", { indicator: pick(told) }) });
  if (told.demo) title.append(element("span", { class: "demo", text: word("demo") }));
  const path = told.path.length > 1 ? told.path.slice(1) : told.path;
  const where = element("p", { class: "where", text: path.map(regionName).join(language() === "zh" ? " " : " › ") });
  const facts = [
    ["subject", `${regionName(told.region)} ${told.region.code}`],
    ["period", told.period],
    ["moment", momentOf(told.basis.moment, true)],
    ["basis", word(`basis.${told.basis.kind}`)],
  ];
  const list = element("dl");
  for (const [key, value] of facts) list.append(element("dt", { text: word(key) }), element("dd", { text: value }));
  return element("header", { class: "head" }, element("div", {}, title, where), list);
}

/** Return a figure in words: percent, a change with its sign, or an amount. */
function shown(told, figure) {
  if (told.kind === "rate") return percent(figure.rate_percent);
  if (told.kind === "change" && figure.rate_percent !== null) return `${signed(figure.rate_percent)}%`;
  const held = told.kind === "change" ? figure.amount : figure.numerator;
  return held === null ? "—" : `${amount(held, 2)} ${unitOf(told.numerator.unit)}`;
}

function box(heading, className, text, ...notes) {
  return element(
    "div",
    {},
    element("h2", { text: word(heading) }),
    element("p", { class: className, text }),
    ...notes.filter(Boolean).map((note) => element("p", { text: note })),
  );
}

function hero(told) {
  const { headline } = told.value;
  const unrounded = told.kind === "cumulative" ? headline.numerator : headline.rate;
  const exact = unrounded === null ? null : word("unrounded", { value: unrounded });
  return element("div", { class: "hero" }, box("value", "big", shown(told, headline), exact, pick(told.value)), goal(told), standing(told));
}

function goal(told) {
  if (!told.goal) return box("goal", "mid", word("goal.none"));
  const { type, value, unit, due_year: year, source, assigned } = told.goal;
  const held = type === "floor" ? trim(shift(value, 2)) : amount(value);
  const asked = word(`goal.${type}`, { value: held, unit: unitOf(unit) }) + (assigned ? "" : word("goal.reference"));
  const due = word("goal.due", { year, source });
  if (!told.to_goal) return box("goal", "mid", asked, due);
  const { shortfall, margin, unit: counted } = told.to_goal;
  const lacking = shortfall === "0" ? "spare" : told.kind === "change" ? "over" : "short";
  const distance = word(lacking, { amount: amount(shortfall === "0" ? margin : shortfall), unit: unitOf(counted) });
  return box("goal", "mid", distance, asked, due);
}

function standing(told) {
  const { state, counties, official, missing } = told.filing;
  const reached = counties.accepted + counties.published;
  const counts = word("standing.counts", { official: reached, pending: counties.filed + counties.endorsed, missing });
  const figure = official && (official.rate_percent === null ? `${amount(official.numerator, 2)} ${unitOf(told.numerator.unit)}` : percent(official.rate_percent));
  return box("standing", "mid", word(`state.${state}`), counts, official && word("standing.official", { value: figure }));
}

function section(key, note, ...content) {
  const heading = element("h2", { text: word(key) });
  if (note) heading.append(element("small", { text: note }));
  return element("section", {}, heading, ...content);
}

function table(columns, rows) {
  const header = columns.map(([key, className]) => element("th", { class: className ?? null, text: key ? word(key) : "" }));
  const body = rows.map((row) =>
    element("tr", {}, ...row.map((text, index) => element("td", { class: columns[index][1] ?? null, text }))),
  );
  return element("table", {}, element("thead", {}, element("tr", {}, ...header)), element("tbody", {}, ...body));
}

const rest = (all, rows) =>
  all > rows ? [element("p", { class: "note", text: word("more", { count: all - rows }) })] : [];

function formula(told) {
  const { version, status, source } = told.formula;
  const note = [version, word(`status.${status}`), source].filter(Boolean).join(" · ");
  const { numerator, denominator } = told.value.headline;
  const term = (label, value) => `${pick(label)} ${amount(value, 6)} ${unitOf(label.unit)}`;
  const top = term(told.numerator, numerator);
  const whole = told.denominator && denominator !== null;
  const terms = whole ? word("formula.terms", { numerator: top, denominator: term(told.denominator, denominator) }) : top;
  return section(
    "formula",
    note,
    element("p", { class: "formula", text: pick(told.formula) }),
    element("p", { class: "note", text: numerator === null ? "" : terms }),
  );
}

function sums(told, rows) {
  const found = new Map();
  for (const sum of told.sums) {
    const key = `${sum.subject}/${sum.quantity}`;
    const subject = pick({ zh: sum.subject_zh, en: sum.subject_en });
    if (!found.has(key)) found.set(key, { label: `${subject} · ${pick(sum)}`, unit: sum.unit, farm: null, county: null });
    found.get(key)[sum.level] = sum.amount;
  }
  const all = [...found.values()];
  const shownRows = all.slice(0, rows).map((row) => [row.label, amount(row.farm), amount(row.county), unitOf(row.unit)]);
  return section("sums", null, table([["item"], ["farm", "number"], ["county", "number"], ["unit"]], shownRows), ...rest(all.length, rows));
}

function contributions(told, rows) {
  const { rows: all, ...note } = told.contributions;
  const sorted = [...all].sort((a, b) => Number(b.share_percent ?? 0) - Number(a.share_percent ?? 0) || b.reports - a.reports);
  const body = sorted
    .slice(0, rows)
    .map((row) => [name(row), amount(row.numerator), percent(row.rate_percent), percent(row.share_percent), String(row.reports), row.filing ? word(`state.${row.filing}`) : ""]);
  const columns = [["region"], ["number", "number"], ["rate", "number"], ["share", "number"], ["reports", "number"], [all.some((row) => row.filing) ? "status" : null]];
  return section("contributions", `${pick(told.numerator)} ${unitOf(told.numerator.unit)}`, table(columns, body), ...rest(all.length, rows), element("p", { class: "note", text: pick(note) }));
}

function coefficients(told, rows) {
  const all = told.coefficients;
  if (!all.length) return section("coefficients", null, element("p", { class: "note", text: word("coefficients.none") }));
  const body = all.slice(0, rows).map((one) => [
    [pick({ zh: one.subject_zh, en: one.subject_en }), pick(one)].filter(Boolean).join(" · "),
    `${name(one)} ${one.year}`,
    `${amount(one.value, 6)} ${unitOf(one.unit)}`,
    one.source,
    word(`status.${one.status}`),
  ]);
  const columns = [["coefficient"], ["holds"], ["number", "number"], ["source", "source"], ["status"]];
  return section("coefficients", null, table(columns, body), ...rest(all.length, rows));
}

function bridge(told, rows) {
  const { before, after, difference, numerator_effect: top, denominator_effect: below, period, unit } = told.bridge;
  const note = element("p", { class: "note", text: pick(told.bridge) });
  if (difference === null) return section("bridge", null, note);
  const isFlow = told.kind === "cumulative";
  const value = (text) => (isFlow ? `${amount(text, 2)} ${unitOf(unit)}` : `${trim(percentOf(text))}%`);
  const moved = (text) => (isFlow ? change(text, unit) : points(text));
  const line = word("bridge.line", { before: value(before), period, after: value(after), difference: moved(difference) });
  const effects = below === null ? [] : [word("bridge.effects", { numerator: moved(top), denominator: moved(below) })];
  const sorted = [...told.bridge.rows].sort((a, b) => Math.abs(Number(b.effect)) - Math.abs(Number(a.effect)));
  const body = sorted.slice(0, rows).map((row) => [name(row), amount(row.before), amount(row.after), moved(row.effect)]);
  const columns = [["region"], ["bridge.before", "number"], ["bridge.after", "number"], ["effect", "number"]];
  const lines = [line, ...effects].map((text) => element("p", { text }));
  return section("bridge", null, ...lines, ...(sorted.length > 1 ? [table(columns, body)] : []), note);
}

/** Return a share as percent, rounded to two decimals by its own digits. */
function percentOf(text) {
  return amount(shift(text, 2), 2);
}

function review(told) {
  const { reports, accepted, if_accepted: all } = told.pending;
  const value = (one) => (one.rate_percent === null ? (one.numerator === null ? "—" : `${amount(one.numerator)} ${unitOf(told.numerator.unit)}`) : percent(one.rate_percent));
  const lines = [word("pending.counts", reports), word("pending.values", { accepted: value(accepted), all: value(all) })];
  return section("pending", null, ...lines.map((text) => element("p", { text })), element("p", { class: "note", text: pick(told.pending) }));
}

function revisions(told, rows) {
  const all = told.revisions.rows;
  if (!all.length) return section("revisions", null, element("p", { class: "note", text: word("revisions.none") }));
  const body = all.slice(0, rows).map((row) => [
    momentOf(row.recorded_at),
    word(`act.${row.action}`) + (row.level === "county" ? word("act.statement") : ""),
    row.office ?? word("role.worker"),
    row.township_name || (row.county_code === told.region.code ? regionName(told.region) : row.county_code),
    row.deltas.slice(0, 2).map((one) => `${pick(one)} ${change(one.amount, one.unit)}`).join("；") || "—",
    `${row.county_code} #${row.position}`,
  ]);
  const columns = [["time"], ["act"], ["by"], ["region"], ["changed"], ["ledgers.short", "number"]];
  return section("revisions", null, table(columns, body));
}

function foot(told, statement, rows) {
  const heads = told.ledgers.slice(0, rows).map((one) => [word("ledgers.line", { code: one.county_code, position: one.position }), one.entry_hash]);
  const { counties, entries, digest } = told.ledger;
  const body = [...heads, [word("ledgers.all", { counties, entries }), digest]];
  const place = { region: told.region.code, indicator: told.indicator, period: told.period };
  const note = element("p", { class: "note", text: word("verify", place) });
  const ledgers = section("ledgers", null, table([[null], [null, "hash"]], body), note);
  return element("footer", { class: "foot" }, ledgers, seal(statement));
}

function seal(statement) {
  if (!statement) {
    return element("div", { class: "seal unsigned" }, element("strong", { text: word("unsigned") }), element("span", { text: word("unsigned.note") }));
  }
  return element(
    "div",
    { class: "seal" },
    element("strong", { text: word("signed") }),
    element("span", { text: momentOf(statement.issued_at) }),
    element("span", { text: `Ed25519 ${statement.key_id}` }),
    element("span", { text: statement.signature.slice(0, 32) }),
  );
}
