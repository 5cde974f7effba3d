// The Controls panel of a sandbox: its time, limits, faults and users.

import { get, remove, send } from "./api.js";
import { counted, element, foreign, visible } from "./dom.js";

const byId = (id) => document.getElementById(id);
const JUMPS = [
  ["3 minutes", 180, "a sign-in's session ends"],
  ["1 hour", 3600, "attempts count anew"],
  ["1 day", 86_400, "codes expire"],
  ["7 days", 604_800, "temporary passwords expire"],
];
const MODES = {
  __proto__: null,
  none: "Works",
  throttle: "Is throttled",
  fail: "Fails",
  "sms-role-trust": "SMS role: no trust",
  "sms-role-publish": "SMS role: may not publish",
  concurrent: "Concurrent modification",
  "lost-answer": "Works, but the response is lost",
};
const USUAL_TIMES = 3; // how often an SMS is tried
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** If a sandbox is behind this inbox: open the panel, and show on its button whether anything is not as usual. */
export async function followControls(say) {
  const opener = byId("controls");
  if (!opener) return;
  const panel = new Panel(byId("controls-content"), say, (changed) => mark(opener, changed));
  opener.addEventListener("click", async () => {
    byId("controls-dialog").showModal();
    await panel.load();
  });
  byId("close-controls").addEventListener("click", () => byId("controls-dialog").close());
  const state = await get("/api/controls").catch(() => null);
  if (state) mark(opener, state);
}

/** A dot on the button: what a test meets is not the usual sandbox. */
function mark(button, { clock, limits, sender, user_pools: pools }) {
  const told = [
    clock.ahead_seconds > 0 ? "the clock is ahead" : null,
    limits.enabled ? null : "limits are off",
    sender.mode === "none" ? null : "the sender fails",
    pools.mode === "none" ? null : "user pools fail",
  ].filter(Boolean);
  button.classList.toggle("unusual", told.length > 0);
  button.title = told.length ? `Not as usual: ${told.join(", ")}` : "";
}

class Panel {
  #cards = {};
  #pools = [];
  #pool = null;

  constructor(container, say, changed) {
    this.container = container;
    this.say = say;
    this.changed = changed;
    this.told = element("p.problem", { role: "alert" });
    this.parts = element("div.control-cards");
    this.users = element("section.users", { "aria-labelledby": "users-heading" });
    container.replaceChildren(this.told, this.parts, this.users);
  }

