/**
 * Popups, menus and confirmation dialogs.
 * @module
 */
import { button, enableArrowKeys, make } from "./dom.js";

/** Open a popup beside `anchor`. Escape or a click elsewhere closes it and restores the focus. */
export function popup(anchor, className, attributes, ...children) {
  const shown = make("div", { class: `popup ${className}`, popover: "auto", ...attributes }, ...children);
  (anchor.closest("dialog") ?? document.body).append(shown);
  anchor.setAttribute("aria-expanded", "true");
  shown.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    if (shown.contains(document.activeElement) || document.activeElement === document.body) anchor.focus();
    shown.remove();
  });
  shown.showPopover();
  const at = anchor.getBoundingClientRect();
  const { width, height } = shown.getBoundingClientRect();
  const below = at.bottom + 4 + height < innerHeight || at.top < height + 12;
  shown.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  shown.style.top = `${Math.max(8, below ? Math.min(at.bottom + 4, innerHeight - height - 8) : at.top - height - 4)}px`;
  return shown;
}

/**
 * Open a menu beside `anchor`.
 * @param {Element} anchor
 * @param {string} label
 * @param {{label: string, note?: string, danger?: boolean, choose: () => void}[]} items
 */
export function menu(anchor, label, items) {
  const entries = items.map((item) => {
    const choose = () => {
      shown.hidePopover();
      item.choose();
    };
    const attributes = { role: "menuitem", tabindex: "-1", class: item.danger ? "danger" : undefined };
    return button(item.label, choose, attributes, item.note && make("small", {}, item.note));
  });
  const shown = popup(anchor, "menu", { role: "menu", "aria-label": label }, ...entries);
  enableArrowKeys(shown, "button");
  entries[0].focus();
}

/** Ask for confirmation, and return whether the user confirmed. */
export function confirmDialog({ title, text, confirm = "Yes", deny = "Cancel", danger = false }) {
  const dialog = make("dialog", { class: "question", "aria-label": title });
  const answer = (value) => () => dialog.close(value);
  const yes = button(confirm, answer("yes"), { class: danger ? "danger solid" : "primary" });
  const buttons = make("div", { class: "buttons" }, button(deny, answer("")), yes);
  dialog.append(make("h2", {}, title), make("div", {}, text), buttons);
  document.body.append(dialog);
  dialog.showModal();
  yes.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
