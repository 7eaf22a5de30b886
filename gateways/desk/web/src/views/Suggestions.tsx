// Above the field: templates that go on with what is written. The focus stays in the field.

import { useEffect, useRef } from "preact/hooks";
import { isShared, type Template } from "../templates.ts";
import { useWords } from "./context.ts";
import type { Suggestions } from "./useSuggestions.ts";

export function SuggestionList({ suggestions }: { suggestions: Suggestions }) {
  const words = useWords();
  const { active, id, shown, take } = suggestions;
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    frame.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      <p class="unseen" role="status" data-testid="suggestions-said">
        {shown !== null && words.templates.suggestions(shown.templates.length)}
      </p>
      {shown !== null && (
        <div class="templates suggestions" ref={frame} data-testid="suggestions">
          <div class="templates-found" id={id} role="listbox" aria-label={words.templates.suggested}>
            {shown.templates.map((template, index) => (
              <Suggestion
                key={template.template_id}
                id={`${id}-${index}`}
                template={template}
                chosen={index === active}
                take={() => take(template)}
              />
            ))}
          </div>
          <p class="hint templates-hint" aria-hidden="true">
            {words.templates.suggestedHint}
          </p>
        </div>
      )}
    </>
  );
}

interface SuggestionParts {
  readonly id: string;
  readonly template: Template;
  readonly chosen: boolean;
  take(): void;
}

function Suggestion({ id, template, chosen, take }: SuggestionParts) {
  const { templates: words } = useWords();
  return (
    <div
      class="template"
      id={id}
      role="option"
      aria-selected={chosen}
      data-testid="suggestion"
      onPointerDown={(event) => event.preventDefault()} // the focus stays in the field
      onClick={take}
    >
      <b>{template.title}</b>
      <span class="hint">{isShared(template) ? words.shared : words.own}</span>
      <span class="template-text">{template.text}</span>
    </div>
  );
}
