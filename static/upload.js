// Uploads: several at once, by choosing or dropping, each with its bar and its outcome in words.
(() => {
  "use strict";
  const AT_ONCE = 2;
  const zone = document.querySelector("[data-upload]");
  if (!zone) return;
  const input = zone.querySelector("input[type=file]");
  const list = document.getElementById("uploads");
  const rowTemplate = document.getElementById("upload-row");
  const token = document.querySelector("meta[name=csrf-token]").content;
  const most = Number(zone.dataset.mostMegabytes) * 1024 ** 2;
  const waiting = [];
  let running = 0;

  function size(bytes) {
    const units = ["bytes", "KB", "MB", "GB"];
    const step = Math.min(3, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
    const number = (bytes / 1024 ** step).toLocaleString(undefined, { maximumFractionDigits: step ? 1 : 0 });
    return `${number} ${units[step]}`;
  }

  function add(files) {
    [...files].forEach((file) => {
      const row = rowTemplate.content.firstElementChild.cloneNode(true);
      row.querySelector(".upload-name").textContent = file.name;
      row.querySelector(".upload-size").textContent = size(file.size);
      row.querySelector("button").setAttribute("aria-label", `Remove ${file.name} from this list`);
      row.querySelector("button").addEventListener("click", () => { row.request?.abort(); row.remove(); });
      list.append(row);
      if (file.size > most) fail(row, `This file is larger than ${size(most)}. Split it and upload the parts.`);
      else if (!file.size) fail(row, "This file is empty. Check the original and upload it again.");
      else waiting.push([file, row]);
    });
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) {
      const [file, row] = waiting.shift();
      if (row.isConnected) send(file, row);
    }
  }

  function send(file, row) {
    running += 1;
    const request = row.request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file);
    request.open("POST", zone.dataset.upload);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && progress(row, event.loaded / event.total);
    request.onload = () => finish(row, request);
    request.onerror = () => fail(row, "The connection broke. Check it and upload the file again.");
    request.onloadend = () => { running -= 1; next(); };
    request.send(form);
  }

  function progress(row, part) {
    const percent = Math.floor(part * 100);
    row.querySelector(".bar").setAttribute("aria-valuenow", percent);
    row.querySelector("rect").setAttribute("width", `${percent}%`);
    row.querySelector(".upload-words").textContent = percent < 100 ? `Uploading… ${percent}%` : "Checking…";
  }

  function finish(row, request) {
    let answer = null;
    try { answer = JSON.parse(request.responseText); } catch { /* not ours: a proxy's page */ }
    const file = answer?.files?.[0];
    const error = file?.error || answer?.error;
    if (error) return fail(row, error.message || error);
    if (!file) return fail(row, "The upload did not arrive. Try again in a moment.");
    row.classList.replace("working", "ready");
    row.querySelector(".bar").remove();
    row.querySelector(".upload-words").textContent = file.duplicate ? "Already in your library" : "Uploaded";
    if (zone.dataset.picker) return pick(file, row);
    if (!file.duplicate) row.dataset.arrived = "yes";
    refresh();
  }

  function fail(row, words) {
    row.classList.replace("working", "failed");
    row.querySelector(".bar")?.remove();
    row.querySelector(".upload-words").textContent = words;
  }

  // On a form, an uploaded file becomes one of the choices, chosen.
  function pick(file, row) {
    const picker = document.getElementById(zone.dataset.picker);
    let box = picker.querySelector(`input[value="${CSS.escape(file.id)}"]`);
    if (!box) {
      const choice = document.getElementById("picker-row").content.firstElementChild.cloneNode(true);
      box = choice.querySelector("input");
      box.value = file.id;
      box.id = `file-${file.id}`;
      choice.querySelector(".picker-name").textContent = file.name;
      choice.querySelector(".picker-meta").textContent = size(file.size);
      picker.prepend(choice);
    }
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));  // for the estimate
    if (!file.duplicate) row.remove();
    document.getElementById("announcer").textContent = `${file.name}: ${file.duplicate ? "already in your library" : "uploaded"}, selected`;
    const field = document.getElementById("id_name");
    if (field && !field.value) field.value = file.name.replace(/\.[^.]+$/, "").replace(/[_-]+/g, " ");
  }

  // On the page of files, the list is asked for again; what is in it needs no row here. One
  // question at a time: a list that has been replaced cannot take a second answer.
  let refreshing = false;
  let again = false;
  async function refresh() {
    again = true;
    if (refreshing) return;
    refreshing = true;
    while (again) {
      again = false;
      const shown = list.querySelectorAll("[data-arrived]");
      await htmx.ajax("GET", location.href, { target: "#file-list", select: "#file-list", swap: "outerHTML" });
      shown.forEach((row) => row.remove());
    }
    refreshing = false;
  }

  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    add(event.dataTransfer.files);
  });
  // A file dropped beside the zone must not replace the page.
  ["dragover", "drop"].forEach((name) => addEventListener(name, (event) => event.preventDefault()));
  addEventListener("beforeunload", (event) => { if (running || waiting.length) event.preventDefault(); });
})();
