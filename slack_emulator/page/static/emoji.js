/**
 * Emoji by name, and the picker for reactions.
 * @module
 */
import { button, enableArrowKeys, make } from "./dom.js";
import { popup } from "./popup.js";

const COMMON = (
  "+1 -1 eyes white_check_mark heart tada thermometer raised_hands pray clap joy slightly_smiling_face smile thinking_face " +
  "cry rage sob sunglasses wave ok_hand muscle fire rocket star sparkles bulb 100 x warning question coffee pizza " +
  "dog cat bug memo calendar lock hourglass rainbow"
).split(" ");
const TONES = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };
const MAX_FOUND = 48;
let known = {};

/** Load the emoji. Until then, they are shown by name. */
export async function load() {
  known = await (await fetch("/page/emoji.json")).json();
}

/** Return the character of an emoji such as `wave` or `wave::skin-tone-3`, if it is known. */
export function character(name) {
  const [base, tone] = name.split("::skin-tone-");
  return known[base] && known[base] + (TONES[tone] ?? "");
}

/** Render an emoji: its character, or its name between colons. */
export function emoji(name) {
  const drawn = character(name);
  return drawn ? make("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:` }, drawn) : `:${name}:`;
}

/** Find the names of emoji that contain a text; those that start with it come first. */
export function find(text, limit = MAX_FOUND) {
  const wanted = text.toLowerCase().replaceAll(":", "").trim().replaceAll(" ", "_");
  const names = Object.keys(known).filter((name) => name.includes(wanted) && !/[A-Z]/.test(name));
  names.sort((a, b) => b.startsWith(wanted) - a.startsWith(wanted) || a.length - b.length);
  const seen = new Set();
  return names.filter((name) => !seen.has(known[name]) && seen.add(known[name])).slice(0, limit);
}

/** Open the emoji picker beside `anchor`. */
export function pick(anchor, chosen) {
  const grid = make("div", { class: "emoji-grid", role: "group", "aria-label": "Emoji" });
  const search = make("input", { type: "search", placeholder: "Search all emoji", "aria-label": "Search emoji" });
  const choose = (name) => {
    shown.hidePopover();
    chosen(name);
  };
  const fill = () => {
    const names = search.value.trim() ? find(search.value) : COMMON;
    const label = (name) => ({ "aria-label": name, title: `:${name}:` });
    grid.replaceChildren(
      ...(names.length
        ? names.map((name) => button(character(name) ?? `:${name}:`, () => choose(name), label(name)))
        : [make("p", {}, "No emoji has that name.")])
    );
  };
  search.addEventListener("input", fill);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") grid.querySelector("button")?.click();
    if (event.key === "ArrowDown") grid.querySelector("button")?.focus();
    if (["Enter", "ArrowDown"].includes(event.key)) event.preventDefault();
  });
  enableArrowKeys(grid, "button", { previous: "ArrowLeft", next: "ArrowRight" });
  fill();
  const shown = popup(anchor, "picker", { role: "dialog", "aria-label": "Pick a reaction" }, search, grid);
  search.focus();
}
