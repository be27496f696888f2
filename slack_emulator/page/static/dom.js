/**
 * Creating and updating elements. Content by people and apps is only ever inserted as text, never as HTML.
 * @module
 */

export const $ = (id) => document.getElementById(id);

/** Create an element. Attributes such as `onclick` become listeners; children are nodes or strings. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

/** Create a button. */
export const button = (label, onclick, attributes = {}, ...more) =>
  make("button", { type: "button", onclick, ...attributes }, label, ...more);

const signatures = new WeakMap();

/**
 * Update the children of `parent` to match `items`. An item with the same key and signature keeps its element, and so
 * its focus, selection and scroll position.
 * @param {Element} parent
 * @param {{key: string, signature: string, draw: () => Element}[]} items
 */
export function updateChildren(parent, items) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = new Set(items.map((item) => item.key));
  const first = before.size === 0;
  for (const [key, child] of before) if (!wanted.has(key)) remove(child);
  let place = parent.firstElementChild;
  for (const { key, signature, draw } of items) {
    let node = before.get(key);
    if (!node || signatures.get(node) !== signature) {
      const fresh = draw();
      fresh.dataset.key = key;
      signatures.set(fresh, signature);
      if (node) {
        if (place === node) place = fresh;
        replace(node, fresh);
      } else if (!first) fresh.classList.add("arriving");
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

/** Replace `old` by `fresh`, and restore the focus. */
function replace(old, fresh) {
  const active = document.activeElement;
  const focused = old.contains(active) && active;
  const selection = focused && typeof focused.selectionStart === "number" && [focused.selectionStart, focused.selectionEnd];
  old.replaceWith(fresh);
  if (!focused) return;
  const name = focused.dataset.focus;
  const successor = (name && fresh.querySelector(`[data-focus="${CSS.escape(name)}"]`)) || fresh;
  successor.focus({ preventScroll: true });
  if (selection && successor.localName === focused.localName) successor.setSelectionRange(...selection);
}

function remove(child) {
  const successor = child.contains(document.activeElement) && (child.nextElementSibling || child.previousElementSibling);
  child.remove();
  if (successor) successor.focus({ preventScroll: true });
}

/** Move the focus among the elements of `container` that match `selector` by the arrow keys, Home and End. */
export function enableArrowKeys(container, selector, { previous = "ArrowUp", next = "ArrowDown" } = {}) {
  container.addEventListener("keydown", (event) => {
    const all = [...container.querySelectorAll(selector)].filter((one) => !one.hidden);
    const at = all.indexOf(event.target);
    if (at < 0) return;
    const to = { [previous]: at - 1, [next]: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, to))].focus();
  });
}

/**
 * Keep `scroll` at its end when its content or size changes, unless the user has scrolled up.
 * @returns {{stick: () => void, release: () => void}} `stick` scrolls to the end after an update; `release` stops
 *   scrolling until the user scrolls to the end.
 */
export function stickToEnd(scroll, content) {
  let atEnd = true;
  let top = 0;
  const stick = () => {
    if (!atEnd) return;
    scroll.scrollTop = scroll.scrollHeight;
    top = scroll.scrollTop;
  };
  scroll.addEventListener("scroll", () => {
    const near = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
    atEnd = near || (atEnd && scroll.scrollTop >= top);
    top = scroll.scrollTop;
  });
  const observer = new ResizeObserver(stick);
  observer.observe(scroll);
  observer.observe(content);
  return { stick, release: () => (atEnd = false) };
}
