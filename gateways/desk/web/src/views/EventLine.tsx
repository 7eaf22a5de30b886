// Something that happened to the conversation, in a sentence; who was considered for it, when that is asked for.

import { useSignal } from "@preact/signals";
import { othersOf } from "../contract.ts";
import { consideredIn } from "../explanation.ts";
import { told } from "../sentences.ts";
import { shaped } from "../times.ts";
import type { Line } from "../wire.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Player } from "./parts/Player.tsx";
import { ConsideredList } from "./Why.tsx";

export function EventLine({ line }: { line: Line }) {
  const app = useApp();
  const words = useWords();
  const model = useWorkplace().directory.value;
  const shown = useSignal(false);
  const language = app.language.value;
  const { text, comment } = told(line, model, words);
  const considered = consideredIn(line.detail);
  return (
    <li class="event" data-testid="event" data-kind={line.kind}>
      <p>
        <span>{text}</span>{" "}
        <time dateTime={line.at} title={shaped(line.at, "whole", language)}>
          {shaped(line.at, "clock", language)}
        </time>
      </p>
      {othersOf(line.content).map(
        ({ file }) =>
          file?.state === "stored" && (
            <Player key={file.attachment_id} file={{ ...file, name: words.messengers.recording }} kind="audio" />
          ),
      )}
      {comment !== null && (
        <p class="event-comment" data-testid="event-comment" dir="auto">
          {comment}
        </p>
      )}
      {considered.length > 0 && (
        <button
          class="link"
          type="button"
          aria-expanded={shown.value}
          data-testid="considered-toggle"
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          {shown.value ? words.explain.hide : words.explain.show}
        </button>
      )}
      {shown.value && <ConsideredList considered={considered} />}
    </li>
  );
}
