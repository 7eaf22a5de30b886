// Finding a conversation by its client's name: part of the filter, so it holds in all folders.

import { NAME_FROM } from "../filters.ts";
import { filter } from "./choosing.ts";
import { useWords } from "./context.ts";
import { Icon } from "./Icon.tsx";

const LONGEST = 100;

export function ListSearch() {
  const words = useWords();
  const { name } = filter.value;
  const ask = (asked: string): void => {
    filter.value = { ...filter.value, name: asked };
  };
  return (
    <div class="list-search" role="search">
      <Icon name="search" size={16} />
      <input
        type="text"
        value={name}
        maxLength={LONGEST}
        aria-label={words.filter.name}
        placeholder={words.filter.name}
        title={words.filter.nameHint(NAME_FROM)}
        autocomplete="off"
        spellcheck={false}
        data-testid="list-search"
        onInput={(event) => ask(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || name === "") return;
          event.preventDefault();
          ask("");
        }}
      />
      {name !== "" && (
        <button
          class="button bare icon-only small"
          type="button"
          aria-label={words.filter.nameClear}
          data-testid="list-search-clear"
          onClick={() => ask("")}
        >
          <Icon name="close" size={14} />
        </button>
      )}
    </div>
  );
}
