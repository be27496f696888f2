/**
 * The connection to the server: actions by POST, and live updates over a WebSocket.
 * @module
 */
import { clearNotice, errorText, showNotice } from "./notices.js";
import { on, set, state } from "./state.js";

const token = document.querySelector("meta[name=control-token]").content;
const INVALID_TOKEN = 4401; // see live_updates.py: this page was loaded from an earlier run of the server
const MAX_LOG_ENTRIES = 400;
const BACKGROUND_ACTIONS = ["suggest", "step", "look_at", "open_home"]; // they do not remove a notice
let socket = null;
let retryDelay = 250;
let logEntries = 0; // received so far

/** Perform an action of the control API. Throws an error whose message can be shown. */
export async function perform(name, args = {}) {
  if (!BACKGROUND_ACTIONS.includes(name)) clearNotice();
  let response;
  try {
    response = await fetch(`/control/${name}`, {
      method: "POST",
      headers: { "X-Control-Token": token, "Content-Type": "application/json" },
      body: JSON.stringify(args),
    });
  } catch {
    throw new Error("The workspace does not respond. Is it still running?");
  }
  if (response.status === 401) throw new Error("The workspace was restarted. This page reloads in a moment.");
  const answer = await response.json();
  if (!answer.ok) throw new Error(answer.reason || errorText(answer.error));
  return answer.result;
}

/** Perform an action; show a notice if it fails. */
export async function tryPerform(name, args) {
  try {
    return await perform(name, args);
  } catch (error) {
    showNotice(error.message);
    return null;
  }
}

/** Perform an action that the app has to acknowledge; show a notice if it does not. */
export async function interact(name, args) {
  const outcome = await tryPerform(name, args);
  if (outcome?.error) showNotice(errorText(outcome.error));
}

function sendSelection() {
  if (socket?.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ token, user: state.user, channel: state.channel }));
  }
}

function update({ part, value }) {
  if (part === "log") {
    const entries = value.map((entry) => ({ ...entry, number: ++logEntries }));
    set({ log: [...state.log, ...entries].slice(-MAX_LOG_ENTRIES) });
  } else if (part === "overview") set({ overview: value, server: "connected" });
  else if (value.user === state.user && (part !== "messages" || value.channel === state.channel)) set({ [part]: value });
}

/** Connect, and reconnect for as long as the page is open. */
export function connect() {
  socket = new WebSocket(`ws://${location.host}/control/live`);
  socket.onopen = () => {
    retryDelay = 250;
    set({ log: [] }); // the server sends the last entries again
    sendSelection();
  };
  socket.onmessage = (event) => update(JSON.parse(event.data));
  socket.onclose = ({ code }) => {
    if (code === INVALID_TOKEN) {
      location.reload();
      return;
    }
    set({ server: "lost" });
    setTimeout(connect, retryDelay);
    retryDelay = Math.min(2 * retryDelay, 4000);
  };
}

on(["user", "channel"], sendSelection);
