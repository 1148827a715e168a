/** Outcomes said once: seen for a while, heard by a screen reader. Only what the server has answered is said here. */

const SHOWN_MS = 6_000;
let hiding = 0;

/** Say what became of something. */
export function announce(text) {
  const target = document.getElementById("announcer");
  target.textContent = "";
  clearTimeout(hiding);
  requestAnimationFrame(() => {
    target.textContent = text;
    target.dataset.shown = "";
    hiding = setTimeout(() => delete target.dataset.shown, SHOWN_MS);
  });
}
