// The desk's HTTP API: JSON there and back; every refusal is RFC 9457 and becomes a `Failure` with words.
//
//   kind          when                                  the caller
//   unreachable   no answer: network, time out           may repeat the same id
//   unavailable   429, 5xx: the desk or what it needs    may repeat the same id, after `retryAfter`
//   signed_out    401                                    shows the sign-in
//   refused       any other 4xx                          shows the words; repeating changes nothing

export type FailureKind = "unreachable" | "unavailable" | "signed_out" | "refused";

export class Failure extends Error {
  readonly kind: FailureKind;
  readonly status: number;
  readonly code: string;
  /** What to tell the reader, in the language asked for; empty where nobody answered. */
  readonly words: string;
  /** Seconds, where the answer said. */
  readonly retryAfter: number | null;
  /** The conversation that a refusal is about, where it is another than the one that was asked for. */
  conversation: string | null = null;

  constructor(kind: FailureKind, status = 0, code = "", words = "", retryAfter: number | null = null) {
    super(`${kind} ${status} ${code}`);
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.words = words;
    this.retryAfter = retryAfter;
  }

  get passing(): boolean {
    return this.kind === "unreachable" || this.kind === "unavailable";
  }
}

export interface Call {
  readonly body?: unknown;
  readonly traceparent?: string;
  /** Milliseconds; commands may take 30 s to be answered. */
  readonly patience?: number;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export class Api {
  /** The language of words in refusals. */
  language = "en";
  /** Milliseconds that the server's clock is ahead of this machine's. */
  clockAhead = 0;
  readonly #root: string;

  constructor(root = "/api") {
    this.#root = root;
  }

  /** The decoded answer, `undefined` for an empty one; throws `Failure`. */
  async ask<T>(method: Method, path: string, call: Call = {}): Promise<T> {
    const answer = await this.#fetch(method, path, call);
    this.#noteClock(answer);
    const text = await answer.text().catch(() => {
      throw new Failure("unreachable");
    });
    const body = decoded(text);
    if (!answer.ok) throw failureOf(answer, body, path === "/session");
    return body as T;
  }

  async #fetch(method: Method, path: string, call: Call): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": this.language };
    if (method !== "GET") headers["X-Switchboard-Request"] = "1";
    if (call.traceparent !== undefined) headers["traceparent"] = call.traceparent;
    if (call.body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await fetch(this.#root + path, {
        method,
        headers,
        body: call.body === undefined ? null : JSON.stringify(call.body),
        credentials: "same-origin",
        cache: "no-store",
        signal: AbortSignal.timeout(call.patience ?? 15_000),
      });
    } catch {
      throw new Failure("unreachable");
    }
  }

  #noteClock(answer: Response): void {
    const said = Date.parse(answer.headers.get("Date") ?? "");
    if (Number.isNaN(said)) return;
    const ahead = said - Date.now();
    this.clockAhead = Math.abs(ahead) < 3000 ? 0 : ahead; // the header has whole seconds
  }
}

function decoded(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What an answer that is not 2xx means; `signingIn`: a 401 there is about the password, not the session. */
export function failureOf(answer: Response, body: unknown, signingIn = false): Failure {
  const problem = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof problem[name] === "string" ? problem[name] : "");
  const words = [text("title"), text("detail") || text("remedy")].filter((part) => part !== "").join(" ");
  const header = Number.parseFloat(answer.headers.get("Retry-After") ?? "");
  const failure = new Failure(
    kindOf(answer.status, signingIn),
    answer.status,
    text("code"),
    words,
    Number.isFinite(header) ? header : null,
  );
  failure.conversation = /^\/api\/conversations\/([0-9a-f-]{36})$/.exec(answer.headers.get("Content-Location") ?? "")?.[1] ?? null;
  return failure;
}

function kindOf(status: number, signingIn: boolean): FailureKind {
  if (status >= 500) return "unavailable";
  if (status === 429) return signingIn ? "refused" : "unavailable";
  if (status === 401 && !signingIn) return "signed_out";
  return "refused";
}
