// Follows the server's events. Whatever happens to the connection, the page reloads the list once it is back.

const AGAIN = 1000; // milliseconds before another try when the browser itself gave up
const PAUSE = 150; // milliseconds in which arrivals are gathered, so that a burst costs one refresh

export class Live {
  #source = null;
  #timer = null;
  #cursor = "";

  constructor({ onChange, onState }) {
    this.onChange = onChange;
    this.onState = onState;
  }

  /** Start after the position that the list has shown. */
  start(cursor) {
    this.#cursor = cursor;
    this.#connect();
  }

  #connect() {
    this.#source?.close();
    const source = new EventSource(`/api/events?${new URLSearchParams({ kind: "all", since: this.#cursor })}`);
    this.#source = source;
    source.addEventListener("open", () => {
      this.onState("live");
      this.#changed();
    });
    source.addEventListener("message", (event) => this.#changed(event));
    source.addEventListener("reset", (event) => this.#changed(event));
    source.addEventListener("error", () => {
      this.onState("lost");
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#connect(), AGAIN);
    });
  }

  #changed(event) {
    if (event?.lastEventId) this.#cursor = event.lastEventId;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.onChange();
    }, PAUSE);
  }
}
