/**
 * Rendering of interactive elements as native controls, which work with keyboards and screen readers.
 *
 * Each element has its action id in `data-action`. Values are in the format of the control API.
 * @module
 */
import { button, make } from "./dom.js";
import { externalSelect } from "./external-select.js";
import { fileInput } from "./files.js";
import { choices, startValue } from "./menu-options.js";
import { confirmDialog, menu } from "./popup.js";
import { mrkdwn } from "./mrkdwn.js";
import { state } from "./state.js";

const readers = new WeakMap();
let lastId = 0;

/** Render a text object. */
export const textOf = (object) => (object.type === "mrkdwn" ? mrkdwn(object.text) : document.createTextNode(object.text ?? ""));

/** Return a unique element id. */
export const newId = () => `e${++lastId}`;

/** Return the values of the inputs in an element, by action id. */
export function valuesIn(root) {
  const inputs = [...root.querySelectorAll("[data-action]")].filter((input) => readers.has(input));
  return Object.fromEntries(inputs.map((input) => [input.dataset.action, readers.get(input)()]));
}

/** Return the values of the inputs in blocks, by block id and action id. */
export const stateIn = (body) => Object.fromEntries([...body.children].map((block) => [block.dataset.key, valuesIn(block)]).filter(([, values]) => Object.keys(values).length));

/**
 * Render an element.
 * @param {object} element As the app sent it.
 * @param {{label?: string, id?: string, entered?: object, press?: Function, suggest?: Function}} context
 *   `label` is the accessible name; `entered` has the values entered before, by action id; `press(element, value)` is
 *   called when a button is pressed or a value changes; `suggest(element, typed)` returns options from the app.
 */
export function draw(element, context = {}) {
  const made = (KINDS[element.type] ?? unknown)(element, context);
  if (element.action_id) made.dataset.action = made.dataset.focus = element.action_id;
  return made;
}

const unknown = (element) => make("span", { class: "unknown" }, `[${element.type}: not supported by this page]`);

async function report(element, context, value) {
  const { confirm } = element;
  const question = confirm && {
    title: confirm.title.text,
    text: textOf(confirm.text),
    confirm: confirm.confirm?.text,
    deny: confirm.deny?.text,
    danger: confirm.style === "danger",
  };
  if (!question || (await confirmDialog(question))) context.press?.(element, value);
}

/** Return the value entered before, or else the initial value. */
const initialValue = (element, { entered }) => (entered && element.action_id in entered ? entered[element.action_id] : startValue(element));

/** Register the function that returns an element's value, and report changes. */
function register(made, element, context, reader) {
  readers.set(made, reader);
  made.addEventListener("change", () => report(element, context, reader()));
  return made;
}

function drawButton(element, context) {
  const press = () => {
    if (element.url) open(element.url, "_blank", "noopener");
    report(element, context);
  };
  const classes = { primary: "primary", danger: "danger" };
  return button(element.text.text, press, { class: classes[element.style], "aria-label": element.accessibility_label });
}

/** Render two thumbs. As in Slack, the one that was pressed last stays marked, and each press is sent to the app. */
function feedbackButtons(element, context) {
  const thumb = (sign, half) => {
    const { text, value, accessibility_label: label } = element[half];
    const attributes = { class: "icon", "aria-label": label ?? text.text, title: text.text, "aria-pressed": "false", "data-focus": `${element.action_id} ${half}` };
    return button(sign, press(value), attributes);
  };
  const press = (value) => (event) => {
    for (const one of thumbs) one.setAttribute("aria-pressed", String(one === event.currentTarget));
    report(element, context, value);
  };
  const thumbs = [thumb("👍", "positive_button"), thumb("👎", "negative_button")];
  return make("span", { class: "feedback", role: "group", "aria-label": "Feedback" }, thumbs);
}

function iconButton(element, context) {
  const hidden = element.visible_to_user_ids && !element.visible_to_user_ids.includes(state.user);
  const attributes = { class: "icon", "aria-label": element.accessibility_label ?? element.text.text, title: element.text.text, hidden };
  return button("🗑", () => report(element, context), attributes);
}

function overflow(element, context) {
  const choose = (option) => () => report(element, context, option.value);
  const items = element.options.map((option) => ({ label: option.text.text, choose: choose(option) }));
  const open = (event) => menu(event.currentTarget, "More", items);
  return button("⋯", open, { class: "icon", "aria-label": "More", "aria-haspopup": "menu", "aria-expanded": "false" });
}

