// One script tag: <script src="https://chat.example/widget.js" data-site="KEY" data-language="ru" async></script>
// The signed-in visitor may be named there too: data-user-id, data-user-hash, data-user-name, -email, -phone.
// Everything lives in a shadow root; the page gets one global name: Switchboard.

import { render } from "preact";

import style from "../dist/style.css";
import { Chat } from "./chat.ts";
import { offer } from "./interface.ts";
import { type Handle, Widget } from "./Widget.tsx";
import { wordsFor } from "./words.ts";

function start(script: HTMLScriptElement): void {
  const { site, language = navigator.language, userId, userHash, userName, userEmail, userPhone } = script.dataset;
  if (!site) {
    console.error("Switchboard: the script tag needs data-site with the key of the site");
    return;
  }
  const address = (path: string) => {
    const url = new URL(path, script.src);
    url.searchParams.set("site", site);
    return url.href;
  };
  const words = wordsFor(language);
  const chat = new Chat({
    socket: address("ws").replace(/^http/, "ws"),
    poll: address("poll"),
    files: address("upload"),
    site,
    language,
    words,
  });
  const host = document.createElement("switchboard-chat");
  host.lang = words === wordsFor("ru") ? "ru" : "en";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const handle: Handle = {};
  render(<Widget chat={chat} words={words} language={host.lang} origin={script.src} handle={handle} />, root);
  document.documentElement.append(host); // beside the body: its transforms and filters would catch what is fixed
  const show = (open: boolean) => handle.show?.(open);
  offer(chat, show, () => {
    render(null, root);
    host.remove();
  });
  if (userId && userHash) {
    const more = { ...(userName && { name: userName }), ...(userEmail && { email: userEmail }), ...(userPhone && { phone: userPhone }) };
    chat.identify({ id: userId, hash: userHash, ...more });
  }
  chat.link.open();
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !("Switchboard" in window)) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script), { once: true });
}
