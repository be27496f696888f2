/**
 * The left side: as whom this window looks, the channels, and whether server and bot are there.
 * @module
 */
import { $, arrows, button, keyed, make } from "./dom.js";
import { channelOf, mine, on, people, set, state, titleOf } from "./state.js";

const read = new Map(); // by person and channel: ts of the newest message seen here
let before = ""; // who was there when we looked last
let quiet = 0;

const spot = (channel) => `${state.user} ${channel.id}`;

/** Look as somebody else, or at another channel. */
export function go({ user = state.user, channel = state.channel } = {}) {
  const there = state.overview.channels.filter((one) => one.members.includes(user));
  // The app's direct message is another one for each person.
  const here = channelOf(channel);
  const same = here?.kind === "im" ? there.find((one) => one.kind === "im") : there.find((one) => one.id === channel);
  const next = same ?? there[0];
  sessionStorage.setItem("user", state.overview.users.find((one) => one.id === user).name);
  sessionStorage.setItem("channel", next.kind === "im" ? "" : next.name);
  set({ user, channel: next.id, thread: "", editing: null });
  history.replaceState(null, "", `#${next.id}`);
  drawer(false);
}

/** Begin where this window was before it was loaded again, or where its address says. */
export function begin() {
  const wanted = sessionStorage.getItem("user");
  const user = people().find((one) => one.name === wanted) ?? people()[0];
  const address = location.hash.slice(1).split("/")[0];
  const before = sessionStorage.getItem("channel");
  const { channels } = state.overview;
  const byName = channels.find((one) => (before === "" ? one.kind === "im" && one.members.includes(user.id) : one.name === before && one.kind !== "im"));
  go({ user: user.id, channel: channelOf(address)?.id ?? byName?.id });
}

function entry(channel) {
  const current = channel.id === state.channel;
  const seen = read.get(spot(channel));
  const unread = !current && seen !== undefined && channel.latest > seen;
  if (current || seen === undefined) read.set(spot(channel), channel.latest);
  const sign = { im: "✦", group: "🔒", mpim: "👥" }[channel.kind] ?? "#";
  const attributes = { "aria-current": current ? "page" : undefined, class: unread ? "unread" : undefined, "data-focus": "entry" };
  return {
    key: channel.id,
    signature: JSON.stringify([channel, current, unread]),
    draw: () =>
      make(
        "li",
        {},
        button("", () => go({ channel: channel.id }), attributes, make("span", { class: "sign", "aria-hidden": "true" }, sign), make("span", { class: "label" }, titleOf(channel)),
          channel.is_archived && make("small", {}, "archived"),
          unread && make("span", { class: "dot" }, make("span", { class: "away" }, "new messages")))
      ),
  };
}

function show() {
  const { overview } = state;
  if (!overview || !state.user) return;
  document.title = `${overview.app} · workspace`;
  $("app").textContent = `${overview.app}’s workspace`;
  const options = people().map((user) => ({ key: user.id, signature: user.real_name, draw: () => make("option", { value: user.id }, user.real_name) }));
  keyed($("user"), options);
  $("user").value = state.user;
  const all = mine();
  keyed($("channels"), all.filter((channel) => channel.kind !== "im").map(entry));
  keyed($("apps"), all.filter((channel) => channel.kind === "im").map(entry));
  const channel = channelOf(state.channel);
  if (channel) {
    $("name").textContent = (channel.kind === "im" ? "" : "# ") + titleOf(channel);
    $("topic").textContent = channel.topic || (channel.kind === "im" ? "Write to the app directly" : "");
  }
}

/** Say whether the server and the bot are there; that somebody is back, for some seconds only. */
function presence() {
  if (!state.overview) return;
  const { app, connected, was_connected: known } = state.overview;
  const now = state.server === "lost" ? "lost" : connected ? "here" : known ? "gone" : "awaited";
  if (now === before) return;
  const banner = $("banner");
  clearTimeout(quiet);
  $("connection").className = `connection ${now}`;
  $("connection").textContent = { lost: "Workspace lost", gone: `${app} is away`, awaited: `${app} is not connected yet`, here: `${app} is connected` }[now];
  banner.textContent = {
    lost: "The workspace does not answer. This page goes on by itself when it is back.",
    gone: `${app} is away: no process of it is connected. This page notices when it is back.`,
    awaited: `${app} is not connected yet. Start it with the variables that the terminal of this workspace shows, such as SLACK_API_URL; this page notices.`,
    here: before === "awaited" ? `${app} is connected.` : `${app} is back.`,
  }[now];
  banner.hidden = now === "here" && !before;
  banner.classList.toggle("good", now === "here");
  if (now === "here") quiet = setTimeout(() => (banner.hidden = true), 4000);
  before = now;
}

function drawer(open) {
  document.body.classList.toggle("drawer", open);
  $("shade").hidden = !open;
  $("menu").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("[aria-current=page]")?.focus();
}

$("menu").addEventListener("click", () => drawer(!document.body.classList.contains("drawer")));
$("shade").addEventListener("click", () => drawer(false));
$("sidebar").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("drawer")) {
    drawer(false);
    $("menu").focus();
  }
});
$("user").addEventListener("change", () => go({ user: $("user").value }));
arrows($("channels"), "button");
on(["overview", "user", "channel"], show);
on(["overview", "server"], presence);
