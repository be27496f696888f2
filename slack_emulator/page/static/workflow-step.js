/**
 * Running a workflow step: a form for its inputs, and its outputs.
 * @module
 */
import { drawBlock } from "./blocks.js";
import { button, make } from "./dom.js";
import { stateIn } from "./elements.js";
import { perform } from "./server.js";
import { inputErrors, showErrors } from "./modal.js";
import { showNotice } from "./notices.js";
import { nameOf, state } from "./state.js";

const FIRST_WAIT = 3; // seconds that the first request waits for the step to end
const NEXT_WAIT = 30;

const ELEMENTS = {
  integer: { type: "number_input", is_decimal_allowed: false },
  number: { type: "number_input", is_decimal_allowed: true },
  boolean: { type: "checkboxes", options: [{ text: { type: "plain_text", text: "Yes" }, value: "yes" }] },
  array: { type: "plain_text_input", multiline: true, placeholder: { text: '["a", "b"]' } },
  object: { type: "plain_text_input", multiline: true, placeholder: { text: '{"name": "value"}' } },
  "slack#/types/user_id": { type: "users_select" },
  "slack#/types/channel_id": { type: "conversations_select" },
};

const PARSERS = {
  integer: Number,
  number: Number,
  boolean: (chosen) => chosen.length > 0,
  array: JSON.parse,
  object: JSON.parse,
};

/** Return the input block of a parameter. */
const block = ({ name, type, title, description, is_required: required }) => ({
  type: "input",
  block_id: name,
  label: { text: title },
  hint: description && { text: description },
  optional: !required || type === "boolean",
  element: { action_id: name, ...(ELEMENTS[type] ?? { type: "plain_text_input" }) },
});

/** Return the inputs that were filled in, and the errors of the others by name. */
function read(step, body) {
  const values = stateIn(body);
  const errors = inputErrors(step.inputs.map(block), body);
  const inputs = {};
  for (const { name, type } of step.inputs) {
    const value = values[name][name];
    if (value === null || value === "" || errors[name]) continue;
    try {
      inputs[name] = (PARSERS[type] ?? ((one) => one))(value);
    } catch {
      errors[name] = `This must be JSON, such as ${ELEMENTS[type].placeholder.text}.`;
    }
  }
  return { inputs, errors };
}

const shown = (value) => (typeof value === "string" ? (/^[UW][A-Z0-9]{10}$/.test(value) ? `@${nameOf(value)}` : value) : JSON.stringify(value));

/** Render the outcome of a run. */
function outcome(step, run) {
  if (run.status === "failed") return [make("h3", {}, "Failed"), make("p", { class: "error" }, run.error)];
  if (run.status === "running") {
    const why = state.overview.connected ? "It may be waiting for a person. You can close this dialog; a notice will show the outcome." : `${state.overview.app} is not connected. The step starts if it connects within minutes.`;
    return [make("h3", {}, "Still running"), make("p", { class: "hint" }, why)];
  }
  const titles = Object.fromEntries(step.outputs.map(({ name, title }) => [name, title]));
  const rows = Object.entries(run.outputs).map(([name, value]) => [make("dt", {}, titles[name] ?? name), make("dd", {}, shown(value))]);
  return [make("h3", {}, "Completed"), rows.length ? make("dl", {}, rows.flat()) : make("p", { class: "hint" }, "It has no outputs.")];
}

/** Open the dialog to run a step. */
export function runStep(step) {
  const body = make("div", { class: "modal-body" }, step.inputs.map(block).map((one) => {
    const drawn = drawBlock(one, {});
    drawn.dataset.key = one.block_id;
    return drawn;
  }));
  const result = make("div", { class: "outcome", role: "status" });
  const run = make("button", { class: "primary" }, "Run");
  const close = () => dialog.close();
  const form = make(
    "form",
    { novalidate: true },
    make("header", { class: "bar" }, make("h2", { id: "step-title" }, step.title), button("✕", close, { class: "icon", "aria-label": "Close" })),
    make("div", { class: "modal-scroll" }, make("p", { class: "hint" }, `A workflow step of ${state.overview.app}. ${step.description}`), body, result),
    make("footer", { class: "buttons" }, button("Close", close), run)
  );
  const dialog = make("dialog", { "aria-labelledby": "step-title", class: "step" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { inputs, errors } = read(step, body);
    showErrors(body, errors);
    if (Object.keys(errors).length) return;
    run.disabled = true;
    result.replaceChildren(make("p", { class: "hint" }, "Running…"));
    try {
      let now = await perform("run_step", { user: state.user, callback_id: step.callback_id, inputs, wait: FIRST_WAIT });
      while (now.status === "running") {
        result.replaceChildren(...outcome(step, now));
        now = await perform("step", { id: now.id, wait: NEXT_WAIT });
      }
      const drawn = outcome(step, now);
      result.replaceChildren(...drawn);
      if (dialog.open) result.scrollIntoView({ block: "nearest" });
      else showNotice(`${step.title}: ${drawn.map((one) => one.innerText || one.textContent).join(". ")}`, now.status === "failed" ? "problem" : "good");
    } catch (error) {
      result.replaceChildren();
      showNotice(error.message);
    } finally {
      run.disabled = false;
      run.textContent = "Run again";
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  body.querySelector("input, select, textarea")?.focus();
}
