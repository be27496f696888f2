/**
 * Menus with an external data source: a combo box whose options come from the app.
 * @module
 */
import { button, make } from "./dom.js";
import { errorText } from "./notices.js";

const DEBOUNCE = 250; // ms
let lastId = 0;

/**
 * Render an `external_select` or `multi_external_select`.
 * @returns {{made: Element, reader: () => unknown}} The element, and a function that returns the chosen option or options.
 */
export function externalSelect(element, context, initial) {
  const multiple = element.type.startsWith("multi_");
  const minLength = element.min_query_length ?? 3;
  let chosen = [initial ?? []].flat();
  let found = [];
  let at = 0;
  let lastRequest = 0; // responses to earlier requests are ignored
  let timer = 0;
  const list = make("ul", { class: "completion", role: "listbox", id: `menu-${++lastId}`, "aria-label": "Suggestions", hidden: true });
  const note = make("p", { class: "hint", role: "status" });
  const input = make("input", {
    type: "text",
    id: context.id,
    role: "combobox",
    autocomplete: "off",
    "aria-label": context.id ? undefined : context.label ?? element.placeholder?.text ?? "Search",
    "aria-controls": list.id,
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    placeholder: element.placeholder?.text ?? "Type to search",
    "data-focus": `${element.action_id} input`,
  });
  const chosenList = make("ul", { class: "attached" });
  const made = make("div", { class: "external" }, multiple && chosenList, input, list, note);

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const resetInput = () => (input.value = multiple ? "" : chosen[0]?.text.text ?? "");
  const showChosen = () => {
    const remove = (number) => () => set(chosen.filter((_, one) => one !== number));
    input.disabled = chosen.length >= (element.max_selected_items ?? Infinity);
    chosenList.replaceChildren(
      ...chosen.map((option, number) => make("li", {}, make("span", {}, option.text.text), button("✕", remove(number), { class: "icon", "aria-label": `Remove ${option.text.text}` })))
    );
  };
  const set = (options) => {
    chosen = options;
    resetInput();
    if (multiple) showChosen();
    made.dispatchEvent(new Event("change"));
  };
  const choose = (option) => {
    close();
    note.textContent = "";
    const others = chosen.filter((one) => one.value !== option.value);
    set(multiple ? [...others, option] : [option]);
  };
  const show = () => {
    list.replaceChildren(
      ...found.map(({ group, option }, number) => {
        const pointer = (event) => {
          event.preventDefault(); // keep the focus in the field
          choose(option);
        };
        const attributes = { role: "option", id: `${list.id}-${number}`, "aria-selected": String(number === at), onpointerdown: pointer };
        return make("li", attributes, make("b", {}, option.text.text), group && make("span", {}, group));
      })
    );
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (list.hidden) close();
    else {
      input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };
  const request = async () => {
    const number = ++lastRequest;
    note.textContent = "Searching…";
    const { error, payload } = await context.suggest(element, input.value);
    if (number !== lastRequest) return;
    const groups = payload?.option_groups?.map((one) => one.options.map((option) => ({ group: one.label.text, option })));
    found = groups?.flat() ?? payload?.options?.map((option) => ({ option })) ?? [];
    at = 0;
    note.textContent = error ? errorText(error) : found.length ? "" : "No results.";
    show();
  };
  const onInput = () => {
    clearTimeout(timer);
    lastRequest += 1;
    if (!multiple && chosen.length && input.value !== chosen[0].text.text) chosen = [];
    const more = minLength - input.value.length;
    note.textContent = more > 0 && input.value ? `Type ${more} more ${more === 1 ? "character" : "characters"}.` : "";
    found = [];
    show();
    if (more <= 0 && context.suggest) timer = setTimeout(request, DEBOUNCE);
  };
  input.addEventListener("input", onInput);
  input.addEventListener("focus", () => minLength === 0 && !input.value && onInput());
  input.addEventListener("change", (event) => event.stopPropagation()); // the typed text is not the value
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    lastRequest += 1;
    close();
    note.textContent = "";
    const emptied = !multiple && initial && !chosen.length;
    resetInput();
    if (emptied) made.dispatchEvent(new Event("change"));
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) {
      at = (to + found.length) % found.length;
      show();
    } else if (event.key === "Enter") choose(found[at].option);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  resetInput();
  if (multiple) showChosen();
  return { made, reader: () => (multiple ? chosen : chosen[0] ?? null) };
}
