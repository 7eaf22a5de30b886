// What stands on the page: a moment of asking, the door, or the workplace.

import { useApp, useWords, WorkplaceContext } from "./context.ts";
import { Desk } from "./Desk.tsx";
import { Mark } from "./Mark.tsx";
import { SignIn } from "./SignIn.tsx";

export function Page() {
  const session = useApp().session.value;
  if (session.is === "out") return <SignIn ended={session.ended} />;
  if (session.is === "checking") return <Checking failing={session.failing} />;
  return (
    <WorkplaceContext.Provider value={session.workplace}>
      <Desk />
    </WorkplaceContext.Provider>
  );
}

function Checking({ failing }: { failing: boolean }) {
  const words = useWords();
  return (
    <main class="door">
      <Mark size={40} />
      <p role="status" data-testid="checking">
        {failing ? words.outage.offline : words.list.loading}
      </p>
    </main>
  );
}
