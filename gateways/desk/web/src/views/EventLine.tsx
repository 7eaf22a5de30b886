// Something that happened to the conversation, in a sentence.

import type { Model } from "../model.ts";
import { operatorName } from "../people.ts";
import { shaped } from "../times.ts";
import { FILLED_IN, fieldsOf } from "../visits.ts";
import type { Line } from "../wire.ts";
import type { Words } from "../words/index.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";

export function EventLine({ line }: { line: Line }) {
  const app = useApp();
  const words = useWords();
  const model = useWorkplace().model.value;
  const language = app.language.value;
  return (
    <li class="event" data-testid="event" data-kind={line.kind}>
      <span>{sentence(line, model, words)}</span>
      <time dateTime={line.at} title={shaped(line.at, "whole", language)}>
        {shaped(line.at, "clock", language)}
      </time>
    </li>
  );
}

function sentence(line: Line, model: Model, words: Words): string {
  const { events } = words;
  const actor = line.author;
  switch (line.kind) {
    case "conversation.opened":
      return events.opened;
    case "conversation.reopened":
      return events.reopened;
    case "conversation.assigned": {
      const said = line.detail?.["assignee"];
      const id = typeof said === "string" ? said : actor?.id;
      return id === model.viewer ? events.assignedMe : events.assigned(operatorName(model, id, words, actor?.name));
    }
    case "conversation.closed":
      if (actor?.kind !== "operator") return events.closedPlain;
      return actor.id === model.viewer ? events.closedMe : events.closed(operatorName(model, actor.id, words, actor.name));
    case FILLED_IN:
      return events.filledIn([...fieldsOf([line])].map(([name, value]) => `${name} — ${value}`).join(", "));
    default:
      return events.leftByClient;
  }
}
