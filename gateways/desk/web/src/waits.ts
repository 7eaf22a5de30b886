// How long a client waits, measured by what the account allows. Pure.

/** Green, until half of the time is over; red, when all of it is. */
export type Patience = "calm" | "soso" | "over";

const USUAL_SECONDS = 300;

export function patienceOf(waited: number, maxSeconds: number | undefined): Patience {
  const most = (maxSeconds ?? USUAL_SECONDS) * 1000;
  if (waited >= most) return "over";
  return waited >= most / 2 ? "soso" : "calm";
}