function select(element, context) {
  const value = initialValue(element, context);
  const option = ([one, label]) => make("option", { value: one, selected: one === value }, label);
  const groups = choices(element).map(([label, pairs]) =>
    label ? make("optgroup", { label }, pairs.map(option)) : pairs.map(option)
  );
  const placeholder = element.placeholder?.text ?? "Choose…";
  const none = make("option", { value: "", selected: value === undefined || value === null }, placeholder);
  const attributes = { id: context.id, "aria-label": context.id ? undefined : context.label ?? placeholder, autofocus: element.focus_on_load };
  const made = make("select", attributes, none, groups.flat());
  return register(made, element, context, () => made.value || null);
}

/** Render checkboxes or radio buttons. */
function choiceList(element, context, type, pairs) {
  const value = [initialValue(element, context) ?? []].flat();
  const name = newId();
  const rows = pairs.map(([one, label, description]) => {
    const box = make("input", { type, name, value: one, checked: value.includes(one), "data-focus": `${element.action_id} ${one}` });
    return make("label", { class: "choice" }, box, make("span", {}, label, description && make("small", {}, description)));
  });
  const many = type === "checkbox" && rows.length > 6 ? "choices many" : "choices";
  const made = make("div", { class: many, role: type === "radio" ? "radiogroup" : "group", "aria-label": context.label ?? "Choices" }, rows);
  const boxes = [...made.querySelectorAll("input")];
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const limit = () => {
    const isFull = chosen().length >= (element.max_selected_items ?? Infinity);
    for (const box of boxes) box.disabled = isFull && !box.checked;
  };
  made.addEventListener("change", limit);
  limit();
  return register(made, element, context, () => (type === "radio" ? chosen()[0] ?? null : chosen()));
}

const options = (element) =>
  element.options.map((option) => [option.value, textOf(option.text), option.description && textOf(option.description)]);
const multiSelect = (element, context) => choiceList(element, context, "checkbox", choices(element).flatMap(([, pairs]) => pairs));

/** Return the renderer of a text, number, date or time input. */
function textInput(type, convert = (value) => value || null) {
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
    made.value = initialValue(element, context) ?? "";
    return register(made, element, context, () => convert(made.value));
  };
}

/** Render a date and time input. Slack's value is in seconds since the epoch. */
function dateTime(element, context) {
  const made = make("input", { type: "datetime-local", id: context.id, "aria-label": context.id ? undefined : "Date and time" });
  const seconds = initialValue(element, context);
  if (seconds) {
    const local = new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60000);
    made.value = local.toISOString().slice(0, 16);
  }
  return register(made, element, context, () => (made.value ? Math.floor(new Date(made.value).getTime() / 1000) : null));
}

/** Render a rich text input; it takes plain text only. */
function richTextInput(element, context) {
  const plain = (block) => (block?.elements ?? []).flatMap((one) => one.elements ?? []).map((part) => part.text ?? "").join("");
  const made = make("textarea", { rows: 4, id: context.id, placeholder: element.placeholder?.text });
  made.value = plain(initialValue(element, context));
  const section = () => ({ type: "rich_text_section", elements: [{ type: "text", text: made.value }] });
  return register(made, element, context, () => (made.value ? { type: "rich_text", elements: [section()] } : null));
}

/** Return the renderer of an element that another module renders. */
const renderedBy = (render) => (element, context) => {
  const { made, reader } = render(element, context, initialValue(element, context));
  return register(made, element, context, reader);
};

const KINDS = {
  external_select: renderedBy(externalSelect),
  multi_external_select: renderedBy(externalSelect),
  file_input: renderedBy(fileInput),
  button: drawButton,
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
  overflow,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  multi_static_select: multiSelect,
  multi_users_select: multiSelect,
  multi_channels_select: multiSelect,
  multi_conversations_select: multiSelect,
  checkboxes: (element, context) => choiceList(element, context, "checkbox", options(element)),
  radio_buttons: (element, context) => choiceList(element, context, "radio", options(element)),
  plain_text_input: textInput("text"),
  email_text_input: textInput("email"),
  url_text_input: textInput("url"),
  number_input: textInput("number"),
  datepicker: textInput("date"),
  timepicker: textInput("time"),
  datetimepicker: dateTime,
  rich_text_input: richTextInput,
};
