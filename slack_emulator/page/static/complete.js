/**
 * What is offered while somebody types: commands, people, channels, emoji. A list box that the text field controls.
 * @module
 */
import { make } from "./dom.js";
import { character, find } from "./emoji.js";
import { channelOf, mine, state, titleOf } from "./state.js";

const MOST = 8;

const begins = (word) => (name) => name.toLowerCase().startsWith(word.toLowerCase());

function commands(word) {
  const { overview } = state;
  const known = overview.commands.map(({ command, hint }) => ({ label: command, note: hint, text: `${command} ` }));
  const own = [
    { label: "/invite", note: "@name, brings somebody into this channel", text: "/invite " },
    { label: "/archive", note: "closes this channel for good", text: "/archive " },
  ];
  const channel = channelOf(state.channel);
  const all = channel?.kind === "im" ? known : [...known, ...own];
  const shortcuts = overview.shortcuts.filter((one) => one.kind === "global" && begins(word.slice(1))(one.name));
  const uses = shortcuts.map((shortcut) => ({ label: shortcut.name, note: `shortcut of ${overview.app}`, shortcut }));
  return [...all.filter(({ label }) => begins(word)(label)), ...uses];
}

function people(word) {
  const members = new Set(channelOf(state.channel)?.members);
  const users = state.overview.users.filter((user) => begins(word)(user.name) || begins(word)(user.real_name));
  users.sort((a, b) => members.has(b.id) - members.has(a.id));
  const special = ["here", "channel"].filter(begins(word)).map((name) => ({ label: `@${name}`, note: "everybody in this channel", text: `@${name} ` }));
  return [...users.map((user) => ({ label: `@${user.name}`, note: user.real_name, text: `@${user.name} ` })), ...special];
}

const channels = (word) =>
  mine()
    .filter((channel) => channel.kind !== "im" && begins(word)(channel.name))
    .map((channel) => ({ label: `#${titleOf(channel)}`, note: channel.topic, text: `#${channel.name} ` }));

const emoji = (word) => find(word, MOST).map((name) => ({ label: `${character(name)} :${name}:`, text: `:${name}: ` }));

const KINDS = [
  [/^(\/\S*)$/, commands],
  [/(?:^|\s)@([\w.-]*)$/, people],
  [/(?:^|\s)#([\w-]*)$/, channels],
  [/(?:^|\s):([a-z0-9_+-]{2,})$/, emoji],
];

/** Give what can stand in place of the last `length` characters before the caret. */
function offers(before) {
  for (const [pattern, find_] of KINDS) {
    const found = before.match(pattern);
    if (found) return { length: found[0].trimStart().length, items: find_(found[1]).slice(0, MOST) };
  }
  return { length: 0, items: [] };
}

/**
 * Offer completions for a text field.
 * @param {HTMLTextAreaElement} field
 * @param {(shortcut: object) => void} use What to do with a shortcut that is chosen.
 * @returns {{element: Element, key: (event: KeyboardEvent) => boolean, update: () => void}} The list; what handles a
 *   key, giving whether it did; and what brings the list in step with the text.
 */
export function completion(field, use) {
  const element = make("ul", { class: "completion", role: "listbox", id: `${field.id}-offers`, "aria-label": "Suggestions", hidden: true });
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
          event.preventDefault(); // the field keeps the focus
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
    current = state.overview ? offers(field.value.slice(0, field.selectionStart)) : current;
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
