/**
 * The tabs of the app: Messages and App Home.
 * @module
 */
import { $, enableArrowKeys, make } from "./dom.js";
import { tryPerform } from "./server.js";
import { updateView } from "./modal.js";
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
  $("conversation").hidden = home;
  for (const [name, value] of Object.entries({ role: "tabpanel", "aria-labelledby": "tab-messages" })) {
    if (inApp && state.overview.home_tab) $("conversation").setAttribute(name, value);
    else $("conversation").removeAttribute(name);
  }
  if (!home) return;
  const view = state.views?.user === state.user ? state.views.home : null;
  none.hidden = Boolean(view);
  none.textContent = `${state.overview.app} has not published an App Home for you. Opening this tab sends app_home_opened, if the app subscribes to it; the app can respond with views.publish.`;
  const place = `${state.user} ${view?.id}`;
  if (place !== shown) body.replaceChildren();
  shown = place;
  if (view) updateView(body, view);
}

function choose(tab) {
  set({ tab });
  if (tab === "home") tryPerform("open_home", { user: state.user });
}

$("tab-messages").addEventListener("click", () => choose("messages"));
$("tab-home").addEventListener("click", () => choose("home"));
enableArrowKeys($("tabs"), "[role=tab]", { previous: "ArrowLeft", next: "ArrowRight" });
on(["views", "channel", "tab", "overview"], () => state.overview && show());
