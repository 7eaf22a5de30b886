// A voice recording: the microphone is on only between start and stop.

const KINDS: readonly (readonly [string, string])[] = [
  ["audio/webm;codecs=opus", "voice.webm"],
  ["audio/mp4", "voice.m4a"],
  ["audio/ogg;codecs=opus", "voice.ogg"],
];

export interface Recording {
  blob: Blob;
  name: string;
}

export const canRecord = (): boolean => "MediaRecorder" in window && !!navigator.mediaDevices?.getUserMedia;

export class Recorder {
  private readonly stream: MediaStream;
  private readonly recorder: MediaRecorder;
  private readonly name: string;
  private readonly chunks: Blob[] = [];

  private constructor(stream: MediaStream) {
    const [type, name] = KINDS.find(([kind]) => MediaRecorder.isTypeSupported(kind)) ?? ["", "voice"];
    this.stream = stream;
    this.name = name;
    this.recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
    this.recorder.ondataavailable = ({ data }) => this.chunks.push(data);
    this.recorder.start();
  }

  /** Fails when the visitor or the page does not allow it. */
  static async start(): Promise<Recorder> {
    return new Recorder(await navigator.mediaDevices.getUserMedia({ audio: true }));
  }

  stop(): Promise<Recording> {
    return new Promise((resolve) => {
      this.recorder.onstop = () => {
        const [type = ""] = this.recorder.mimeType.split(";");
        resolve({ blob: new Blob(this.chunks, { type }), name: this.name });
      };
      this.cancel();
    });
  }

  cancel(): void {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    for (const track of this.stream.getTracks()) track.stop();
  }
}
