/**
 * The app's two tabs: Messages, and the Home that it publishes for each person.
 * @module
 */
import { $, arrows, make } from "./dom.js";
import { trying } from "./live.js";
import { fillIn } from "./modal.js";
import { channelOf, on, set, state } from "./state.js";

const body = make("div", { class: "home-body" });
const none = make("p", { class: "empty" });
$("home").append(none, body);
let shown = "";

function show() {
  const inApp = channelOf(state.channel)?.kind === "im";
  const home = inApp && state.overview.home_tab && state.tab === "home";
  $("tabs").hidden = !inApp || !state.overview.home_tab;
  for (const tab of ["messages", "home"]) {
    const chosen = (tab === "home") === home;
    $(`tab-${tab}`).setAttribute("aria-selected", String(chosen));
    $(`tab-${tab}`).tabIndex = chosen ? 0 : -1;
  }
  $("home").hidden = !home;
  $("talk").hidden = home;
  for (const [name, value] of Object.entries({ role: "tabpanel", "aria-labelledby": "tab-messages" })) {
    if (inApp && state.overview.home_tab) $("talk").setAttribute(name, value);
    else $("talk").removeAttribute(name);
  }
  if (!home) return;
  const view = state.views?.user === state.user ? state.views.home : null;
  none.hidden = Boolean(view);
  none.textContent = `${state.overview.app} has published no Home for you. When you open this tab it hears app_home_opened, if it subscribes to that, and may answer with views.publish.`;
  const place = `${state.user} ${view?.id}`;
  if (place !== shown) body.replaceChildren();
  shown = place;
  if (view) fillIn(body, view);
}

function choose(tab) {
  set({ tab });
  if (tab === "home") trying("open_home", { user: state.user });
}

$("tab-messages").addEventListener("click", () => choose("messages"));
$("tab-home").addEventListener("click", () => choose("home"));
arrows($("tabs"), "[role=tab]", { back: "ArrowLeft", on: "ArrowRight" });
on(["views", "channel", "tab", "overview"], () => state.overview && show());
