// Starts the page.

import { render } from "preact";
import { App } from "./app.ts";
import { watchedRoute } from "./route.ts";
import { BrowserShelf } from "./storage.ts";
import { AppContext } from "./views/context.ts";
import { Page } from "./views/Page.tsx";

const app = new App(new BrowserShelf(), watchedRoute(), navigator.languages);

function hurry(): void {
  const session = app.session.peek();
  if (session.is !== "in") return;
  if (document.visibilityState !== "visible") {
    void session.workplace.drafts.hurry();
    return;
  }
  session.workplace.hurry();
  session.workplace.readDrafts();
}

/** Another device may have written meanwhile, also where both windows were in sight all the time. */
function focused(): void {
  const session = app.session.peek();
  if (session.is === "in") session.workplace.readDrafts();
}

addEventListener("online", hurry);
addEventListener("focus", focused);
document.addEventListener("visibilitychange", hurry);
addEventListener("storage", ({ key }) => {
  const session = app.session.peek();
  if (session.is !== "in" || key === null) return;
  session.workplace.outbox.noticed(key);
  session.workplace.drafts.noticed(key);
});

render(
  <AppContext.Provider value={app}>
    <Page />
  </AppContext.Provider>,
  document.getElementById("page")!,
);
void app.check();
