/** One decision on all that a filter finds: said in words, counted afresh, guarded by what was seen. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { announce } from "./announcer.js";
import { Attempts } from "./identifiers.js";
import { count } from "./moments.js";
import { complain, problemText } from "./problems.js";
import { facts, openDialog, panel, writing } from "./widgets.js";

const attempts = new Attempts();

const countOf = (county, query) => readJson(`v1/counties/${county}/reviews`, { ...query, status: "submitted", limit: 1 });

function which(page, chosen) {
  const plain = page.total - page.flagged;
  const options = [
    ["plain", t("bulk.plain", { count: count(plain) }), plain],
    ["all", t("bulk.all", { count: count(page.total), flagged: count(page.flagged) }), page.total],
  ];
  const box = element("fieldset", { class: "bulk-which" }, element("legend", { text: t("bulk.which") }));
  for (const [value, text] of options.filter(([, , number]) => number)) {
    const input = element("input", { type: "radio", name: "which", value, checked: value === chosen });
    box.append(element("label", {}, input, element("span", { text })));
  }
  return box;
}

function resultOf({ counts, replayed, not_taken: left }) {
  const pairs = Object.entries(counts).map(([outcome, number]) => [t(`outcome.${outcome}`), count(number)]);
  if (replayed) pairs.push([t("bulk.replayed"), count(replayed)]);
  const items = left.slice(0, 20).map((one) => element("li", { text: `${one.record_id}：${one.problems.map(problemText).join("；")}` }));
  return [facts(pairs), ...(items.length ? [element("h3", { text: t("bulk.left", { count: count(left.length) }) }), element("ul", {}, ...items)] : [])];
}

/**
 * Ask for a decision on many and send it.
 *
 * @param decision "accept" or "return"
 * @param query the filters of the list
 * @param words the same filters in words
 * @param done called when the server has answered
 */
export async function openBulk({ decision, county, query, words, done }) {
  const body = element("div", { class: "bulk" });
  const dialog = openDialog(t(`bulk.${decision}`), body);
  const draw = async () => {
    try {
      drawForm(body, await countOf(county, query), { decision, county, query, words, done, dialog, draw });
    } catch (problem) {
      complain(body, problem, draw);
    }
  };
  await draw();
}

function drawForm(body, page, spec) {
  const { decision, words, dialog } = spec;
  if (!page.total) return body.replaceChildren(element("p", { class: "empty", text: t("review.empty") }));
  const guarded = decision === "accept" && page.flagged > 0;
  const parts = [facts([[t("bulk.filter"), words], [t("bulk.found"), t("review.total", { count: count(page.total) })]])];
  const choose = guarded ? which(page, page.flagged < page.total ? "plain" : null) : null;
  if (choose) parts.push(element("p", { class: "hint", text: t("bulk.guard", { flagged: count(page.flagged) }) }), choose);
  const reason = decision === "return" ? writing(t("bulk.reason"), { hint: t("bulk.reason.hint") }) : null;
  if (reason) parts.push(reason.holder);
  const send = async () => {
    const chosen = choose?.querySelector("input:checked")?.value;
    if (choose && !chosen) throw { zh: t("bulk.choose"), en: t("bulk.choose") };
    await sendBulk(body, page, spec, chosen, reason?.area.value.trim());
  };
  body.replaceChildren(panel(t("bulk.confirm"), parts, send, () => dialog.close(), { submit: t(`bulk.${decision}`), complain }));
  (reason?.area ?? choose?.querySelector("input:checked, input") ?? body.querySelector("[type=submit]")).focus();
}

async function sendBulk(body, page, { decision, county, query, done, draw }, chosen, reason) {
  const { township: township_code, indicator, period, flagged } = query;
  const said = flagged === "true" || flagged === "false" ? flagged === "true" : null;
  const filter = { township_code, indicator, period, flagged: chosen === "plain" ? false : said };
  const wish = {
    decision,
    filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== null && value !== "")),
    expected_count: chosen === "plain" ? page.total - page.flagged : page.total,
    include_flagged: chosen === "all",
    ...(reason ? { reason } : {}),
  };
  try {
    const answer = await sendJson(`v1/counties/${county}/reviews/bulk`, { request_id: attempts.idFor(wish), ...wish });
    attempts.done(wish);
    announce(t(`bulk.done.${decision}`, { count: count(answer.counts.applied ?? 0) }));
    body.replaceChildren(...resultOf(answer));
    await done();
  } catch (problem) {
    if (problem.code !== "bulk_count_differs") throw problem;
    attempts.done(wish);
    await draw();
    complain(body.querySelector(".panel-refused") ?? body, problem);
  }
}
