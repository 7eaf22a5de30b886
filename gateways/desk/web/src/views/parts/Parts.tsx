// What a message holds beside its words, each kind as it is used: pictures are seen, recordings played, files
// saved, places and people opened. What we do not know is said in words.

import type { Part } from "../../contract.ts";
import { useWords } from "../context.ts";
import { Icon } from "../Icon.tsx";
import { useSpoken } from "../spoken.ts";
import { FileCard } from "./FileCard.tsx";
import { Picture } from "./Picture.tsx";
import { Player } from "./Player.tsx";

/** Characters of what came, where we do not know what it is. */
const MOST_RAW = 4000;

export function Parts({ parts }: { parts: readonly Part[] }) {
  return (
    <div class="parts">
      {parts.map((part, index) => (
        <PartView key={part.file?.attachment_id ?? index} part={part} />
      ))}
    </div>
  );
}

function PartView({ part }: { part: Part }) {
  const { file } = part;
  switch (part.kind) {
    case "image":
    case "voice":
    case "audio":
    case "video":
    case "file":
      if (file == null) return <Unsupported part={part} />;
      if (file.state !== "stored") return <FileCard file={file} kind={part.kind} />;
      if (part.kind === "image") return <Picture file={file} />;
      return part.kind === "file" ? <FileCard file={file} kind="file" /> : <Player file={file} kind={part.kind} />;
    case "template":
      return <TemplateName part={part} />;
    case "sticker":
      return <Sticker part={part} />;
    case "location":
      return <Place part={part} />;
    case "contact":
      return <Person part={part} />;
    default:
      return <Unsupported part={part} />;
  }
}

function Unsupported({ part }: { part: Part }) {
  const words = useWords();
  const spoken = useSpoken();
  return (
    <div class="unsupported" data-testid="unsupported">
      <p class="said faint">
        {words.thread.unsupported}
        {part.words != null && `: ${spoken.noun(part.words)}`}
      </p>
      {part.raw != null && (
        <details>
          <summary class="link">{words.messengers.raw}</summary>
          <pre tabIndex={0} aria-label={words.kinds.unsupported} data-testid="raw">
            {JSON.stringify(part.raw, null, 1).slice(0, MOST_RAW)}
          </pre>
        </details>
      )}
    </div>
  );
}

function TemplateName({ part }: { part: Part }) {
  const { messengers } = useWords();
  return (
    <p class="template-name hint" data-testid="template-name">
      <Icon name="template" size={15} />
      {messengers.template(part.name ?? "", part.language ?? "")}
    </p>
  );
}

/** A picture where it is one; else its emoji, and the moving one as a file. */
function Sticker({ part }: { part: Part }) {
  const words = useWords();
  const { file } = part;
  const drawn = file?.state === "stored" && file.mime_type.startsWith("image/");
  if (file != null && drawn) {
    return (
      <div class="sticker-picture" data-testid="sticker">
        <Picture file={{ ...file, name: part.emoji ?? words.kinds.sticker }} />
      </div>
    );
  }
  const moving = file?.state === "stored" ? <FileCard file={{ ...file, name: words.messengers.animated }} kind="sticker" /> : null;
  if (part.emoji != null && part.emoji !== "") {
    return (
      <>
        <p class="sticker" data-testid="sticker">
          <span class="unseen">{words.kinds.sticker} </span>
          {part.emoji}
        </p>
        {moving}
      </>
    );
  }
  return moving ?? (
    <p class="said faint" data-testid="sticker">
      {words.kinds.sticker}
    </p>
  );
}

function Place({ part }: { part: Part }) {
  const words = useWords();
  const { latitude = 0, longitude = 0 } = part;
  const name = [part.title, part.address].filter((one) => one != null && one !== "").join(", ");
  const query = new URLSearchParams({ mlat: String(latitude), mlon: String(longitude) });
  return (
    <a
      class="card-link"
      href={`https://www.openstreetmap.org/?${query}#map=16/${latitude}/${longitude}`}
      target="_blank"
      rel="noopener noreferrer"
      data-testid="location"
    >
      <Icon name="place" />
      <span>
        <b>{name === "" ? words.kinds.location : name}</b>
        <span class="hint">{`${latitude.toFixed(5)}, ${longitude.toFixed(5)} · ${words.files.map}`}</span>
      </span>
    </a>
  );
}

function Person({ part }: { part: Part }) {
  const words = useWords();
  return (
    <div class="person" data-testid="contact">
      <p class="hint">{words.kinds.contact}</p>
      <b>{part.name}</b>
      <ul>
        {(part.phones ?? []).map((phone) => (
          <li key={phone}>
            <a href={`tel:${phone.replace(/[^+\d]/g, "")}`}>{phone}</a>
          </li>
        ))}
        {(part.emails ?? []).map((email) => (
          <li key={email}>
            <a href={`mailto:${encodeURIComponent(email)}`}>{email}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}
