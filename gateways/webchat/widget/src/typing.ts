// Who writes, both ways: said at most every three seconds while the visitor writes, and when it ends; what is heard
// of the operator is worth ten seconds.

const AGAIN_MS = 3000;
const IDLE_MS = 4000;
const WORTH_MS = 10_000;

export class Typing {
  /** The operator who writes now; an empty name when the gateway gives none. */
  who: string | null = null;
  private saidAt = 0;
  private on = false;
  private idle: ReturnType<typeof setTimeout> | undefined;
  private worth: ReturnType<typeof setTimeout> | undefined;
  private readonly tell: (on: boolean) => void;
  private readonly changed: () => void;

  constructor(tell: (on: boolean) => void, changed: () => void) {
    this.tell = tell;
    this.changed = changed;
  }

  /** The visitor changed the text of the field. */
  wrote(text: string): void {
    if (!text) return this.ended();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.ended(), IDLE_MS);
    if (this.on && Date.now() - this.saidAt < AGAIN_MS) return;
    this.on = true;
    this.saidAt = Date.now();
    this.tell(true);
  }

  /** The visitor writes no more; a message that is sent says so by itself. */
  ended(silently = false): void {
    clearTimeout(this.idle);
    if (this.on && !silently) this.tell(false);
    this.on = false;
  }

  /** The gateway's word about an operator; anything that the operator sent ends it. */
  heard(on: boolean, name = ""): void {
    clearTimeout(this.worth);
    if (on) this.worth = setTimeout(() => this.heard(false), WORTH_MS);
    const who = on ? name : null;
    if (who === this.who) return;
    this.who = who;
    this.changed();
  }
}
