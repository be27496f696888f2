/**
 * Tables that are wider than their place: they scroll sideways, and show that they do.
 * @module
 */
import { make } from "./dom.js";

/** Return a table in a region that scrolls, and a hint which is hidden while the whole table is visible. */
export function scrollable(label, table) {
  const hint = make("p", { class: "more", hidden: true, "aria-hidden": "true" }, "Scroll sideways for more columns →");
  const region = make("div", { class: "table", tabindex: "0", role: "region", "aria-label": label }, table);
  const update = () => {
    const before = region.scrollLeft;
    const after = region.scrollWidth - region.clientWidth - before;
    region.classList.toggle("more-before", before > 1);
    region.classList.toggle("more-after", after > 1);
    hint.hidden = region.scrollWidth <= region.clientWidth + 1;
  };
  region.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(region);
  return [region, hint];
}
