// Talking with an expert: the answer as it is made, citations that open beside it.
(() => {
  "use strict";
  const messages = document.getElementById("messages");
  if (!messages) return;
  const quote = document.getElementById("quote");
  const KEPT_WITHIN = 10; // tries, half a second apart, until a stopped answer is kept
  let opener = null;
  let answering = null; // what stops the answer that is being made

  const toEnd = () => {
    messages.scrollTop = messages.scrollHeight;
    if (getComputedStyle(messages).overflowY === "visible" && messages.children.length > 1) {
      messages.lastElementChild.scrollIntoView({ block: "end" });
    }
  };

  function say(templateId, text) {
    const message = document.getElementById(templateId).content.firstElementChild.cloneNode(true);
    message.querySelector(".message-text").textContent = text;
    messages.querySelector(".welcome")?.remove();
    messages.append(message);
    return message;
  }

  // What is said aloud (talk.js) stands in the same log.
  messages.addEventListener("said", ({ detail }) => {
    say(detail.template, detail.words).classList.remove("is-waiting");
    toEnd();
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "ask") return;
    event.preventDefault();
    event.stopImmediatePropagation(); // it is sent here, and again and again
    const form = event.target;
    const question = form.elements.message.value.trim();
    if (!question || form.getAttribute("aria-busy") === "true") return;
    ask(form, question);
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "question" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });

  const stop = () => answering?.abort();
  document.addEventListener("click", (event) => { if (event.target.closest("#stop")) stop(); });

  function busy(form, is) {
    const sends = form.querySelector("[type=submit]");
    const stops = form.querySelector("#stop");
    [sends.hidden, stops.hidden] = [is, !is];
    [form, messages].forEach((part) => { // a screen reader waits for the whole answer
      if (is) part.setAttribute("aria-busy", "true");
      else part.removeAttribute("aria-busy");
    });
  }

  async function ask(form, question) {
    const body = { message: question };
    if (form.elements.conversation.value) body.conversation_id = form.elements.conversation.value;
    say("person-says", question);
    const answer = say("expert-says", "");
    const field = form.elements.message;
    field.value = "";
    answering = new AbortController();
    const { signal } = answering;
    busy(form, true);
    toEnd();
    try {
      await stream(form, body, answer, signal);
      await settle(form, answer);
    } catch (error) {
      answer.classList.remove("is-waiting", "is-streaming");
      if (signal.aborted) {
        await stopped(form, answer);
        return;
      }
      note(answer, error.forPerson || "The connection broke before the answer was complete. Ask again.", "error");
      field.value ||= question;
    } finally {
      answering = null;
      busy(form, false);
      toEnd();
      field.focus({ preventScroll: true });
    }
  }

  function note(message, words, kind) {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = words;
    message.append(line);
  }

  // The server notices that nobody listens, and keeps what it said so far.
  async function stopped(form, answer) {
    note(answer, "Stopped.", "muted small");
    if (!answer.said || !form.elements.conversation.value) return;
    for (let tries = 0; tries < KEPT_WITHIN; tries += 1) {
      const kept = await fetch(addressOfAnswer(form), { method: "HEAD" }).catch(() => null);
      if (kept?.ok) {
        await settle(form, answer);
        return;
      }
      await new Promise((later) => { setTimeout(later, 500); });
    }
  }

  // Sends the question and shows the tokens as they come.
  async function stream(form, body, answer, signal) {
    const response = await fetch(form.dataset.stream, {
      method: "POST",
      signal,
      headers: {
        "Accept": "text/event-stream",
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw refusal((await response.json().catch(() => null))?.error);
    const conversation = response.headers.get("Conversation-Id");
    if (conversation) form.elements.conversation.value = conversation;
    let done = false;
    for await (const { name, data } of eventsOf(response.body)) {
      if (name === "token") append(answer, data.text ?? data.token ?? "");
      if (name === "error") throw refusal(data.error ?? data);
      if (name === "done") done = true;
    }
    if (!done) throw new Error("The stream ended early.");
  }

  function refusal(error) {
    return Object.assign(new Error("refused"), { forPerson: error?.message });
  }

  // The events of a stream (HTML standard, "Server-sent events"), their data read as JSON.
  async function* eventsOf(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const lines = part.split("\n");
        const field = (name) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
        if (field("data")) yield { name: field("event") || "message", data: JSON.parse(field("data")) };
      }
    }
  }

  // While it streams, a citation is a chip already; it opens when the answer is whole.
  function append(answer, token) {
    const text = answer.querySelector(".message-text");
    answer.said = (answer.said || "") + token;
    answer.classList.replace("is-waiting", "is-streaming");
    text.replaceChildren(...answer.said.split(/(\[\d+\])/).map((piece) => {
      const number = /^\[(\d+)\]$/.exec(piece);
      if (!number) return document.createTextNode(piece);
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.textContent = number[1];
      return chip;
    }));
    if (messages.scrollHeight - messages.scrollTop - messages.clientHeight < 160) toEnd();
  }

  // The whole answer comes from the server once more, as the page itself would show it.
  async function settle(form, answer) {
    const address = new URL(location.href);
    address.searchParams.set("conversation", form.elements.conversation.value);
    history.replaceState(null, "", address);
    await htmx.ajax("GET", addressOfAnswer(form), { target: answer, swap: "outerHTML" });
  }

  function addressOfAnswer(form) {
    return form.dataset.answer.replace(form.dataset.none, form.elements.conversation.value);
  }

  // Citations open beside the answer, and closing gives the focus back.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === quote) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== quote) return;
    quote.hidden = false;
    document.querySelectorAll("[aria-controls=quote]").forEach((chip) => {
      chip.setAttribute("aria-expanded", chip === opener);
    });
    const scroller = quote.querySelector(".quote-text");
    const marked = scroller.querySelector("mark") || scroller.querySelector(".passage");
    if (marked) scroller.scrollTop = marked.offsetTop - scroller.offsetTop - scroller.clientHeight / 3;
    quote.focus({ preventScroll: true });
  });
  function close() {
    quote.hidden = true;
    quote.replaceChildren();
    opener?.setAttribute("aria-expanded", "false");
    opener?.focus({ preventScroll: true });
  }
  quote.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!quote.hidden) close();
    else stop();
  });

  toEnd();
})();
