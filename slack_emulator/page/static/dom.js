/**
 * Making and updating elements. What people and apps wrote comes in as text only, so that none of it can become
 * mark-up.
 * @module
 */

export const $ = (id) => document.getElementById(id);

/** Make an element: attributes by name, `onclick` and the like as listeners, children as nodes or texts. */
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

/** Make a button that does something. */
export const button = (label, onclick, attributes = {}, ...more) =>
  make("button", { type: "button", onclick, ...attributes }, label, ...more);

const signatures = new WeakMap();

/**
 * Bring the children of `parent` in step with `items`: an item that has not changed keeps its element, so that
 * focus, selection and scrolling stay where they are.
 * @param {Element} parent
 * @param {{key: string, signature: string, draw: () => Element}[]} items
 */
export function keyed(parent, items) {
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
        swap(node, fresh);
      } else if (!first) fresh.classList.add("arriving");
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

/** Put `fresh` where `old` is, and the focus where it was. */
function swap(old, fresh) {
  const active = document.activeElement;
  const focused = old.contains(active) && active;
  const selection = focused && typeof focused.selectionStart === "number" && [focused.selectionStart, focused.selectionEnd];
  old.replaceWith(fresh);
  if (!focused) return;
  const name = focused.dataset.focus;
  const heir = (name && fresh.querySelector(`[data-focus="${CSS.escape(name)}"]`)) || fresh;
  heir.focus({ preventScroll: true });
  if (selection && heir.localName === focused.localName) heir.setSelectionRange(...selection);
}

function remove(child) {
  const heir = child.contains(document.activeElement) && (child.nextElementSibling || child.previousElementSibling);
  child.remove();
  if (heir) heir.focus({ preventScroll: true });
}

/** Let the arrow keys, Home and End move among the elements of `container` that match `selector`. */
export function arrows(container, selector, { back = "ArrowUp", on = "ArrowDown" } = {}) {
  container.addEventListener("keydown", (event) => {
    const all = [...container.querySelectorAll(selector)].filter((one) => !one.hidden);
    const at = all.indexOf(event.target);
    if (at < 0) return;
    const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, to))].focus();
  });
}

/**
 * Keep the end of what `scroll` holds in sight where it was in sight, whatever comes and however the sizes change.
 * Only going up leaves the end: content that has grown since the last look does not.
 * @returns {{stick: () => void, leave: () => void}} `stick` is to be called when something was drawn; `leave` stops
 *   following until somebody scrolls to the end.
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
  return { stick, leave: () => (atEnd = false) };
}
