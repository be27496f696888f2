/**
 * The interactive elements of Block Kit, drawn as the browser's own controls, which keyboards and screen readers know.
 *
 * Each drawn element has its action id in `data-action`; `valueOf` reads what was typed or chosen, in the form that the
 * control API takes.
 * @module
 */
import { button, make } from "./dom.js";
import { external } from "./external.js";
import { fileInput } from "./files.js";
import { menu, ask } from "./popup.js";
import { mrkdwn } from "./mrkdwn.js";
import { mine, people, state, titleOf } from "./state.js";

const readers = new WeakMap();
let drawn = 0;

/** Draw a text object. */
export const textOf = (object) => (object.type === "mrkdwn" ? mrkdwn(object.text) : document.createTextNode(object.text ?? ""));

/** Make an id that no other element has. */
export const newId = () => `e${++drawn}`;

/** Read all inputs of one block: values by action id. */
export function valuesIn(root) {
  const inputs = [...root.querySelectorAll("[data-action]")].filter((input) => readers.has(input));
  return Object.fromEntries(inputs.map((input) => [input.dataset.action, readers.get(input)()]));
}

/** Read all inputs of blocks: values by block id and action id. */
export const stateIn = (body) => Object.fromEntries([...body.children].map((block) => [block.dataset.key, valuesIn(block)]).filter(([, values]) => Object.keys(values).length));

/**
 * Draw an element.
 * @param {object} element As the app sent it.
 * @param {{label?: string, id?: string, kept?: object, press?: Function, suggest?: Function}} context
 *   `label` names the element for screen readers; `kept` are values by action id to begin with; `press(element, value)`
 *   is called when a button is pressed, or an element of which the app wants to hear at once has changed;
 *   `suggest(element, typed)` gives what the app suggests.
 */
export function draw(element, context = {}) {
  const made = (KINDS[element.type] ?? unknown)(element, context);
  if (element.action_id) made.dataset.action = made.dataset.focus = element.action_id;
  return made;
}

const unknown = (element) => make("span", { class: "unknown" }, `[${element.type}: not drawn here]`);

async function pressed(element, context, value) {
  const { confirm } = element;
  const question = confirm && {
    title: confirm.title.text,
    text: textOf(confirm.text),
    confirm: confirm.confirm?.text,
    deny: confirm.deny?.text,
    danger: confirm.style === "danger",
  };
  if (!question || (await ask(question))) context.press?.(element, value);
}

/** Give the value to begin with: what was typed before, else what the app set. */
function start(element, { kept }) {
  if (kept && element.action_id in kept) return kept[element.action_id];
  const [name, value] = Object.entries(element).find(([key]) => key.startsWith("initial_")) ?? [];
  if (element.type.includes("external")) return value;
  if (name === "initial_option") return value.value;
  if (name === "initial_options") return value.map((option) => option.value);
  return value;
}

/** Remember how to read an element, and tell of its changes. */
function read(made, element, context, reader) {
  readers.set(made, reader);
  made.addEventListener("change", () => pressed(element, context, reader()));
  return made;
}

function drawButton(element, context) {
  const press = () => {
    if (element.url) open(element.url, "_blank", "noopener");
    pressed(element, context);
  };
  const classes = { primary: "primary", danger: "danger" };
  return button(element.text.text, press, { class: classes[element.style], "aria-label": element.accessibility_label });
}

function overflow(element, context) {
  const choose = (option) => () => pressed(element, context, option.value);
  const items = element.options.map((option) => ({ label: option.text.text, choose: choose(option) }));
  const open = (event) => menu(event.currentTarget, "More", items);
  return button("⋯", open, { class: "icon", "aria-label": "More", "aria-haspopup": "menu", "aria-expanded": "false" });
}

/** Give what can be chosen, in groups: each a label, if it has one, and pairs of value and label. */
function choices(element) {
  const kind = element.type.replace("multi_", "");
  const channels = mine().map((channel) => [channel.id, (channel.kind === "im" ? "" : "# ") + titleOf(channel)]);
  if (kind === "users_select") return [["", state.overview.users.map((user) => [user.id, user.real_name])]];
  if (kind === "conversations_select") return [["", channels]];
  if (kind === "channels_select") return [["", channels.filter(([id]) => id.startsWith("C"))]];
  const pairs = (options) => options.map((option) => [option.value, option.text.text]);
  if (element.option_groups) return element.option_groups.map((group) => [group.label.text, pairs(group.options)]);
  return [["", pairs(element.options ?? [])]];
}

