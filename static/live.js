// Keeps the states of experts as they are: by server-sent events, else by asking every 2 s.
(() => {
  "use strict";
  const source = document.querySelector("[data-live-events]");
  if (!source) return;
  const POLL = 2000;
  const announcer = document.getElementById("announcer");
  let events = null;
  let timer = null;
  let opened = false;
  let failures = 0;

  // A page and its live update are the same partial. Swapping by htmx settles the attributes of
  // elements with the same id, so that a bar glides to its new width.
  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    [...page.body.children].forEach((fresh) => {
      const shown = document.getElementById(fresh.id);
      if (shown && shown.outerHTML !== fresh.outerHTML && !isOlder(fresh, shown)) replace(shown, fresh);
    });
  }

  // The percentage of one processing never goes down, whatever overtakes what on its way.
  function isOlder(fresh, shown) {
    const percent = (state) => Number(state.querySelector("[aria-valuenow]")?.getAttribute("aria-valuenow") || 0);
    return Boolean(fresh.dataset.processing)
      && fresh.dataset.processing === shown.dataset.processing
      && !("finished" in fresh.dataset)
      && percent(fresh) < percent(shown);
  }

  function replace(shown, fresh) {
    const moved = shown.dataset.stage !== fresh.dataset.stage;
    htmx.swap(shown, fresh.outerHTML, { swapStyle: "outerHTML", settleDelay: 20 });
    if (!moved) return;
    announcer.textContent = fresh.dataset.announce;
    htmx.trigger(document.body, "expert-stage");
  }

  function listen() {
    stop();
    if (!window.EventSource) { poll(); return; }
    events = new EventSource(source.dataset.liveEvents);
    events.onopen = () => { opened = true; failures = 0; };
    events.addEventListener("state", (event) => show(event.data));
    events.addEventListener("gone", (event) => {
      document.getElementById(`expert-${event.data}`)?.remove();
    });
    events.onerror = () => {
      failures += 1;
      if (!opened || events.readyState === EventSource.CLOSED || failures > 2) poll();
    };
  }

  function poll() {
    stop();
    const ask = () => fetch(source.dataset.livePoll, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text().then(show) : null))
      .catch(() => { /* away for a moment: the next question may be answered */ });
    ask();
    timer = setInterval(ask, POLL);
  }

  function stop() {
    events?.close();
    clearInterval(timer);
    events = timer = null;
  }

  // A page that nobody looks at holds no connection.
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
})();
