// A banner for each email address whose subscription is not confirmed yet.

import { get } from "./api.js";
import { counted, element, foreign } from "./dom.js";

const INTERVAL = 5000; // milliseconds

export function followSubscriptions(container, say) {
  let shown = "[]";

  async function refresh() {
    if (document.hidden) return;
    const pending = await get("/api/subscriptions").then(
      (response) => response.pending,
      () => null,
    );
    if (pending === null || JSON.stringify(pending) === shown) return;
    shown = JSON.stringify(pending);
    container.replaceChildren(...pending.map(banner));
    if (pending.length) say(`${counted(pending.length, "email address", "email addresses")} not confirmed yet`);
  }

  refresh();
  setInterval(refresh, INTERVAL);
  addEventListener("focus", refresh); // back from the tab in which the link opened
}

function banner({ endpoint, confirm_url: url }) {
  const link = url
    ? element("a.button", { href: url, target: "_blank", rel: "noopener noreferrer" }, "Confirm the subscription")
    : "Open the link in the email from AWS Notifications.";
  const words = " receives no email until its subscription is confirmed.";
  return element("div.banner", element("p", element("strong", foreign(endpoint)), words), link);
}
