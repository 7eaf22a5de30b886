// Which language the page speaks; each names itself in its own.

import { LANGUAGES, NAMES } from "../words/index.ts";
import { useApp, useWords } from "./context.ts";

export function LanguageSwitch() {
  const app = useApp();
  const words = useWords();
  return (
    <div class="languages" role="group" aria-label={words.language}>
      {LANGUAGES.map((language) => (
        <button
          key={language}
          type="button"
          class="languages-choice"
          lang={language}
          aria-pressed={app.language.value === language}
          aria-label={`${language.toUpperCase()} ${NAMES[language]}`}
          data-testid={`language-${language}`}
          onClick={() => app.speak(language)}
        >
          {language.toUpperCase()}
        </button>
      ))}
    </div>
  );
}
