/**
 * The line to the server: acting as a person by POST, and hearing of every change over one WebSocket.
 * @module
 */
import { hush, tell, words } from "./notice.js";
import { on, set, state } from "./state.js";

const token = document.querySelector("meta[name=control-token]").content;
const STALE = 4401; // see live.py: the server was started anew, and this page is of its earlier run
const KEPT = 400; // exchanges that the panel holds
let socket = null;
let wait = 250;
let heardOf = 0; // exchanges so far

const UNASKED = ["suggest", "step"]; // what the page does by itself while a person does something else

/** Do an act of the control API. Throws an error that can be shown. */
export async function act(name, told = {}) {
  if (!UNASKED.includes(name)) hush();
  let answer;
  try {
    answer = await fetch(`/control/${name}`, {
      method: "POST",
      headers: { "X-Control-Token": token, "Content-Type": "application/json" },
      body: JSON.stringify(told),
    });
  } catch {
    throw new Error("The workspace does not answer. Is it still running?");
  }
  if (answer.status === 401) throw new Error("The workspace was started anew; this page loads again in a moment.");
  const said = await answer.json();
  if (!said.ok) throw new Error(said.reason || words(said.error));
  return said.result;
}

/** Do an act, and show why where it cannot be done. */
export async function trying(name, told) {
  try {
    return await act(name, told);
  } catch (error) {
    tell(error.message);
    return null;
  }
}

/** Do an act of which the app hears, and say so where it did not take it. */
export async function asking(name, told) {
  const outcome = await trying(name, told);
  if (outcome?.error) tell(words(outcome.error));
}

function look() {
  if (socket?.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ token, user: state.user, channel: state.channel }));
  }
}

function heard({ part, value }) {
  if (part === "log") set({ log: [...state.log, ...value.map((one) => ({ ...one, number: ++heardOf }))].slice(-KEPT) });
  else if (part === "overview") set({ overview: value, server: "here" });
  else if (value.user === state.user && (part !== "messages" || value.channel === state.channel)) set({ [part]: value });
}

/** Connect, and connect again for as long as the page is open. */
export function connect() {
  socket = new WebSocket(`ws://${location.host}/control/live`);
  socket.onopen = () => {
    wait = 250;
    set({ log: [] }); // the server tells the last of it again
    look();
  };
  socket.onmessage = (event) => heard(JSON.parse(event.data));
  socket.onclose = ({ code }) => {
    if (code === STALE) {
      location.reload();
      return;
    }
    set({ server: "lost" });
    setTimeout(connect, wait);
    wait = Math.min(2 * wait, 4000);
  };
}

on(["user", "channel"], look);
