// One message: who, what it answers, the words, the files, and how far it has come.

import { Attachment } from "./Attachment.tsx";
import type { Chat } from "./chat.ts";
import type { Quote } from "./frames.ts";
import { IconButton } from "./icons.tsx";
import type { Line, Tick } from "./lines.ts";
import { isPicture, pieces } from "./text.ts";
import type { Words } from "./words.ts";

export interface Shared {
  chat: Chat;
  words: Words;
  language: string;
  /** Where the gateway's own addresses begin. */
  origin: string;
}

interface Props extends Shared {
  line: Line;
  onQuote: (quote: Quote) => void;
  onFind: (seq: number) => void;
}

const PARTS: Record<Tick, string> = {
  pending: "M8 4.5V8l2.5 1.5M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z",
  failed: "M8 4v5M8 11.5v.5M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z",
  sent: "m3.5 8.5 3 3 6-7",
  delivered: "m1 8.5 3 3 6-7M8.5 11.5l6-7",
  read: "m1 8.5 3 3 6-7M8.5 11.5l6-7",
};

export function Message({ line, chat, words, language, origin, onQuote, onFind }: Props) {
  const { from, tick, state, deleted } = line;
  const mine = from === "client";
  if (line.closed) return <Ending line={line} words={words} />;
  const who = mine ? words.you : nameOf(line, words);
  const told = from !== "system" && (line.last || line.words || line.edited);
  const picture = !line.quote && (line.sticker?.emoji || isPicture(line.text));
  const quotable = line.seq !== undefined && !deleted && from !== "system" && chat.site !== undefined;
  return (
    <div
      class={`message ${from} ${tick}${line.first ? " first" : ""}${line.last ? " last" : ""}${picture ? " large" : ""}`}
      data-testid="message"
      data-from={from}
      data-state={state}
      data-tick={tick}
      data-seq={line.seq}
      tabIndex={-1}
    >
      {line.first && !mine && from !== "system" ? <Author avatar={line.avatar && new URL(line.avatar, origin).href} who={who} /> : <span class="heard">{who}</span>}
      {line.quote && <Quoted quote={line.quote} words={words} onFind={onFind} />}
      {line.files.map((file) => (
        <Attachment
          key={file.id}
          file={file}
          url={file.url && new URL(file.url, origin).href}
          near={chat.uploads.pictures.get(file.id)}
          words={words}
        />
      ))}
      {line.sticker?.url && <img class="sticker" src={new URL(line.sticker.url, origin).href} alt={line.sticker.emoji ?? ""} />}
      {deleted ? <div class="text gone" data-testid="message-text">{words.deleted}</div> : <Text line={line} />}
      {told && (
        <div class="meta">
          {line.edited && <span>{words.edited}</span>}
          {line.words ? <span class="why">{line.words}</span> : <Time at={line.at} language={language} />}
          {mine && !deleted && <Mark tick={tick} label={words[tick]} />}
          {state === "failed" && line.cid && (
            <button type="button" class="link" onClick={() => chat.sayAgain(line.cid as string)} data-testid="repeat">
              {words.again}
            </button>
          )}
        </div>
      )}
      {quotable && (
        <IconButton class="reply" icon="answer" label={words.answer} onClick={() => onQuote(quoteOf(line, who, words))} id="quote" />
      )}
    </div>
  );
}

function Text({ line }: { line: Line }) {
  const text = line.text || (line.sticker?.url ? "" : line.sticker?.emoji);
  if (!text) return null;
  return (
    <div class="text" dir="auto" data-testid="message-text">
      {pieces(text).map(({ text: words, href }) =>
        href ? (
          <a href={href} target="_blank" rel="noopener noreferrer">
            {words}
          </a>
        ) : (
          words
        ),
      )}
    </div>
  );
}

/** The operator's public name beside their picture, or the first letter of the name. */
function Author({ avatar, who }: { avatar: string | undefined; who: string }) {
  const [initial = ""] = who;
  return (
    <span class="who" data-testid="author">
      <span class="avatar" aria-hidden="true">
        {avatar ? <img src={avatar} alt="" /> : initial}
      </span>
      {who}
    </span>
  );
}

export function Quoted({ quote, words, onFind }: { quote: Quote; words: Words; onFind?: (seq: number) => void }) {
  const { seq, name, text } = quote;
  return (
    <button
      type="button"
      class="quoted"
      disabled={seq === undefined || !onFind}
      onClick={() => seq !== undefined && onFind?.(seq)}
      data-testid="quoted"
    >
      <b>{name ?? words.answering}</b>
      <span dir="auto">{text || words.file}</span>
    </button>
  );
}

function Ending({ line, words }: { line: Line; words: Words }) {
  return (
    <div class="message system" data-testid="ending">
      <div class="text">{line.closed === "client" ? words.endedByClient : words.endedByOperator}</div>
    </div>
  );
}

function Time({ at, language }: { at: Date; language: string }) {
  return <time dateTime={at.toISOString()}>{at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" })}</time>;
}

function Mark({ tick, label }: { tick: Tick; label: string }) {
  return (
    <svg class="mark" viewBox="0 0 16 16" role="img" aria-label={label} data-testid="tick">
      <path d={PARTS[tick]} />
    </svg>
  );
}

function nameOf({ name, from }: Line, words: Words): string {
  return name ?? (from === "bot" ? words.bot : words.us);
}

/** What a message is called where it is answered. */
function quoteOf(line: Line, name: string, words: Words): Quote {
  const [file] = line.files;
  const otherwise = file && (file.kind === "image" ? words.picture : file.kind === "voice" ? words.voice : file.name);
  const text = line.text || line.sticker?.emoji || otherwise || "";
  return { ...(line.seq === undefined ? {} : { seq: line.seq }), name, text: [...text].slice(0, 140).join("") };
}