  async load() {
    await this.#try(async () => {
      this.#show(await get("/api/controls"));
      this.#pools = (await get("/api/pools")).pools;
      if (!this.#pools.some(({ id }) => id === this.#pool)) this.#pool = this.#pools[0]?.id ?? null;
      await this.#showUsers();
    });
  }

  async #try(act) {
    this.told.textContent = "";
    try {
      await act();
    } catch (problem) {
      this.told.textContent = problem.message;
    }
  }

  #set(path, body, said) {
    return this.#try(async () => {
      const focused = document.activeElement?.id;
      this.#show(await send("POST", `/api/controls/${path}`, body));
      if (focused) byId(focused)?.focus();
      this.say(said);
    });
  }

  #show(state) {
    this.changed(state);
    const faults = {
      sender: ["Sender", "The next invocations of the sender. An SMS is tried three times."],
      "user-pools": ["User pools", "The next changes of a pool's settings."],
    };
    this.parts.replaceChildren(
      this.#card("clock", state.clock, () => this.#clock(state.clock)),
      this.#card("limits", state.limits, () => this.#limits(state.limits)),
      this.#card("sender", state.sender, () => this.#fault("sender", ...faults.sender, state.sender)),
      this.#card("pools", state.user_pools, () => this.#fault("user-pools", ...faults["user-pools"], state.user_pools)),
    );
  }

  /** The card as it is until its state changes: what somebody has chosen in it and not applied yet must not go. */
  #card(name, state, draw) {
    const drawn = JSON.stringify(state);
    if (this.#cards[name]?.drawn !== drawn) this.#cards[name] = { drawn, card: draw() };
    return this.#cards[name].card;
  }

  #clock({ now, ahead_seconds: ahead }) {
    const buttons = JUMPS.map(([label, seconds, why], index) =>
      element(
        "button.button.quiet.small",
        {
          type: "button",
          id: `jump-${index}`,
          title: `Then ${why}`,
          onclick: () => this.#set("clock", { advance_seconds: seconds }, `The clock moved ${label} forward`),
        },
        `+ ${label}`,
      ),
    );
    return card(
      "Clock",
      element("p.control-state", MOMENT.format(new Date(now))),
      element("p.muted", ahead > 0 ? `${duration(ahead)} ahead of this machine. It never goes back.` : "As this machine."),
      element("div.control-row", ...buttons),
    );
  }

  #limits({ enabled }) {
    const box = element("input", { type: "checkbox", id: "limits", checked: enabled });
    box.setAttribute("role", "switch");
    box.addEventListener("change", () =>
      this.#set("limits", { enabled: box.checked }, box.checked ? "Limits are on" : "Limits are off"),
    );
    return card(
      "Limits",
      element("label.switch", { htmlFor: "limits" }, box, element("span", enabled ? "On" : "Off")),
      element("p.muted", "Attempts an hour and user, as Cognito counts them, and ten emails a second."),
    );
  }

  #fault(path, title, about, { mode, times, modes }) {
    const choice = element(
      "select",
      { id: `${path}-mode`, "aria-label": `${title}: what happens` },
      ...modes.map((each) => element("option", { value: each, selected: each === mode }, MODES[each] ?? each)),
    );
    const number = element("input", {
      type: "number",
      id: `${path}-times`,
      min: "1",
      max: "1000000",
      value: String(times || USUAL_TIMES),
      "aria-label": `${title}: how often`,
    });
    const apply = element("button.button.small", { type: "submit", id: `${path}-apply` }, "Apply");
    const form = element(
      "form.control-row",
      choice,
      element("span.times", "next ", number, " times"),
      apply,
    );
    const follow = () => (form.querySelector(".times").hidden = choice.value === "none");
    choice.addEventListener("change", follow);
    follow();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const none = choice.value === "none";
      const body = none ? { mode: "none" } : { mode: choice.value, times: Number(number.value) };
      this.#set(path, body, none ? `${title}: no trouble` : `${title}: trouble ${counted(body.times, "time")}`);
    });
    const state = mode === "none" ? "Works" : `${MODES[mode] ?? mode}, ${counted(times, "more time", "more times")}`;
    return card(title, element(`p.control-state${mode === "none" ? "" : ".trouble"}`, state), element("p.muted", about), form);
  }

  async #showUsers() {
    const heading = element("h3", { id: "users-heading", tabIndex: -1 }, "Users");
    if (this.#pool === null) {
      this.users.replaceChildren(heading, element("p.muted", "There is no user pool."));
      return;
    }
    const { users } = await get(`/api/pools/${encodeURIComponent(this.#pool)}/users`);
    const choice = element(
      "select",
      { id: "users-pool", "aria-label": "User pool" },
      ...this.#pools.map(({ id, name }) =>
        element("option", { value: id, selected: id === this.#pool }, visible(name ? `${name} (${id})` : id)),
      ),
    );
    choice.addEventListener("change", () => {
      this.#pool = choice.value;
      this.#try(() => this.#showUsers());
    });
    this.users.replaceChildren(
      element(
        "div.users-top",
        heading,
        element("span.muted", counted(users.length, "user")),
        this.#pools.length > 1 ? choice : null,
      ),
      users.length
        ? element("ul.user-list", { "aria-label": "Users" }, ...users.map((user) => this.#user(user)))
        : element("p.muted", "Nobody has signed up yet."),
    );
  }

  #user({ user_name: name, status, enabled, phone_number: phone, email, created_at: created }) {
    const button = element("button.button.quiet.small", { type: "button" }, "Delete");
    button.setAttribute("aria-label", `Delete ${visible(name)}`);
    button.addEventListener("click", () => {
      if (button.dataset.asked) return this.#delete(name);
      button.dataset.asked = "yes";
      button.classList.add("danger");
      button.textContent = "Really?";
      button.setAttribute("aria-label", `Really delete ${visible(name)}?`);
      button.addEventListener("blur", () => this.#try(() => this.#showUsers()), { once: true });
    });
    const reached = [phone, email].filter(Boolean).join(" · ");
    return element(
      "li",
      element(
        "div.user",
        element("p.user-name", element("strong", foreign(name)), element(`span.chip${status === "CONFIRMED" ? "" : ".notable"}`, visible(enabled ? status : `${status}, disabled`))),
        element("p.muted", foreign(reached || "no number, no email"), ` · since ${DAY.format(new Date(created))}`),
      ),
      button,
    );
  }

  #delete(name) {
    return this.#try(async () => {
      await remove(`/api/pools/${encodeURIComponent(this.#pool)}/users`, { user_name: name });
      this.say(`${visible(name)} deleted`);
      await this.#showUsers();
      byId("users-heading").focus();
    });
  }
}

function card(title, ...content) {
  return element("section.card", { "aria-label": title }, element("h3", title), ...content);
}

function duration(seconds) {
  const units = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  let rest = Math.round(seconds);
  const parts = [];
  for (const [size, name] of units) {
    const number = Math.floor(rest / size);
    rest -= number * size;
    if (number) parts.push(counted(number, name));
  }
  return parts.join(", ") || "0 seconds";
}
