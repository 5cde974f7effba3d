// The Preview tab: one text or two, each previewed by the server with every key.

import { get, send } from "./api.js";
import { autofill } from "./autofill.js";
import { copy } from "./copy.js";
import { cost } from "./cost.js";
import { card, counted, element, foreign, visible } from "./dom.js";

const QUIET = 800; // milliseconds without a key before a screen reader hears the summary and the pools are read again
const WAIT = 20; // seconds for an SMS that was sent
const TOOLS = { cloudformation: "CloudFormation", cli: "AWS CLI", terraform: "Terraform" };
const START = {
  verification: "Your verification code is {####}.",
  authentication: "Your authentication code is {####}.",
  invitation: "Your username is {username} and temporary password is {####}.",
};

const byId = (id) => document.getElementById(id);
let pools = [];
let writable = false;
let readAt = null; // when the pools were as they are shown
let unread = null; // why they could not be read again
let reads = 0;
let shownRead = 0;

/** One text with its result. `mark` ends the ids of its elements. */
class Draft {
  #mark;
  #turn = 0;
  #compared = 0; // the turn whose text was held against a pool that had just been read
  #typing = null;
  #request = null;

  constructor(mark) {
    this.#mark = mark;
    this.#part("form").addEventListener("submit", (event) => event.preventDefault());
    this.#part("text").addEventListener("input", () => this.refresh());
    this.#part("template").addEventListener("change", () => this.takeOwn());
    this.#part("pool").addEventListener("change", () => this.takeOwn());
    this.#part("own").addEventListener("click", () => this.takeOwn());
    this.#part("use").addEventListener("click", () => this.#use());
    this.#part("send").addEventListener("click", () => this.#send());
    this.#part("sms").addEventListener("change", () => this.#showFlows());
  }

  get kind() {
    return this.#part("template").value;
  }

  get text() {
    return this.#part("text").value;
  }

