// What every page has: menus, the one dialog, toasts, forms that cannot be sent twice, tabs.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Menus close when somebody clicks elsewhere or presses Escape.
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A link with hx-target="#dialog-body" asks in the dialog; without JavaScript, on a page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const address = new URL(event.detail.xhr.responseURL || location.href);
    if (address.pathname.startsWith("/accounts/login/")) {
      event.preventDefault();
      location.reload(); // signed out meanwhile
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "dialog-body") return;
    all("details.menu[open]").forEach((menu) => { menu.open = false; });
    document.getElementById("dialog").showModal();
  });
  document.addEventListener("click", (event) => {
    const dialog = document.getElementById("dialog");
    const cancels = event.target.closest("dialog [data-cancel]");
    if (cancels || event.target === dialog) {
      event.preventDefault();
      dialog.close();
    }
  });

  // Toasts leave by themselves, unless they tell of a failure.
  function dismiss(toast) {
    toast.classList.add("is-leaving");
    setTimeout(() => toast.remove(), 200);
  }
  all(".toast").forEach((toast) => {
    toast.querySelector("button").addEventListener("click", () => dismiss(toast));
    if (!toast.matches(".error, .warning")) setTimeout(() => dismiss(toast), 7000);
  });

  // A form is sent once. Coming back by the back button makes it usable again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (!button || !button.dataset.busy) return;
    button.dataset.idle = button.textContent;
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    all("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    all("[data-idle]").forEach((button) => {
      button.textContent = button.dataset.idle;
      button.removeAttribute("aria-disabled");
    });
  });

  // The exact time, in the reader's zone and format, on hover.
  function exactTimes(within) {
    all("time[datetime]", within).forEach((time) => {
      time.title = new Date(time.dateTime).toLocaleString();
    });
  }
  exactTimes(document);
  document.addEventListener("htmx:load", (event) => exactTimes(event.target));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim())
      .then(() => { button.lastChild.textContent = "Copied"; });
  });

  document.addEventListener("change", (event) => {
    const input = event.target.closest("[data-preview]");
    if (!input || !input.files.length) return;
    const picture = document.getElementById(input.dataset.preview);
    const image = document.createElement("img");
    image.src = URL.createObjectURL(input.files[0]);
    image.alt = "";
    image.className = picture.className;
    image.id = picture.id;
    picture.replaceWith(image);
  });

  // On a phone the sections of a page are tabs; on a wide screen they stand side by side.
  const tabs = document.querySelector(".tabs");
  if (tabs) {
    const links = all("a", tabs);
    const panel = (link) => document.querySelector(link.hash);
    const choose = (chosen, focus) => {
      links.forEach((link) => {
        link.setAttribute("aria-selected", link === chosen);
        link.tabIndex = link === chosen ? 0 : -1;
        panel(link).classList.toggle("is-current", link === chosen);
      });
      if (focus) chosen.focus();
    };
    const phone = matchMedia("(max-width: 760px)");
    const dress = () => {
      const role = (element, name) => (
        phone.matches ? element.setAttribute("role", name) : element.removeAttribute("role"));
      role(tabs, "tablist");
      links.forEach((link) => { role(link, "tab"); role(panel(link), "tabpanel"); });
    };
    phone.addEventListener("change", dress);
    dress();
    choose(links.find((link) => link.hash === location.hash) || links[0]);
    tabs.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      history.replaceState(null, "", link.hash);
      choose(link);
    });
    tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const at = links.indexOf(document.activeElement);
      choose(links[(at + step + links.length) % links.length], true);
    });
    document.addEventListener("htmx:afterSettle", () => {
      choose(links.find((link) => link.getAttribute("aria-selected") === "true"));
    });
  }
})();
