// Talking aloud: the vendor's client between microphone and agent, the pages it finds beside it.
(() => {
  "use strict";
  const messages = document.getElementById("messages");
  if (!messages) return;
  const PATIENCE = 20000; // milliseconds for a talk to begin
  let talk = null;
  let beginning = false;

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#talk-button") || beginning) return;
    if (talk) talk.endSession();
    else begin(document.getElementById("talk").dataset);
  });
  addEventListener("pagehide", () => talk?.endSession());

  async function begin(addresses) {
    beginning = true;
    show("connecting");
    try {
      if (!navigator.mediaDevices) throw new DOMException("Only on https pages.", "SecurityError");
      talk = await inTime(connect(await session(addresses.session), addresses));
      if (document.getElementById("talk").dataset.state === "connecting") show("listening");
    } catch (error) {
      show(stateOf(error), error.forPerson);
    } finally {
      beginning = false;
    }
  }

  // The signed address, which this site issues for this person and expert.
  async function session(url) {
    const token = document.querySelector("meta[name=csrf-token]").content;
    const response = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token } });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw Object.assign(new Error("refused"), { forPerson: answer.error?.message });
    return answer.session_url;
  }

  function connect(signedUrl, addresses) {
    globalThis.libsampleratePath = addresses.resampler;
    return ElevenLabs.Conversation.startSession({
      signedUrl,
      libsampleratePath: addresses.resampler,
      workletPaths: { rawAudioProcessor: addresses.input, audioConcatProcessor: addresses.output },
      onModeChange: ({ mode }) => show(mode),
      onMessage: ({ role, message }) => say(role === "user" ? "person-says" : "expert-says", message),
      onAgentToolResponse: (answer) => open(answer.full_tool_result, addresses.passages),
      onDisconnect: ({ reason }) => {
        talk = null;
        show(reason === "error" ? "broken" : "ended");
      },
    });
  }

  // A talk that begins too late is ended again: nobody waits for it any more.
  function inTime(attempt) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error("late"));
        attempt.then((late) => late.endSession(), () => { /* it failed, only later */ });
      }, PATIENCE);
      attempt.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  function stateOf(error) {
    const states = { NotAllowedError: "refused", NotFoundError: "deaf", SecurityError: "insecure" };
    return states[error.name] || "broken";
  }

  // The words of each state stand in the page; `words` are the server's own.
  function show(state, words) {
    const bar = document.getElementById("talk");
    if (!bar) return;
    bar.dataset.state = state;
    const known = bar.querySelector(`template[data-state="${state}"]`).content.textContent;
    bar.querySelector(".talk-words").textContent = words || known;
    const running = state === "listening" || state === "speaking";
    const button = bar.querySelector("#talk-button");
    button.querySelector(".talk-verb").textContent = running ? button.dataset.end : button.dataset.begin;
    button.setAttribute("aria-disabled", state === "connecting");
  }

  function say(template, words) {
    messages.dispatchEvent(new CustomEvent("said", { detail: { template, words } }));
  }

  // What the agent found: the passages by their numbers, also where the result was cut short.
  async function open(result, address) {
    const found = [...String(result).matchAll(/passage_id\W+(\d+)/g)].map((match) => match[1]);
    if (!found.length) return;
    const list = document.createElement("ul");
    list.className = "sources";
    list.setAttribute("aria-label", "Looked up");
    messages.append(list);
    const query = new URLSearchParams(found.map((number) => ["passage", number]));
    await htmx.ajax("GET", `${address}?${query}`, { target: list, swap: "innerHTML" });
    messages.scrollTop = messages.scrollHeight;
    const first = list.querySelector("a");
    if (first) htmx.ajax("GET", first.getAttribute("hx-get"), { source: first, target: "#quote" });
  }
})();
