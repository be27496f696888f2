/**
 * Rendering of blocks. A block of an unknown type is shown by its type.
 * @module
 */
import { chart } from "./charts.js";
import { cellContent, dataTable } from "./data-table.js";
import { make } from "./dom.js";
import { draw, newId, textOf } from "./elements.js";
import { markdown } from "./markdown.js";
import { richText } from "./rich-text.js";
import { scrollable } from "./scroll-hint.js";

/** Render a block. The context is that of `draw` in elements.js, but `press` and `suggest` get the block first. */
export function drawBlock(block, context) {
  const { press, suggest } = context;
  const blockContext = {
    ...context,
    press: press && ((element, value) => press(block, element, value)),
    suggest: suggest && ((element, typed) => suggest(block, element, typed)),
  };
  const body = KINDS[block.type]?.(block, blockContext, context);
  if (!body) return make("div", { class: "block unknown" }, `[${block.type} block: not supported by this page]`);
  if (block.type === "divider") return body;
  return make("div", { class: `block ${block.type}` }, body);
}

/** Render an image. Images from other servers are not loaded, so that no request leaves this machine. */
export function picture(image) {
  const url = image.image_url ?? image.slack_file?.url ?? "";
  if (url.startsWith(`${location.origin}/`)) return make("img", { src: url, alt: image.alt_text, loading: "lazy" });
  const host = URL.canParse(url) ? `from ${new URL(url).host}, not loaded here` : "not loaded here";
  return make("span", { class: "not-loaded", role: "img", "aria-label": image.alt_text }, `🖼 ${image.alt_text} (${host})`);
}

const element = (one, context) => (one.type === "image" ? picture(one) : draw(one, context));

function section(block, context) {
  const label = block.text?.text;
  return [
    make(
      "div",
      { class: "section-text" },
      block.text && make("div", { class: "text" }, textOf(block.text)),
      block.fields && make("div", { class: "fields" }, block.fields.map((field) => make("div", { class: "text" }, textOf(field))))
    ),
    block.accessory && make("div", { class: "accessory" }, element(block.accessory, { ...context, label })),
  ];
}

function context(block) {
  return block.elements.map((one) =>
    one.type === "image" ? picture(one) : make("span", { class: "text" }, textOf(one))
  );
}

function image(block) {
  return make("figure", {}, block.title && make("figcaption", {}, block.title.text), picture(block));
}

/** Render an input with its label, hint and error message. */
function input(block, context) {
  const id = newId();
  const press = block.dispatch_action ? context.press : undefined;
  const label = block.label.text;
  const made = draw(block.element, { ...context, label, id, press });
  const error = make("p", { class: "error", id: `${id}-error`, hidden: true });
  const control = made.id ? made : made.querySelector(`#${id}`) ?? made.querySelector("input") ?? made;
  control.setAttribute("aria-describedby", `${id}-error${block.hint ? ` ${id}-hint` : ""}`);
  const optional = block.optional && make("span", { class: "optional" }, " (optional)");
  return [
    make(control.id ? "label" : "div", control.id ? { for: id, class: "label" } : { class: "label" }, label, optional),
    made,
    block.hint && make("p", { class: "hint", id: `${id}-hint` }, block.hint.text),
    error,
  ];
}

function card(block, context) {
  return [
    block.hero_image && picture(block.hero_image),
    make(
      "div",
      { class: "card-title" },
      block.icon && picture(block.icon),
      block.title && make("strong", {}, textOf(block.title)),
      block.subtitle && make("span", { class: "subtitle" }, textOf(block.subtitle))
    ),
    block.body && make("div", { class: "text" }, textOf(block.body)),
    block.actions && make("div", { class: "actions" }, block.actions.map((one) => element(one, context))),
  ];
}

function table(block) {
  const align = (column) => `align-${block.column_settings?.[column]?.align ?? "left"}`;
  const cell = (tag) => (one, column) => make(tag, { class: align(column) }, cellContent(one));
  const [head, ...rows] = block.rows;
  return scrollable("Table", make("table", {}, make("tr", {}, head.map(cell("th"))), rows.map((row) => make("tr", {}, row.map(cell("td"))))));
}

const ALERT_SIGNS = { info: "ℹ", warning: "⚠", error: "⛔", success: "✓" };

function alert(block) {
  const level = block.level ?? "default";
  const sign = ALERT_SIGNS[level] && make("span", { class: "sign", role: "img", "aria-label": level }, ALERT_SIGNS[level]);
  return make("div", { class: `alert-box level-${level}`, role: "note" }, sign, make("div", { class: "text" }, textOf(block.text)));
}

// The blocks inside get the context of the block around them, because they report themselves to `press`.
const carousel = (block, _, context) => block.elements.map((one) => drawBlock(one, context));

const KINDS = {
  section,
  alert,
  card,
  carousel,
  context,
  image,
  input,
  table,
  data_table: dataTable,
  data_visualization: chart,
  header: (block) => make("h3", {}, block.text.text),
  divider: () => make("hr"),
  rich_text: richText,
  markdown: (block) => markdown(block.text),
  actions: (block, context) => block.elements.map((one) => element(one, context)),
  context_actions: (block, context) => block.elements.map((one) => element(one, context)),
};
