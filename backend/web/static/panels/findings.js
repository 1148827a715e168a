/** What the checks found in a region: how many are open, the first of them, and the way to the desk. */

import { readFindings } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { grouped } from "../numbers.js";

const SHOWN = 8;

/** Return the elements of the panel. */
export async function findingsPanel({ row, indicator, period }) {
  const code = row.region.code;
  const page = await readFindings(code, period, indicator.code, SHOWN);
  const counts = page.counts;
  const words = Object.fromEntries(["open", "explained", "dismissed"].map((state) => [state, grouped(counts[state] ?? 0)]));
  const asked = { region: code, period, indicator: indicator.code };
  const link = element("a", { class: "to-desk", href: deskAddress(asked), text: t("findings.desk") });
  const head = element("p", { class: "due" }, t("findings.counts", words), " ", link);
  if (!page.findings.length) return [head, element("p", { class: "panel-state", text: t("findings.none") })];
  const items = page.findings.map((finding) =>
    element(
      "li",
      {},
      element("a", { href: deskAddress({ ...asked, finding: finding.id }), text: pick({ zh: finding.title_zh, en: finding.title_en }) }),
      element("span", { class: "finding-where", lang: "zh-CN", text: finding.region_name }),
      element("p", { text: pick(finding) }),
    ),
  );
  return [head, element("ul", { class: "findings-list" }, ...items)];
}

const deskAddress = (params) => `desk#findings?${new URLSearchParams(params)}`;
