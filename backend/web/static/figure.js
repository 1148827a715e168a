/** The sheet of one figure: read, drawn to fit one A4 page, printed. */

import { readDeployment, readExplanation, readStatement } from "./api.js";
import { drawSheet } from "./figure_sheet.js";
import { word } from "./figure_words.js";
import { language, pick, setLanguage, writeTexts } from "./i18n.js";
import { Session } from "./session.js";

const byId = (id) => document.getElementById(id);
const [region, indicator, period] = location.pathname.split("/").slice(-3).map(decodeURIComponent);
const asked = new URLSearchParams(location.search);

/** How many rows each table may have, the most first: the first that fits the page is drawn. */
const ROWS = [16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2];

class FigurePage {
  #session;
  #explanation = null;
  #statement = null;

  async start() {
    setLanguage(asked.get("lang") === "en" ? "en" : asked.get("lang") === "zh" ? "zh" : language());
    byId("language").addEventListener("click", () => this.#speak());
    byId("print").addEventListener("click", () => window.print());
    this.#relabel();
    try {
      const deployment = await readDeployment();
      this.#session = new Session(deployment, () => this.#read(), { guests: true });
      await this.#session.start();
    } catch (problem) {
      this.#fail(problem);
    }
  }

  async #read() {
    this.#session.draw(byId("reader-box"));
    if (!this.#session.reader) return this.#clear();
    byId("main").setAttribute("aria-busy", "true");
    try {
      const options = { revisions_limit: ROWS[0] };
      for (const name of ["as_of", "revised_after"]) if (asked.get(name)) options[name] = asked.get(name);
      this.#explanation = await readExplanation({ region, indicator, period }, options);
      this.#statement = this.#explanation.statement ? await readStatement(this.#explanation.statement) : null;
      this.#draw();
    } catch (problem) {
      if (problem.status === 401) return this.#session.renew();
      this.#fail(problem);
    }
  }

  #draw() {
    const sheet = byId("sheet");
    byId("notice").hidden = true;
    sheet.hidden = false;
    for (const rows of ROWS) {
      drawSheet(sheet, this.#explanation, this.#statement, rows);
      if (sheet.scrollHeight <= sheet.clientHeight) break;
    }
    byId("main").setAttribute("aria-busy", "false");
  }

  #speak() {
    setLanguage(language() === "zh" ? "en" : "zh");
    asked.set("lang", language());
    history.replaceState(null, "", `${location.pathname}?${asked}`);
    this.#relabel();
    if (this.#session) this.#session.draw(byId("reader-box"));
    if (this.#explanation) this.#draw();
  }

  #relabel() {
    writeTexts();
    byId("language").textContent = word("language");
    byId("print").textContent = word("print");
    byId("home").textContent = word("home");
  }

  #clear() {
    this.#explanation = null;
    byId("sheet").hidden = true;
    byId("sheet").replaceChildren();
  }

  #fail(problem) {
    if (!("zh" in problem)) throw problem;
    this.#clear();
    byId("notice").hidden = false;
    byId("notice").textContent = pick(problem);
    byId("main").setAttribute("aria-busy", "false");
  }
}

await new FigurePage().start();
