/**
 * Completion while typing: commands, people, channels and emoji.
 * @module
 */
import { make } from "./dom.js";
import { character, find } from "./emoji.js";
import { channelOf, ownChannels, state, titleOf } from "./state.js";

const MAX_ITEMS = 8;

const startsWith = (word) => (name) => name.toLowerCase().startsWith(word.toLowerCase());

function commands(word) {
  const { overview } = state;
  const known = overview.commands.map(({ command, hint }) => ({ label: command, note: hint, text: `${command} ` }));
  const builtIn = [
    { label: "/invite", note: "@name, adds somebody to this channel", text: "/invite " },
    { label: "/archive", note: "archives this channel", text: "/archive " },
  ];
  const channel = channelOf(state.channel);
  const all = channel?.kind === "im" ? known : [...known, ...builtIn];
  const shortcuts = overview.shortcuts.filter((one) => one.kind === "global" && startsWith(word.slice(1))(one.name));
  const uses = shortcuts.map((shortcut) => ({ label: shortcut.name, note: `shortcut of ${overview.app}`, shortcut }));
  return [...all.filter(({ label }) => startsWith(word)(label)), ...uses];
}

function people(word) {
  const members = new Set(channelOf(state.channel)?.members);
  const users = state.overview.users.filter((user) => startsWith(word)(user.name) || startsWith(word)(user.real_name));
  users.sort((a, b) => members.has(b.id) - members.has(a.id));
  const special = ["here", "channel"].filter(startsWith(word)).map((name) => ({ label: `@${name}`, note: "everybody in this channel", text: `@${name} ` }));
  return [...users.map((user) => ({ label: `@${user.name}`, note: user.real_name, text: `@${user.name} ` })), ...special];
}

const channels = (word) =>
  ownChannels()
    .filter((channel) => channel.kind !== "im" && startsWith(word)(channel.name))
    .map((channel) => ({ label: `#${titleOf(channel)}`, note: channel.topic, text: `#${channel.name} ` }));

const emoji = (word) => find(word, MAX_ITEMS).map((name) => ({ label: `${character(name)} :${name}:`, text: `:${name}: ` }));

const KINDS = [
  [/^(\/\S*)$/, commands],
  [/(?:^|\s)@([\w.-]*)$/, people],
  [/(?:^|\s)#([\w-]*)$/, channels],
  [/(?:^|\s):([a-z0-9_+-]{2,})$/, emoji],
];

/** Return the completions of the last `length` characters of the text before the caret. */
function completions(before) {
  for (const [pattern, find_] of KINDS) {
    const found = before.match(pattern);
    if (found) return { length: found[0].trimStart().length, items: find_(found[1]).slice(0, MAX_ITEMS) };
  }
  return { length: 0, items: [] };
}

/**
 * Add completion to a text field.
 * @param {HTMLTextAreaElement} field
 * @param {(shortcut: object) => void} use Called with a shortcut that is chosen.
 * @returns {{element: Element, key: (event: KeyboardEvent) => boolean, update: () => void}} The list;
 *   a key handler that returns whether it has handled the key; and a function that updates the list.
 */
export function completion(field, use) {
  const element = make("ul", { class: "completion", role: "listbox", id: `${field.id}-completion`, "aria-label": "Suggestions", hidden: true });
  let current = { length: 0, items: [] };
  let at = 0;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", element.id);

  const close = () => {
    element.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (item) => {
    const end = field.selectionStart;
    const begin = end - current.length;
    field.setRangeText(item.text ?? "", begin, end, "end");
    field.focus();
    field.dispatchEvent(new Event("input"));
    close();
    if (item.shortcut) use(item.shortcut);
  };
  const show = () => {
    element.replaceChildren(
      ...current.items.map((item, number) => {
        const attributes = { role: "option", id: `${element.id}-${number}`, "aria-selected": String(number === at) };
        const pointer = (event) => {
          event.preventDefault(); // keep the focus in the field
          choose(item);
        };
        return make("li", { ...attributes, onpointerdown: pointer }, make("b", {}, item.label), item.note && make("span", {}, item.note));
      })
    );
    element.hidden = current.items.length === 0;
    if (element.hidden) close();
    else field.setAttribute("aria-activedescendant", `${element.id}-${at}`);
  };
  const update = () => {
    at = 0;
    current = state.overview ? completions(field.value.slice(0, field.selectionStart)) : current;
    if (current.items.length === 1 && current.items[0].text?.trim() === field.value) current.items = [];
    show();
  };
  const key = (event) => {
    if (element.hidden || event.isComposing) return false;
    const count = current.items.length;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) {
      at = (to + count) % count;
      show();
    } else if (event.key === "Enter" || event.key === "Tab") choose(current.items[at]);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    return true;
  };
  field.addEventListener("input", update);
  field.addEventListener("blur", close);
  return { element, key, update };
}
