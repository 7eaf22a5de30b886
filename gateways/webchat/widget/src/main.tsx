// One script tag: <script src="https://chat.example/widget.js" data-site="KEY" data-language="ru" async></script>
// Everything lives in a shadow root; the page gets one global name: Switchboard.

import { render } from "preact";

import { Chat } from "./chat.ts";
import style from "./style.css";
import { type Door, Widget } from "./Widget.tsx";
import { wordsFor } from "./words.ts";

function start(script: HTMLScriptElement): void {
  const site = script.dataset["site"];
  if (!site) {
    console.error("Switchboard: the script tag needs data-site with the key of the site");
    return;
  }
  const language = script.dataset["language"] ?? navigator.language;
  const address = new URL("ws", script.src);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("site", site);
  const chat = new Chat(address.href, site, language);
  const host = document.createElement("switchboard-chat");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const words = wordsFor(language);
  host.lang = words === wordsFor("ru") ? "ru" : "en";
  const door: Door = {};
  render(<Widget chat={chat} words={words} language={host.lang} door={door} />, root);
  document.body.append(host);
  chat.link.open();
  Object.defineProperty(window, "Switchboard", {
    value: Object.freeze({ open: () => door.open?.(), close: () => door.close?.() }),
  });
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !("Switchboard" in window)) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script), { once: true });
}