function select(element, context) {
  const value = start(element, context);
  const option = ([one, label]) => make("option", { value: one, selected: one === value }, label);
  const groups = choices(element).map(([label, pairs]) =>
    label ? make("optgroup", { label }, pairs.map(option)) : pairs.map(option)
  );
  const placeholder = element.placeholder?.text ?? "Choose…";
  const none = make("option", { value: "", selected: value === undefined || value === null }, placeholder);
  const attributes = { id: context.id, "aria-label": context.id ? undefined : context.label ?? placeholder };
  const made = make("select", attributes, none, groups.flat());
  return read(made, element, context, () => made.value || null);
}

/** Several of many, or one of a few, as boxes to tick. */
function boxes(element, context, type, pairs) {
  const value = [start(element, context) ?? []].flat();
  const name = newId();
  const rows = pairs.map(([one, label, description]) => {
    const box = make("input", { type, name, value: one, checked: value.includes(one), "data-focus": `${element.action_id} ${one}` });
    return make("label", { class: "choice" }, box, make("span", {}, label, description && make("small", {}, description)));
  });
  const many = type === "checkbox" && rows.length > 6 ? "choices many" : "choices";
  const made = make("div", { class: many, role: type === "radio" ? "radiogroup" : "group", "aria-label": context.label ?? "Choices" }, rows);
  const chosen = () => [...made.querySelectorAll("input:checked")].map((box) => box.value);
  return read(made, element, context, () => (type === "radio" ? chosen()[0] ?? null : chosen()));
}

const options = (element) =>
  element.options.map((option) => [option.value, textOf(option.text), option.description && textOf(option.description)]);
const several = (element, context) => boxes(element, context, "checkbox", choices(element).flatMap(([, pairs]) => pairs));

/** A line or a field of text, or a date or time. */
function typed(type, convert = (value) => value || null) {
  return (element, context) => {
    const attributes = {
      id: context.id,
      "aria-label": context.id ? undefined : context.label ?? element.placeholder?.text ?? element.type,
      placeholder: element.placeholder?.text,
      minlength: element.min_length,
      maxlength: element.max_length,
      min: element.min_value,
      max: element.max_value,
      step: element.type === "number_input" && element.is_decimal_allowed ? "any" : undefined,
      autofocus: element.focus_on_load,
    };
    const made = element.multiline ? make("textarea", { ...attributes, rows: 4 }) : make("input", { ...attributes, type });
    made.value = start(element, context) ?? "";
    return read(made, element, context, () => convert(made.value));
  };
}

/** A date with a time, which Slack writes as seconds. */
function dateTime(element, context) {
  const made = make("input", { type: "datetime-local", id: context.id, "aria-label": context.id ? undefined : "Date and time" });
  const seconds = start(element, context);
  if (seconds) {
    const local = new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60000);
    made.value = local.toISOString().slice(0, 16);
  }
  return read(made, element, context, () => (made.value ? Math.floor(new Date(made.value).getTime() / 1000) : null));
}

/** Formatted text is typed here without its formats. */
function richTextInput(element, context) {
  const plain = (block) => (block?.elements ?? []).flatMap((one) => one.elements ?? []).map((part) => part.text ?? "").join("");
  const made = make("textarea", { rows: 4, id: context.id, placeholder: element.placeholder?.text });
  made.value = plain(start(element, context));
  const section = () => ({ type: "rich_text_section", elements: [{ type: "text", text: made.value }] });
  return read(made, element, context, () => (made.value ? { type: "rich_text", elements: [section()] } : null));
}

/** What is drawn by a module of its own. */
const drawnBy = (draws) => (element, context) => {
  const { made, reader } = draws(element, context, start(element, context));
  return read(made, element, context, reader);
};

const KINDS = {
  external_select: drawnBy(external),
  multi_external_select: drawnBy(external),
  file_input: drawnBy(fileInput),
  button: drawButton,
  overflow,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  multi_static_select: several,
  multi_users_select: several,
  multi_channels_select: several,
  multi_conversations_select: several,
  checkboxes: (element, context) => boxes(element, context, "checkbox", options(element)),
  radio_buttons: (element, context) => boxes(element, context, "radio", options(element)),
  plain_text_input: typed("text"),
  email_text_input: typed("email"),
  url_text_input: typed("url"),
  number_input: typed("number"),
  datepicker: typed("date"),
  timepicker: typed("time"),
  datetimepicker: dateTime,
  rich_text_input: richTextInput,
};
