/**
 * Menus that the app fills while somebody types: a combo box with the suggestions below it, and for several, what was
 * chosen so far beside it.
 * @module
 */
import { button, make } from "./dom.js";
import { words } from "./notice.js";

const PAUSE = 250; // ms without a key before the app is asked
let drawn = 0;

/**
 * Draw an `external_select` or `multi_external_select`.
 * @returns {{made: Element, reader: () => unknown}} The element, which tells of changes, and what reads it: the option
 *   that was chosen, or all of them.
 */
export function external(element, context, begun) {
  const several = element.type.startsWith("multi_");
  const least = element.min_query_length ?? 3;
  let chosen = [begun ?? []].flat();
  let offered = [];
  let at = 0;
  let asked = 0; // an answer to an earlier question is too late
  let pause = 0;
  const list = make("ul", { class: "completion", role: "listbox", id: `menu-${++drawn}`, "aria-label": "Suggestions", hidden: true });
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
  const picked = make("ul", { class: "attached" });
  const made = make("div", { class: "external" }, several && picked, input, list, note);

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const settle = () => (input.value = several ? "" : chosen[0]?.text.text ?? "");
  const showPicked = () => {
    const remove = (number) => () => set(chosen.filter((_, one) => one !== number));
    picked.replaceChildren(
      ...chosen.map((option, number) => make("li", {}, make("span", {}, option.text.text), button("✕", remove(number), { class: "icon", "aria-label": `Remove ${option.text.text}` })))
    );
  };
  const set = (options) => {
    chosen = options;
    settle();
    if (several) showPicked();
    made.dispatchEvent(new Event("change"));
  };
  const choose = (option) => {
    close();
    note.textContent = "";
    const others = chosen.filter((one) => one.value !== option.value);
    set(several ? [...others, option] : [option]);
  };
  const show = () => {
    list.replaceChildren(
      ...offered.map(({ group, option }, number) => {
        const pointer = (event) => {
          event.preventDefault(); // the field keeps the focus
          choose(option);
        };
        const attributes = { role: "option", id: `${list.id}-${number}`, "aria-selected": String(number === at), onpointerdown: pointer };
        return make("li", attributes, make("b", {}, option.text.text), group && make("span", {}, group));
      })
    );
    list.hidden = !offered.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (list.hidden) close();
    else {
      input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };
  const ask = async () => {
    const question = ++asked;
    note.textContent = "Searching…";
    const { error, payload } = await context.suggest(element, input.value);
    if (question !== asked) return;
    const groups = payload?.option_groups?.map((one) => one.options.map((option) => ({ group: one.label.text, option })));
    offered = groups?.flat() ?? payload?.options?.map((option) => ({ option })) ?? [];
    at = 0;
    note.textContent = error ? words(error) : offered.length ? "" : "Nothing was found.";
    show();
  };
  const typed = () => {
    clearTimeout(pause);
    asked += 1;
    if (!several && chosen.length && input.value !== chosen[0].text.text) chosen = [];
    const more = least - input.value.length;
    note.textContent = more > 0 && input.value ? `Type ${more} more.` : "";
    offered = [];
    show();
    if (more <= 0 && context.suggest) pause = setTimeout(ask, PAUSE);
  };
  input.addEventListener("input", typed);
  input.addEventListener("focus", () => least === 0 && !input.value && typed());
  input.addEventListener("change", (event) => event.stopPropagation()); // what is typed is not chosen yet
  input.addEventListener("blur", () => {
    clearTimeout(pause);
    asked += 1;
    close();
    note.textContent = "";
    const emptied = !several && begun && !chosen.length;
    settle();
    if (emptied) made.dispatchEvent(new Event("change"));
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) {
      at = (to + offered.length) % offered.length;
      show();
    } else if (event.key === "Enter") choose(offered[at].option);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  settle();
  if (several) showPicked();
  return { made, reader: () => (several ? chosen : chosen[0] ?? null) };
}
