// One file to the desk, with progress: what `fetch` does not tell, XMLHttpRequest does.

import { type Api, Failure, failureOf } from "./api.ts";
import type { Attachment, Sending } from "./uploads.ts";

/** Where a file is fetched from: its bytes, or the picture that we drew of it. */
export function fileAddress(attachment: string, preview = false): string {
  return `/api/attachments/${attachment}${preview ? "?preview=true" : ""}`;
}

export function sentFile(api: Api, file: File, progress: (share: number) => void): Sending {
  const request = new XMLHttpRequest();
  const done = new Promise<Attachment>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      const body = decoded(request.responseText);
      if (request.status < 300) resolve(body as Attachment);
      else reject(failureOf(answerOf(request), body));
    };
    request.onerror = request.onabort = request.ontimeout = () => reject(new Failure("unreachable"));
  });
  request.open("POST", `/api/attachments?${new URLSearchParams({ name: file.name.slice(0, 400) })}`);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Accept-Language", api.language);
  request.setRequestHeader("X-Switchboard-Request", "1");
  request.setRequestHeader("Content-Type", "application/octet-stream"); // content decides what it is
  request.send(file);
  return { done, cancel: () => request.abort() };
}

/** The refusal as `fetch` would have told it. */
function answerOf(request: XMLHttpRequest): Response {
  const told = request.getResponseHeader("Retry-After");
  return new Response(null, { status: request.status, headers: told === null ? {} : { "Retry-After": told } });
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
