// The sound of a new message, made here: two short notes. Browsers allow it only after the visitor touched the page.

const NOTES = [784, 1047];
const NOTE_SECONDS = 0.13;

let context: AudioContext | undefined;

/** To be called from a gesture of the visitor. */
export function allowSound(): void {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
}

export function chime(): void {
  if (context?.state !== "running") return;
  NOTES.forEach((hertz, index) => {
    const { currentTime, destination } = context as AudioContext;
    const start = currentTime + index * NOTE_SECONDS;
    const gain = new GainNode(context as AudioContext, { gain: 0 });
    const note = new OscillatorNode(context as AudioContext, { frequency: hertz });
    gain.gain.setTargetAtTime(0.12, start, 0.01);
    gain.gain.setTargetAtTime(0, start + NOTE_SECONDS, 0.09);
    note.connect(gain).connect(destination);
    note.start(start);
    note.stop(start + 1);
  });
}
