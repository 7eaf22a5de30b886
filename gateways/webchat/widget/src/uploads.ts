// Files on their way to the gateway: what does not fit is told before anything is sent, each of the others has its
// progress, can be called off, and can be tried again; what failed for want of a connection is tried by itself.

import type { FileRef, Limits } from "./frames.ts";
import type { Words } from "./words.ts";

export interface Upload {
  key: number;
  file: Blob;
  name: string;
  /** An address of the picture itself, for an image. */
  picture: string | undefined;
  state: "going" | "failed" | "done";
  /** From 0 to 1. */
  done: number;
  words: string | undefined;
  /** Worth trying again. */
  again: boolean;
  held: FileRef | undefined;
  /** A recording goes by itself when it is there: what to do with it then. */
  alone: ((file: FileRef) => void) | undefined;
}

export interface Place {
  /** The address that takes files, with the site in its query. */
  url: string;
  token(): string | null;
  limits(): Limits;
  changed(): void;
}

interface Answer extends Partial<FileRef> {
  words?: string;
  detail?: string;
}

/** Why a file cannot be sent, in words; nothing when it can. */
export function refusal(file: { name: string; type: string; size: number }, limits: Limits, words: Words): string | undefined {
  if (!file.size) return words.emptyFile(file.name);
  if (limits.file_bytes && file.size > limits.file_bytes) return words.largeFile(file.name, words.size(limits.file_bytes));
  const fits = (type: string) =>
    type.startsWith(".")
      ? file.name.toLowerCase().endsWith(type.toLowerCase())
      : type.endsWith("/*")
        ? file.type.startsWith(type.slice(0, -1))
        : file.type === type;
  return limits.types?.length && !limits.types.some(fits) ? words.foreignFile(file.name) : undefined;
}

export class Uploads {
  items: Upload[] = [];
  /** Addresses of pictures that were sent from here, by the id of their file. */
  readonly pictures = new Map<string, string>();
  private counter = 0;
  private readonly requests = new Map<number, XMLHttpRequest>();
  private readonly place: Place;
  private readonly words: Words;

  constructor(place: Place, words: Words) {
    this.place = place;
    this.words = words;
  }

  get ready(): boolean {
    return this.items.every((one) => one.alone || one.state === "done");
  }

  /** Begins to send; what is wrong with those that cannot be sent. */
  add(files: Iterable<File>): string[] {
    const wrong: string[] = [];
    const limits = this.place.limits();
    for (const file of files) {
      const why =
        this.items.length >= (limits.files ?? 1) ? this.words.manyFiles(limits.files ?? 1) : refusal(file, limits, this.words);
      if (why) wrong.push(why);
      else this.start(this.made(file, file.name));
    }
    this.place.changed();
    return [...new Set(wrong)];
  }

  /** A voice message, which goes by itself. */
  record(file: Blob, name: string, alone: (file: FileRef) => void): void {
    this.start(this.made(file, name, alone));
    this.place.changed();
  }

  again(one: Upload): void {
    Object.assign(one, { state: "going", done: 0, words: undefined });
    this.start(one);
    this.place.changed();
  }

  remove(one: Upload): void {
    this.items = this.items.filter((other) => other !== one);
    this.requests.get(one.key)?.abort();
    if (one.picture) URL.revokeObjectURL(one.picture);
    this.place.changed();
  }

  /** The files for a message that is being sent; the tray is empty afterwards. */
  take(): FileRef[] {
    const taken = this.items.flatMap((one) => one.held ?? []);
    this.items = this.items.filter((one) => one.alone);
    return taken;
  }

  /** There is a connection again. */
  resume(): void {
    for (const one of this.items) if (one.state === "failed" && one.again) this.again(one);
  }

  private made(file: Blob, name: string, alone?: Upload["alone"]): Upload {
    const picture = file.type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
    const one: Upload = {
      key: ++this.counter,
      file,
      name: name || "image.png",
      picture,
      state: "going",
      done: 0,
      words: undefined,
      again: true,
      held: undefined,
      alone,
    };
    this.items = [...this.items, one];
    return one;
  }

  private start(one: Upload): void {
    const request = new XMLHttpRequest();
    const address = new URL(this.place.url);
    address.searchParams.set("name", one.name);
    if (one.alone) address.searchParams.set("kind", "voice");
    request.open("POST", address);
    request.responseType = "json";
    request.setRequestHeader("Authorization", `Visitor ${this.place.token() ?? ""}`);
    request.setRequestHeader("Content-Type", one.file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => {
      one.done = total ? loaded / total : 0;
      this.place.changed();
    };
    request.onload = () => this.answered(one, request.status, (request.response ?? {}) as Answer);
    request.onerror = () => this.failed(one, this.words.offlineFile, true);
    request.onloadend = () => this.requests.delete(one.key);
    this.requests.set(one.key, request);
    request.send(one.file);
  }

  private answered(one: Upload, status: number, answer: Answer): void {
    const { id, kind } = answer;
    if (status !== 201 || !id || !kind) {
      return this.failed(one, answer.words ?? answer.detail ?? this.words.failedFile, status === 429 || status >= 500);
    }
    one.held = { ...answer, id, kind, name: answer.name ?? one.name, mime: answer.mime ?? "", size: one.file.size };
    one.state = "done";
    if (one.picture) this.pictures.set(id, one.picture);
    if (one.alone) {
      this.items = this.items.filter((other) => other !== one);
      one.alone(one.held);
    }
    this.place.changed();
  }

  private failed(one: Upload, words: string, again: boolean): void {
    Object.assign(one, { state: "failed", words, again });
    this.place.changed();
  }
}
