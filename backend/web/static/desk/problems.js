/** What the server refused, said in the language of the page and naming the field. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";

/** Return one line of a problem {zh, en, field}; texts of both languages come with it. */
export function problemText(problem) {
  return problem.zh ? pick(problem) : String(problem.message ?? problem);
}

/** Return a box that says what went wrong; `again` is a way to try again, if there is one. */
export function problemBox(problem, again = null) {
  const lines = (problem.problems ?? []).map((one) => element("li", { text: problemText(one) }));
  const box = element(
    "div",
    { class: "problem", role: "alert" },
    element("p", {}, element("strong", { text: `✕ ${t("problem.heading")}` }), element("span", { text: problemText(problem) })),
  );
  if (lines.length) box.append(element("ul", {}, ...lines));
  if (again) {
    const button = element("button", { type: "button", class: "quiet", text: t("problem.again") });
    button.addEventListener("click", again);
    box.append(button);
  }
  return box;
}

/** The event that says that a sign-in is over. */
export const SIGN_IN_OVER = "sign-in-over";

/** Put a box in place of what `host` said before, and bring it into view. */
export function complain(host, problem, again = null) {
  if (problem.status === 401) document.dispatchEvent(new Event(SIGN_IN_OVER));
  const box = problemBox(problem, again);
  host.replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
}
