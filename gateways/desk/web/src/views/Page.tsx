// What stands on the page: a moment of asking, the door, or the workplace.

import type { Failure } from "../api.ts";
import { failureWords, useApp, useWords, WorkplaceContext } from "./context.ts";
import { Desk } from "./Desk.tsx";
import { Mark } from "./Mark.tsx";
import { SignIn } from "./SignIn.tsx";

export function Page() {
  const session = useApp().session.value;
  if (session.is === "out") return <SignIn ended={session.ended} />;
  if (session.is === "checking") return <Checking failure={session.failure} />;
  return (
    <WorkplaceContext.Provider value={session.workplace}>
      <Desk />
    </WorkplaceContext.Provider>
  );
}

function Checking({ failure }: { failure: Failure | null }) {
  const words = useWords();
  return (
    <main class="door">
      <Mark size={40} />
      <p role="status" data-testid="checking">
        {failure === null ? words.list.loading : failureWords(failure, words)}
      </p>
    </main>
  );
}
