// How to send a first SMS: the sandbox's ids, a command for each client, and one by a click.

import { get, send } from "./api.js";
import { copy } from "./copy.js";
import { element } from "./dom.js";

const ROWS = [
  ["Endpoint", "endpoint_url"],
  ["Region", "region"],
  ["Pool id", "user_pool_id"],
  ["Client id", "user_pool_client_id"],
];

/** What the server says of the sandbox behind it; null over a deployed stack. */
export async function connection() {
  return (await get("/api/connection")).connection;
}

/** The ids and commands; `say` announces what was copied. */
export function connectPanel(to, say) {
  const known = ROWS.filter(([, name]) => to[name]);
  return element(
    "div.connect",
    element(
      "dl.connect-ids",
      ...known.flatMap(([label, name]) => [
        element("dt", label),
        element("dd", element("code", to[name]), copyButton(() => to[name], label, say)),
      ]),
    ),
    to.snippets.length ? snippets(to.snippets, say) : element("p", "Deploy a stack to get a user pool."),
  );
}

function snippets(all, say) {
  const text = element("pre.snippet-text", { tabIndex: 0, "aria-label": "Sign up with this client" });
  const copying = copyButton(() => text.textContent, "snippet", say);
  const buttons = all.map(({ client, text: content }) =>
    element("button.button.quiet", { type: "button", onclick: () => choose(client, content) }, client),
  );
  const choose = (client, content) => {
    text.textContent = content;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === client));
  };
  choose(all[0].client, all[0].text);
  return element(
    "div",
    element("div.clients", { role: "group", "aria-label": "Client" }, ...buttons),
    element("div.snippet-box", text, copying),
  );
}

function copyButton(value, label, say) {
  const button = element(
    "button.button.quiet.small",
    {
      type: "button",
      "aria-label": `Copy ${label}`,
      onclick: () => copy(value(), `${label} copied`, button, say),
    },
    "Copy",
  );
  return button;
}

/** A button that signs a made-up user up through the real flow; the SMS arrives as any other. */
export function testSmsButton(to, say) {
  const said = element("p.muted", { role: "status" });
  const button = element("button.button.primary", { type: "button", id: "test-sms" }, "Send a test SMS");
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "Signing a made-up user up…";
    try {
      const sent = await send("POST", `/api/pools/${encodeURIComponent(to.user_pool_id)}/messages`, { sms: "SignUp" });
      said.textContent = "";
      say(`Signed ${sent.user_name} up`);
    } catch (problem) {
      said.textContent = problem.message;
    } finally {
      button.disabled = false;
    }
  });
  return [button, said];
}
