/**
 * Modals: what the app has opened for whoever looks, with its inputs, and what is wrong with them.
 * @module
 */
import { drawBlock } from "./blocks.js";
import { $, button, keyed, make } from "./dom.js";
import { stateIn, valuesIn } from "./elements.js";
import { act, asking, trying } from "./live.js";
import { tell, words } from "./notice.js";
import { on, state } from "./state.js";

const dialog = $("modal");
const bodies = new Map(); // by view id: what was typed stays while another view lies on top
let open = "";

/** Bring the blocks of a view in step; what was typed survives where the ids do. */
export function fillIn(body, view) {
  const about = (block, element) => ({ user: state.user, thing: view.id, block_id: block.block_id, action_id: element.action_id });
  const press = (block, element, value) => asking("press", { ...about(block, element), value, values: stateIn(body) });
  const suggest = (block, element, typed) => act("suggest", { ...about(block, element), typed }).catch((error) => ({ error: error.message }));
  keyed(
    body,
    view.blocks.map((block) => ({
      key: block.block_id,
      signature: JSON.stringify(block),
      draw: () => drawBlock(block, { press, suggest, kept: keptIn(body, block.block_id) }),
    }))
  );
}

/** Give what was typed in the block with that id. */
function keptIn(body, id) {
  const before = body.querySelector(`:scope > [data-key="${CSS.escape(id)}"]`);
  return before ? valuesIn(before) : {};
}

function show() {
  const view = state.views?.user === state.user && state.views.modal;
  if (!view) {
    bodies.clear();
    open = "";
    if (dialog.open) dialog.close();
    return;
  }
  if (!bodies.has(view.id)) bodies.set(view.id, make("div", { class: "modal-body" }));
  const body = bodies.get(view.id);
  fillIn(body, view);
  const sign = JSON.stringify([view.id, view.title, view.submit, view.close]);
  if (open !== sign) {
    const focused = body.contains(document.activeElement) && document.activeElement;
    dialog.replaceChildren(frame(view, body));
    if (focused) focused.focus();
  }
  open = sign;
  if (dialog.open) return;
  dialog.showModal();
  (body.querySelector("[autofocus]") ?? body.querySelector("input, select, textarea") ?? dialog.querySelector(".modal-scroll")).focus();
}

function frame(view, body) {
  const trouble = make("p", { class: "error", role: "alert", hidden: true });
  const dismiss = () => trying("dismiss", { user: state.user });
  const close = button(view.close?.text ?? (view.submit ? "Cancel" : "Close"), dismiss);
  const submit = view.submit && make("button", { class: "primary" }, view.submit.text);
  const form = make(
    "form",
    { novalidate: true },
    make(
      "header",
      { class: "bar" },
      make("h2", { id: "modal-title" }, view.title.text),
      button("✕", dismiss, { class: "icon", "aria-label": view.previous_view_id ? "Back" : "Close" })
    ),
    make("div", { class: "modal-scroll", tabindex: "-1" }, trouble, body),
    make("footer", { class: "feet" }, close, submit)
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit) send(view, body, submit, trouble);
  });
  return form;
}

/** Give what is missing or of the wrong form in the inputs of blocks, by block id. */
export function missing(blocks, body) {
  const found = {};
  for (const block of blocks.filter(({ type }) => type === "input")) {
    const place = body.querySelector(`:scope > [data-key="${CSS.escape(block.block_id)}"]`);
    const value = valuesIn(place)[block.element.action_id];
    const empty = value === null || value === undefined || value.length === 0;
    const control = place.querySelector(`[data-action="${CSS.escape(block.element.action_id)}"]`);
    if (empty && !block.optional) found[block.block_id] = "Please complete this required field.";
    else if (!empty && control?.validity && !control.validity.valid) found[block.block_id] = control.validationMessage;
  }
  return found;
}

/** Say what is wrong beside the inputs, and go to the first of them. */
export function mark(body, errors) {
  for (const block of body.children) {
    const place = block.querySelector(":scope > .error");
    if (!place) continue;
    const text = errors[block.dataset.key];
    place.hidden = !text;
    place.textContent = text ?? "";
    for (const input of block.querySelectorAll("input, select, textarea")) input.setAttribute("aria-invalid", String(Boolean(text)));
  }
  const first = [...body.children].find((block) => errors[block.dataset.key]);
  first?.querySelector("input, select, textarea")?.focus();
}

async function send(view, body, submit, trouble) {
  trouble.hidden = true;
  const faults = missing(state.views.modal.blocks, body);
  mark(body, faults);
  if (Object.keys(faults).length) return;
  submit.disabled = true;
  try {
    const outcome = await act("submit", { user: state.user, values: stateIn(body) });
    if (outcome.error === "invalid_input") mark(body, outcome.payload.errors);
    else if (outcome.error) {
      trouble.textContent = `We had some trouble connecting. ${words(outcome.error)} Try again?`;
      trouble.hidden = false;
    } else if (outcome.payload.response_action === "errors") mark(body, outcome.payload.errors);
  } catch (error) {
    tell(error.message);
  } finally {
    submit.disabled = false;
  }
}

dialog.addEventListener("cancel", (event) => {
  event.preventDefault(); // it closes when the server says so
  trying("dismiss", { user: state.user });
});
on(["views", "user"], show);
