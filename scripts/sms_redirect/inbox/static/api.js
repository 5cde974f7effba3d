// Asks the inbox's own server.

/** The JSON of a response. Its error has the text and the `status`, or no `status` if the server cannot be reached. */
export async function get(path, parameters = {}) {
  return bodyOf(await fetch(`${path}?${new URLSearchParams(parameters)}`));
}

export async function remove(path, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  return bodyOf(await fetch(query ? `${path}?${query}` : path, { method: "DELETE" }));
}

/** With a JSON body; `signal` ends the request. */
export async function send(method, path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return bodyOf(await fetch(path, { method, headers, body: JSON.stringify(body), signal }));
}

async function bodyOf(response) {
  if (response.status === 204) return null;
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.error), { status: response.status });
  return body;
}
