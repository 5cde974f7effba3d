// The page's address holds what it shows, so that a reload and a shared link show the same.

export const FILTERS = ["text", "kind", "phone_number", "email", "flow", "user_name", "failed", "group"];

/** `view` is the name that somebody gave to these filters; null if nobody did. */
export function read() {
  const parameters = new URLSearchParams(location.search);
  const filters = {};
  for (const name of FILTERS) if (parameters.get(name)) filters[name] = parameters.get(name);
  return { filters, view: parameters.get("view") || null, message: parameters.get("message") };
}

export function url(filters, view, message) {
  const parameters = new URLSearchParams(filters);
  if (view) parameters.set("view", view);
  if (message) parameters.set("message", message);
  const query = parameters.toString();
  return query ? `/?${query}` : "/";
}

export function write(filters, view, message, { step = false } = {}) {
  const target = url(filters, view, message);
  if (target === location.pathname + location.search) return;
  if (step) history.pushState(null, "", target);
  else history.replaceState(history.state, "", target);
}
