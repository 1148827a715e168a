/** Times and counts as an office reads them: China Standard Time, whatever the machine's zone. */

import { language, t } from "../i18n.js";

const ZONE = "Asia/Shanghai";

/** Return a moment as `2025-10-03 09:12`, or "" for none. */
export function moment(value) {
  if (!value) return "";
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return parts.format(new Date(value));
}

/** Return how long ago a moment is, in days or hours. */
export function ago(value, now = Date.now()) {
  const hours = Math.max(0, Math.floor((now - new Date(value)) / 3_600_000));
  if (hours < 1) return t("ago.now");
  return hours < 48 ? t("ago.hours", { count: hours }) : t("ago.days", { count: Math.floor(hours / 24) });
}

/** Return a count with its thousands marked. */
export const count = (value) => Number(value).toLocaleString(language() === "zh" ? "zh-CN" : "en");

/** Return an exact decimal string with its thousands marked; nothing is rounded. */
export function amount(value) {
  if (value === null || value === undefined) return "—";
  const [whole, part] = String(value).split(".");
  const marked = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? marked : `${marked}.${part}`;
}
