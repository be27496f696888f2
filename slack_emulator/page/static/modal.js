/**
 * Modals and their inputs, and the errors in them.
 * @module
 */
import { drawBlock } from "./blocks.js";
import { $, button, make, updateChildren } from "./dom.js";
import { stateIn, valuesIn } from "./elements.js";
import { interact, perform, tryPerform } from "./server.js";
import { errorText, showNotice } from "./notices.js";
import { on, state } from "./state.js";

const dialog = $("modal");
const bodies = new Map(); // by view id; they keep their inputs while another view is on top
let open = "";

/** Update the blocks of a view. Inputs keep their values if their ids stay the same. */
export function updateView(body, view) {
  const target = (block, element) => ({ user: state.user, thing: view.id, block_id: block.block_id, action_id: element.action_id });
  const press = (block, element, value) => interact("press", { ...target(block, element), value, values: stateIn(body) });
  const suggest = (block, element, typed) => perform("suggest", { ...target(block, element), typed }).catch((error) => ({ error: error.message }));
  updateChildren(
    body,
    view.blocks.map((block) => ({
      key: block.block_id,
      signature: JSON.stringify(block),
      draw: () => drawBlock(block, { press, suggest, entered: enteredIn(body, block.block_id) }),
    }))
  );
}

/** Return the values entered in the block with that id. */
function enteredIn(body, id) {
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
  updateView(body, view);
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
  const failure = make("p", { class: "error", role: "alert", hidden: true });
  const dismiss = () => tryPerform("dismiss", { user: state.user });
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
    make("div", { class: "modal-scroll", tabindex: "-1" }, failure, body),
    make("footer", { class: "buttons" }, close, submit)
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit) send(view, body, submit, failure);
  });
  return form;
}

/** Return the errors in the inputs of blocks, by block id. */
export function inputErrors(blocks, body) {
  const errors = {};
  for (const block of blocks.filter(({ type }) => type === "input")) {
    const place = body.querySelector(`:scope > [data-key="${CSS.escape(block.block_id)}"]`);
    const value = valuesIn(place)[block.element.action_id];
    const empty = value === null || value === undefined || value.length === 0;
    const control = place.querySelector(`[data-action="${CSS.escape(block.element.action_id)}"]`);
    if (empty && !block.optional) errors[block.block_id] = "Please complete this required field.";
    else if (!empty && control?.validity && !control.validity.valid) errors[block.block_id] = control.validationMessage;
  }
  return errors;
}

/** Show errors beside the inputs, and focus the first of them. */
export function showErrors(body, errors) {
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

async function send(view, body, submit, failure) {
  failure.hidden = true;
  const errors = inputErrors(state.views.modal.blocks, body);
  showErrors(body, errors);
  if (Object.keys(errors).length) return;
  submit.disabled = true;
  try {
    const outcome = await perform("submit", { user: state.user, values: stateIn(body) });
    if (outcome.error === "invalid_input") showErrors(body, outcome.payload.errors);
    else if (outcome.error) {
      failure.textContent = `We had some trouble connecting. ${errorText(outcome.error)} Try again?`;
      failure.hidden = false;
    } else if (outcome.payload.response_action === "errors") showErrors(body, outcome.payload.errors);
  } catch (error) {
    showNotice(error.message);
  } finally {
    submit.disabled = false;
  }
}

dialog.addEventListener("cancel", (event) => {
  event.preventDefault(); // the server closes it
  tryPerform("dismiss", { user: state.user });
});
on(["views", "user"], show);
