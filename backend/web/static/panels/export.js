/** The figures of a place as a file: workbook, printed pages, table or geodata. */

import { readDownload } from "../api.js";
import { element, write } from "../dom.js";
import { pick, t } from "../i18n.js";

const FORMATS = ["xlsx", "pdf", "csv", "geojson", "gpkg"];

/** A table of one indicator has all of its columns; the other forms hold all indicators. */
const OF_ONE_INDICATOR = ["csv", "geojson"];

/** The menu in `host`, a `details`; `say(text)` tells those who hear the page. */
export class ExportMenu {
  #host;
  #say;
  #state;
  #asked = null;
  #busy = false;

  constructor(host, say) {
    this.#host = host;
    this.#say = say;
    this.#state = host.querySelector(".export-state");
    const buttons = FORMATS.map((format) => {
      const button = element("button", { type: "button", class: "quiet", "data-text": `export.${format}`, text: t(`export.${format}`) });
      button.addEventListener("click", () => this.#make(format));
      return button;
    });
    host.querySelector(".export-choices").append(...buttons);
    host.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !host.open) return;
      event.stopPropagation();
      host.open = false;
      host.querySelector("summary").focus();
    });
  }

  /** Offer {place, period, indicator, by, published}; null offers nothing. */
  show(asked) {
    this.#asked = asked;
    this.#host.hidden = !asked;
    if (!this.#busy) write(this.#state, "");
  }

  async #make(format) {
    if (this.#busy) return;
    this.#busy = true;
    this.#tell(t("export.making"));
    try {
      const { name, blob } = await readDownload(pathOf(this.#asked, format));
      save(name, blob);
      this.#tell(t("export.made", { name }));
    } catch (problem) {
      if (!("zh" in problem)) throw problem;
      this.#tell(pick(problem));
    } finally {
      this.#busy = false;
    }
  }

  #tell(text) {
    write(this.#state, text);
    this.#say(text);
  }
}

function pathOf({ place, period, indicator, by, published }, format) {
  const values = new URLSearchParams({ period, format });
  if (OF_ONE_INDICATOR.includes(format)) values.append("indicator", indicator);
  if (published) values.append("published", "true");
  const code = encodeURIComponent(place.code);
  if (place.kind === "basin") return `v1/exports/basins/${code}?${values}`;
  values.append("by", by);
  return `v1/exports/summaries/${code}?${values}`;
}

function save(name, blob) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  // The browser has begun to read it by the next turn, not before.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
