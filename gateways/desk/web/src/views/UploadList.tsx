// Files that go with the reply: how far each has come, why it did not, and what may be done about it.

import type { Limit } from "../limits.ts";
import { sized } from "../sizes.ts";
import type { Upload } from "../uploads.ts";
import type { Language } from "../words/index.ts";
import type { Words } from "../words/index.ts";
import { failureWords, useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

export function UploadList({ id, uploads }: { id: string; uploads: readonly Upload[] }) {
  const words = useWords();
  if (uploads.length === 0) return null;
  return (
    <ul class="uploads" aria-label={words.composer.files} data-testid="uploads">
      {uploads.map((upload) => (
        <UploadRow key={upload.key} id={id} upload={upload} />
      ))}
    </ul>
  );
}

function UploadRow({ id, upload }: { id: string; upload: Upload }) {
  const app = useApp();
  const { uploads } = useWorkplace();
  const words = useWords();
  const { state, name } = upload;
  const bad = state.is === "failed" || state.is === "forbidden";
  return (
    <li class={`upload ${bad ? "bad" : ""}`} data-testid="upload" data-state={state.is}>
      <Icon name={bad ? "warning" : "file"} size={18} />
      <span class="upload-words">
        <b>{name}</b>
        <span class="hint" role={bad ? "alert" : undefined} data-testid="upload-words">
          {stateWords(upload, words, app.language.value)}
        </span>
        {state.is === "sending" && <progress max={1} value={state.share} aria-label={words.files.sending(name)} />}
      </span>
      {state.is === "failed" && (
        <button class="button small" type="button" onClick={() => uploads.again(id, upload.key)} data-testid="upload-again">
          {words.files.again}
        </button>
      )}
      <button
        class="button bare icon-only"
        type="button"
        aria-label={words.files.takeAway(name)}
        data-testid="upload-remove"
        onClick={() => uploads.remove(id, upload.key)}
      >
        <Icon name="close" size={16} />
      </button>
    </li>
  );
}

function stateWords({ state, size }: Upload, words: Words, language: Language): string {
  switch (state.is) {
    case "waiting":
      return words.files.waiting;
    case "sending":
      return words.files.share(Math.floor(state.share * 100));
    case "done":
      return sized(size, language);
    case "failed":
      return failureWords(state.failure, words);
    case "forbidden":
      return limitWords(state.limit, words, language);
  }
}

function limitWords(limit: Limit, words: Words, language: Language): string {
  const { limits } = words;
  switch (limit.is) {
    case "none":
      return limits.none;
    case "kind":
      return limits.kind;
    case "empty":
      return limits.empty;
    case "count":
      return limits.count(limit.most);
    case "bytes":
      return limits.bytes(sized(limit.most, language));
    case "together":
      return limits.together(sized(limit.most, language));
  }
}