  get pool() {
    return pools.find(({ id }) => id === this.#part("pool").value) ?? null;
  }

  get turn() {
    return this.#turn;
  }

  /** The pool's own text of this kind, null without a pool. */
  get own() {
    return this.pool?.texts[this.kind] ?? null;
  }

  /** Begin with a kind and a text; without a text with the pool's own. */
  start({ kind, text, pool }) {
    if (kind in START) this.#part("template").value = kind;
    if (pools.some(({ id }) => id === pool)) this.#part("pool").value = pool;
    this.#write(text ?? this.#ownText());
    this.compared(this.#turn);
  }

  showPools() {
    const select = this.#part("pool");
    const chosen = select.value;
    select.replaceChildren(...pools.map(({ id, name }) => element("option", { value: id }, visible(`${name} (${id})`))));
    if (pools.some(({ id }) => id === chosen)) select.value = chosen;
    this.#part("pool-field").hidden = pools.length === 0;
    this.#part("writes").hidden = !writable || pools.length === 0;
    this.#part("own").textContent = pools.length ? "Take the pool's text" : "Take Cognito's default";
  }

  /** The pool's text as it is now, unless somebody types meanwhile. */
  async takeOwn() {
    const before = this.text;
    this.#turn++; // nothing can be done with the text until then
    await readPools();
    if (this.text !== before) return;
    this.#write(this.#ownText());
    this.compared(this.#turn);
  }

  /** After another look at the pools: a text that was the pool's stays the pool's. */
  follow(previous, turn) {
    if (this.#turn === 0) return; // nothing is shown yet
    const own = previous?.id === this.pool?.id ? previous?.texts[this.kind] : null;
    if (own && this.text === own.template_text && this.text !== this.own.template_text) {
      this.#write(this.own.template_text);
      this.compared(this.#turn);
      this.#tell("The pool's text has changed. This is the new one.");
      return;
    }
    if (JSON.stringify(previous) !== JSON.stringify(this.pool)) this.refresh(); // its rules count, too
    this.compared(turn);
  }

  /** The text of this turn was held against the pool: what can be done with it is known. */
  compared(turn) {
    this.#compared = turn;
    this.#showFlows();
  }

  #ownText() {
    return this.own?.template_text ?? START[this.kind];
  }

  #write(text) {
    this.#part("text").value = text;
    this.refresh();
  }

  async refresh() {
    const turn = ++this.#turn;
    this.#request?.abort();
    this.#request = new AbortController();
    const draft = { template: this.kind, template_text: this.text, user_pool_id: this.pool?.id ?? null };
    this.#showFlows();
    keepInAddress();
    try {
      const preview = await send("POST", "/api/preview", draft, this.#request.signal);
      if (turn === this.#turn) this.#show(preview);
    } catch (problem) {
      if (turn === this.#turn && problem.name !== "AbortError") showProblem(problem);
    }
  }

  #show(preview) {
    const summary = summed(preview);
    showProblem(null);
    this.#part("summary").textContent = summary;
    this.#part("text").setAttribute("aria-invalid", String(preview.errors.length > 0));
    this.#part("result").replaceChildren(
      ...[errors(preview), phone(preview), cost(preview), worst(preview), autofill(preview.autofill), this.#snippets(preview)].filter(
        Boolean,
      ),
    );
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      say(summary);
      if (writable && this.#compared !== this.#turn) readPools();
    }, QUIET);
  }

  #snippets(preview) {
    const buttons = Object.entries(TOOLS).map(([tool, name]) => {
      const button = element(
        "button.button.quiet",
        { type: "button", onclick: () => copy(preview.snippets[tool], `Copied for ${name}`, button, say) },
        name,
      );
      return button;
    });
    const shown = Object.entries(TOOLS).map(([tool, name]) =>
      element(
        "details",
        element("summary", name),
        element("pre", { tabIndex: 0, "aria-label": `For ${name}` }, visible(preview.snippets[tool])),
      ),
    );
    return card("Copy as", element("p.draft-actions", ...buttons), ...shown);
  }

  // ---- in a sandbox ----

  /** The SMS that show this kind of text, and why the chosen one cannot be sent. */
  #showFlows() {
    this.#part("origin").textContent = this.pool ? visible(origin(this.own, this.text)) : "";
    if (!this.pool || !writable) return;
    const select = this.#part("sms");
    const flows = this.pool.sms.filter(({ template }) => template === this.kind);
    if (flows.map(({ id }) => id).join() !== [...select.options].map(({ value }) => value).join())
      select.replaceChildren(...flows.map(({ id, title }) => element("option", { value: id }, title)));
    const chosen = flows.find(({ id }) => id === select.value);
    const stops = chosen?.stopped_by.map(({ setting, value, remedy }) => `${setting} is ${value}. ${remedy}`) ?? [];
    const other = this.text !== this.own.template_text;
    const isDefault = this.own.template_source === "default";
    const known = !unread && this.#compared === this.#turn;
    this.#part("send").disabled = !known || stops.length > 0;
    this.#part("use").disabled = !known || !(other || isDefault);
    this.#part("why-not").textContent = stops.length
      ? `This pool does not send it: ${visible(stops.join(" "))}`
      : other
        ? "The pool has another text, which is what it sends. Use this one in the pool first."
        : isDefault
          ? "Use it in the pool to be certain that this is what is sent."
          : "";
  }

  async #use() {
    const path = `/api/pools/${encodeURIComponent(this.pool.id)}/texts/${this.kind}`;
    await this.#trying(async () => {
      await send("PUT", path, { template_text: this.text });
      await readPools();
      return ["The pool has this text now."];
    });
  }

  async #send() {
    const path = `/api/pools/${encodeURIComponent(this.pool.id)}/messages`;
    await this.#trying(async () => {
      const { cursor } = await get("/api/messages", { limit: 1 });
      const sent = await send("POST", path, { sms: this.#part("sms").value });
      this.#tell("Sent. Waiting for it to arrive…");
      const wanted = { user_name: sent.user_name, flow: sent.flow, since: cursor, wait: WAIT };
      const message = await get("/api/messages/next", wanted);
      if (message === null) return [`No SMS arrived within ${WAIT} seconds. Look into the inbox.`];
      const what = message.failure ? "It cannot be shown: " : "Arrived: ";
      const link = element("a", { href: `/?message=${message.id}` }, message.failure ? "see why" : "show it in the inbox");
      return [what, message.failure ? null : element("q", foreign(message.text)), " ", link];
    });
  }

  /** One thing at a time: the buttons wait for it. */
  async #trying(action) {
    const buttons = [this.#part("use"), this.#part("send")];
    buttons.forEach((button) => (button.disabled = true));
    this.#part("told").dataset.state = "";
    try {
      this.#tell(...(await action()));
    } catch (problem) {
      this.#part("told").dataset.state = "refused";
      this.#tell(visible(problem.message));
    }
    this.#showFlows();
  }

  #tell(...content) {
    this.#part("told").replaceChildren(...content.filter((part) => part !== null));
  }

  #part(name) {
    return byId(`${name}-${this.#mark}`);
  }
}

// ---- what a preview shows ----

