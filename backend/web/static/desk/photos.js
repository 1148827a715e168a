/** The photos and papers of a report: fetched as the signed-in reader, shown in the page, larger at a click. */

import { readFile, readJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { moment } from "./moments.js";
import { problemBox } from "./problems.js";
import { openDialog } from "./widgets.js";

const SHOWN = new Set(["image/jpeg", "image/png", "image/webp"]);

function dataUri(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

async function figureOf(file, county, number) {
  const said = file.said_by_report?.taken_at ?? file.said_by_file?.taken_at;
  const caption = [t("photo.number", { number }), moment(said)].filter(Boolean).join(" · ");
  const figure = element("figure", {});
  if (!file.has_come) {
    figure.append(element("p", { class: "photo-missing", text: t("photo.missing") }));
  } else {
    const uri = await dataUri(await readFile(`v1/attachments/${file.sha256}?county=${county}`));
    if (SHOWN.has(file.media_type)) {
      const open = element("button", { type: "button", "aria-label": t("photo.open", { caption }) }, element("img", { src: uri, alt: caption }));
      open.addEventListener("click", () => openDialog(caption, element("img", { class: "photo-large", src: uri, alt: caption })));
      figure.append(open);
    } else figure.append(element("a", { href: uri, download: file.sha256.slice(0, 16), text: t("photo.file", { type: file.media_type }) }));
  }
  figure.append(element("figcaption", { text: caption }));
  return figure;
}

/** Fill `host` with the files that a report names; a file that has not come says so. */
export async function photoStrip(host, county, recordId) {
  host.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
  try {
    const { files, come, expected } = await readJson(`v1/records/${county}/${recordId}/attachments`);
    const figures = await Promise.all(files.map((file, k) => figureOf(file, county, k + 1)));
    host.replaceChildren(element("h3", { text: t("photo.heading", { come, expected }) }), element("div", { class: "photo-strip" }, ...figures));
  } catch (problem) {
    host.replaceChildren(problemBox(problem, () => photoStrip(host, county, recordId)));
  }
}