/** Where a text comes from, and how old that knowledge is. */
function origin(own, text) {
  const time = readAt.toLocaleTimeString();
  const doubt = unread ? ` The pool cannot be read now, so its text may have changed: ${unread.message}` : "";
  if (text !== own.template_text) return `A draft: the pool's text, read at ${time}, is another.${doubt}`;
  if (own.template_source === "default")
    return `The pool has no text of its own, read at ${time}: this is Cognito's default.${doubt}`;
  return `The pool's text (${own.template_setting}), read at ${time}.${doubt}`;
}

function summed({ errors: found, segments, characters, encoding }) {
  const wrong = found.length ? `, ${counted(found.length, "error")}` : "";
  return `${counted(segments, "part")}, ${counted(characters, `${encoding} character`)}${wrong}`;
}

function errors({ errors: found }) {
  if (!found.length) return null;
  const lines = found.map(({ text, source }) =>
    element("li", foreign(text), element("span.muted", ` Source: ${visible(source)}.`)),
  );
  return element("section.failure", element("h3", "Cognito refuses this text"), element("ul", ...lines));
}

function phone({ text, code }) {
  return element(
    "div.phone",
    { role: "group", "aria-label": "The SMS on a phone" },
    element("p.phone-top", { "aria-hidden": "true" }, "Text message"),
    element("p.bubble", { dir: "auto" }, text),
    element("p.muted.center", code === null ? "No code in this SMS" : "The code is a sample"),
  );
}

function worst({ worst: cases }) {
  if (!cases.length) return null;
  const rows = cases.map(({ label, characters, encoding, segments }) =>
    element(
      "tr",
      element("td", label),
      element("td", `${counted(characters, "character")}, ${encoding}`),
      element("td", String(segments)),
    ),
  );
  const head = ["With", "Length", "Parts"].map((name) => element("th", { scope: "col" }, name));
  return card(
    "At its longest",
    element(
      "table",
      element("caption.hidden", "What the text can become"),
      element("thead", element("tr", ...head)),
      element("tbody", ...rows),
    ),
  );
}

// ---- the page ----

function say(text) {
  byId("announcer").textContent = text;
}

function showProblem(problem) {
  const place = byId("problem");
  place.hidden = problem === null;
  const text = problem === null ? "" : problem.status ? problem.message : "The inbox does not answer. Is it running?";
  if (place.textContent !== text) place.textContent = text;
}

function compare(wanted) {
  byId("draft-2").hidden = !wanted;
  byId("drafts").classList.toggle("two", wanted);
  byId("compare").setAttribute("aria-expanded", String(wanted));
  byId("compare").textContent = wanted ? "Remove the second text" : "Compare with a second text";
  keepInAddress();
}

/** So that a reload and a shared link show the same texts. */
function keepInAddress() {
  const shown = byId("draft-2").hidden ? drafts.slice(0, 1) : drafts;
  const parameters = new URLSearchParams();
  for (const { kind, text, pool } of shown) {
    parameters.append("template", kind);
    parameters.append("text", text);
    if (pool) parameters.append("pool", pool.id);
  }
  history.replaceState(null, "", `/preview?${parameters}`);
}

/** Look at the pools again. A look that a later one has overtaken shows nothing. */
async function readPools() {
  const read = ++reads;
  const before = drafts.map(({ pool, turn }) => ({ pool, turn }));
  let found = null;
  let failure = null;
  try {
    found = await get("/api/pools");
  } catch (problem) {
    failure = problem;
  }
  if (read < shownRead) return;
  shownRead = read;
  unread = failure;
  if (found) {
    ({ pools, writable } = found);
    readAt = new Date();
    drafts.forEach((draft) => draft.showPools());
  }
  drafts.forEach((draft, index) => draft.follow(before[index].pool, before[index].turn));
  if (failure) showProblem(failure);
}

async function start() {
  const parameters = new URLSearchParams(location.search);
  const [kinds, texts, ids] = ["template", "text", "pool"].map((name) => parameters.getAll(name));
  await readPools();
  drafts[0].start({ kind: kinds[0] ?? "", text: texts[0] ?? null, pool: ids[0] });
  if (texts.length < 2) return;
  drafts[1].start({ kind: kinds[1] ?? kinds[0], text: texts[1], pool: ids[1] ?? ids[0] });
  compare(true);
}

const drafts = [new Draft("1"), new Draft("2")];
byId("compare").addEventListener("click", () => {
  const wanted = byId("draft-2").hidden;
  if (wanted) drafts[1].start({ kind: drafts[0].kind, text: drafts[0].text, pool: drafts[0].pool?.id });
  compare(wanted);
  byId(wanted ? "text-2" : "text-1").focus();
});
addEventListener("focus", readPools);
start();
